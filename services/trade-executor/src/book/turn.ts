import type { DecideContext, Decided, Input, NewEvent } from '@fleet/shared/streams';
import type { ExecutorState } from './state.ts';

/** What happens after the commit; the session does it. */
export type Effect =
  /** Send the intent's request. */
  | { readonly kind: 'send'; readonly intent: number }
  /** Nobody knows what became of it: ask until it is known. */
  | { readonly kind: 'resolve'; readonly intent: number }
  /** The venue knows of trades that are not booked. */
  | { readonly kind: 'sync'; readonly symbol: string; readonly afterMs: number }
  /** A symbol rests and is taken up again after so long. */
  | { readonly kind: 'resume'; readonly index: number; readonly afterMs: number }
  /** A trading state may be confirmed then. */
  | { readonly kind: 'confirm'; readonly afterMs: number }
  /** For the metrics alone, all of the following. */
  | { readonly kind: 'ended'; readonly state: string; readonly purpose: string }
  | { readonly kind: 'refused'; readonly code: string }
  | { readonly kind: 'unknown' }
  /** The venue took an order for the first time, so long after its approval was taken here. */
  | { readonly kind: 'accepted'; readonly afterMs: number }
  | { readonly kind: 'reconciled'; readonly differences: number };

/** One decision in the making: the state that it changes, what it says, and what it sets in motion. */
export interface Turn {
  readonly state: ExecutorState;
  readonly input: Input;
  /** Wall time. */
  readonly now: number;
  readonly events: NewEvent[];
  readonly effects: Effect[];
  result: unknown;
}

export function beginTurn(state: ExecutorState, input: Input, context: DecideContext): Turn {
  return { state, input, now: context.wallNow, events: [], effects: [], result: undefined };
}

export function decidedBy({ events, effects, result }: Turn): Decided {
  return { kind: 'done', events, effects, result };
}
