import type { cancelAllRequested, tradingStateChanged } from '@fleet/domain/events';
import { cancelEntries, cancelStops, openEntries } from '@fleet/domain/execution';
import type { z } from 'zod';
import { alarm, speakDeskEvent } from '../book/speak.ts';
import { marketTime } from '../book/state.ts';
import type { Turn } from '../book/turn.ts';

type StateChanged = z.output<typeof tradingStateChanged.schema>;
type CancelAll = Pick<z.output<typeof cancelAllRequested.schema>, 'cancelStops' | 'requestedBy'>;

/** Stores a newer trading state; it is confirmed when nothing of an older one is on its way. */
export function takeTradingState(turn: Turn, { state: trading }: StateChanged): void {
  const { account } = turn.state;
  if (trading.epoch <= account.epoch) return;
  account.epoch = trading.epoch;
  account.trading = trading;
  account.unconfirmed = [...account.unconfirmed, trading];
  // The sells of a flatten must not meet open entries, whichever of the two streams is faster.
  if (trading.reason === 'FLATTENING') cancelOpenEntries(turn);
}

/** Ids of the orders that the cancel concerns. */
export interface Canceling {
  readonly entries: readonly string[];
  readonly stops: readonly string[];
}

/** Cancels open entries; protective stops stay unless it is asked for by name. */
export function takeCancelAll(turn: Turn, { cancelStops: stopsToo, requestedBy }: CancelAll): Canceling {
  const entries = cancelOpenEntries(turn);
  if (!stopsToo) return { entries, stops: [] };
  const stops = cancelStops(turn.state.desk).map(({ clientOrderId }) => clientOrderId);
  if (stops.length > 0)
    alarm(turn, {
      code: 'POSITION_UNPROTECTED',
      severity: 'critical',
      about: `cancel-all:${turn.input.id}`,
      title: `${stops.length} protective stops are canceled on request`,
      text: `${requestedBy} asked for it. The positions have no stop until their next fill.`,
      figures: { stops: stops.length },
    });
  return { entries, stops };
}

function cancelOpenEntries(turn: Turn): readonly string[] {
  const { desk } = turn.state;
  const open = openEntries(desk).map(({ clientOrderId }) => clientOrderId);
  for (const event of cancelEntries(desk, marketTime(turn.state, turn.now))) speakDeskEvent(turn, event);
  return open;
}
