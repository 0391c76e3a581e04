import type { BarFault } from '@fleet/domain/bars';
import type { BarSet, ExactBar } from '../bar-set/decide.ts';

/** Past bars for a version that is to speak: the ones right before its first set, ascending. */
export interface WarmUp {
  readonly symbol: string;
  readonly version: string;
  readonly bars: readonly ExactBar[];
}

/** What is decided on beside the streams, by input type. */
export interface LocalInputs {
  /** The run's first sight of the venue: sets begin after `cursor`. */
  readonly 'feed.begun': { readonly cursor: number; readonly warmUps: readonly WarmUp[] };
  readonly 'bar-set.closed': {
    readonly set: BarSet;
    /** Open time of the set before it, so that none is left out when one was not decided. */
    readonly after: number;
    readonly warmUps: readonly WarmUp[];
    /** Fetched afterwards, not heard when it closed. */
    readonly repaired: boolean;
  };
  readonly 'bar.refused': { readonly bar: ExactBar; readonly fault: BarFault };
  readonly 'feed.silent': { readonly symbol: string; readonly ageMs: number };
}
