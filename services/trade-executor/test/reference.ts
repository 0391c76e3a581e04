import {
  accepted,
  authorise,
  cancelRefused,
  type DeskOrder,
  deskOrderOf,
  emptyDesk,
  ended,
  filled,
  nextCommand,
  REPLACE_NOT_SENT,
  type VenueCommand,
} from '@fleet/domain/execution';
import { createSimulatedVenue, type MatchingBar, type VenueEvent } from '@fleet/domain/matching';
import { decimal, text } from '@fleet/domain/money';
import { FROM, INSTRUMENTS, MINUTE, SYMBOLS, scripted, VENUE } from './script.ts';

export interface ReferenceOrder {
  readonly cycleId: string;
  readonly symbol: string;
  readonly purpose: string;
  readonly sequence: number;
  readonly side: string;
  readonly type: string;
  readonly quantity: string;
  readonly triggerPrice: string | null;
  readonly state: string;
  readonly filled: string;
}

export interface Reference {
  readonly orders: readonly ReferenceOrder[];
  readonly trades: number;
  readonly balances: Readonly<Record<string, string>>;
}

/** The script against desk and venue of the domain alone, composed as the backtest composes them. */
export function reference(bars: ReadonlyMap<number, readonly MatchingBar[]>, run: string): Reference {
  const venue = createSimulatedVenue(
    { ...VENUE, instruments: INSTRUMENTS },
    {
      balances: { ...Object.fromEntries(INSTRUMENTS.map(({ base }) => [base, '0'])), ...VENUE.startBalances },
    },
  );
  const desk = emptyDesk(run, INSTRUMENTS);
  const orders = new Map<string, DeskOrder>();
  let trades = 0;
  let time = FROM;
  const end = (id: string, how: 'canceled' | 'expired' | 'rejected', code: string) =>
    ended(desk, id, how, { code, reason: code, time });
  const place = (id: string, answer: ReturnType<typeof venue.place>) => {
    if ('refusal' in answer) end(id, 'rejected', answer.refusal);
    else accepted(desk, id, String(answer.order.orderId), time);
  };
  const send = (command: VenueCommand) => {
    const { order } = command;
    orders.set(order.clientOrderId, order);
    if (command.kind === 'cancel') {
      if ('refusal' in venue.cancel(order.symbol, order.clientOrderId, time))
        cancelRefused(desk, order.clientOrderId);
      else end(order.clientOrderId, 'canceled', 'requested');
    } else if (command.kind === 'place') place(order.clientOrderId, venue.place(requestOf(order), time));
    else {
      const answer = venue.cancelReplace(command.cancel.clientOrderId, requestOf(order), time);
      if (answer.place === null) end(order.clientOrderId, 'rejected', REPLACE_NOT_SENT);
      else {
        end(command.cancel.clientOrderId, 'canceled', 'replaced');
        place(order.clientOrderId, answer.place);
      }
    }
  };
  const pump = () => {
    for (const { index } of desk.symbols)
      for (let command = nextCommand(desk, index); command !== null; command = nextCommand(desk, index))
        send(command);
  };
  const book = (events: readonly VenueEvent[]) => {
    for (const event of events) {
      if (event.kind === 'ended') end(event.order.clientOrderId, 'expired', 'venue');
      else {
        trades += 1;
        filled(desk, { ...event.trade, tradeId: String(event.trade.tradeId) });
      }
    }
    pump();
  };
  for (const [openTime, set] of bars) {
    time = openTime;
    if (venue.couldMatchOpen(set)) book(venue.open(set));
    if (venue.couldMatchPath(set)) book(venue.path(set, MINUTE));
    time = openTime + MINUTE;
    venue.close(set);
    const prices = Object.fromEntries(SYMBOLS.map((symbol) => [symbol, venue.lastPrice(symbol) ?? 0]));
    for (const order of scripted({ run, openTime, epoch: 1, held: totals(venue.balances()), prices })) {
      const taken = deskOrderOf(order, { referencePrice: '1', reason: 'test' });
      orders.set(taken.clientOrderId, taken);
      authorise(desk, taken);
    }
    pump();
  }
  const balances = venue.balances();
  return {
    orders: [...orders.values()].map(recorded),
    trades,
    balances: Object.fromEntries(
      Object.entries(balances).map(([asset, { free, locked }]) => [asset, text(decimal(free).add(locked))]),
    ),
  };
}

function requestOf(order: DeskOrder) {
  return {
    clientOrderId: order.clientOrderId,
    symbol: order.symbol,
    side: order.side,
    type: order.type === 'market' ? ('MARKET' as const) : ('STOP_LOSS' as const),
    quantity: order.quantity,
    price: null,
    stopPrice: order.triggerPrice,
  };
}

/** Base held by symbol. */
export function totals(
  balances: Readonly<Record<string, { readonly free: string; readonly locked: string }>>,
): Record<string, string> {
  return Object.fromEntries(
    INSTRUMENTS.map(({ symbol, base }) => {
      const { free, locked } = balances[base] ?? { free: '0', locked: '0' };
      return [symbol, text(decimal(free).add(locked))];
    }),
  );
}

function recorded(order: DeskOrder): ReferenceOrder {
  const { cycleId, symbol, purpose, sequence, side, type, quantity, triggerPrice, state } = order;
  return {
    ...{ cycleId, symbol, purpose, sequence, side, type, quantity, triggerPrice, state },
    filled: text(order.filled),
  };
}
