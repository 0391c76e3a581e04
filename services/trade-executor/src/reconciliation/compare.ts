import { type Decimal, decimal, text, ZERO } from '@fleet/domain/money';
import { type ExecutorState, openIntentOf, standsAtVenue } from '../book/state.ts';
import type { Balances, OrderFact } from '../venue/port.ts';

/** The venue as it was read between two looks at the books that showed the same. */
export interface VenueView {
  /** Sequence of the books when reading began. */
  readonly sequence: number;
  readonly intents: number;
  readonly balances: Balances['balances'];
  readonly time: number;
  readonly openOrders: readonly OrderFact[];
  /** Newest trade by symbol. */
  readonly newestTradeIds: Readonly<Record<string, number>>;
}

export interface Difference {
  readonly kind: 'balance' | 'order' | 'fill';
  readonly subject: string;
  readonly ours: string;
  readonly venue: string;
}

/** True when the books have moved since the view was taken: comparing would find differences that are none. */
export function isOutdated(state: ExecutorState, view: VenueView): boolean {
  const { account, trades } = state;
  if (account.sequence !== view.sequence || account.lastIntentId !== view.intents) return true;
  return Object.entries(view.newestTradeIds).some(([symbol, id]) => id > (trades.get(symbol)?.last ?? 0));
}

export function totalsOf(balances: Balances['balances']): Map<string, Decimal> {
  return new Map(
    Object.entries(balances).map(([asset, { free, locked }]) => [asset, decimal(free).add(locked)]),
  );
}

/** What our books and the venue say differently. */
export function differencesOf(state: ExecutorState, view: VenueView): readonly Difference[] {
  return [...balanceDifferences(state, view), ...orderDifferences(state, view)];
}

function balanceDifferences({ account }: ExecutorState, view: VenueView): Difference[] {
  const venue = totalsOf(view.balances);
  const assets = new Set([...venue.keys(), ...account.balances.keys()]);
  const differences: Difference[] = [];
  for (const asset of assets) {
    const [ours, theirs] = [account.balances.get(asset) ?? ZERO, venue.get(asset) ?? ZERO];
    if (!ours.eq(theirs))
      differences.push({ kind: 'balance', subject: asset, ours: text(ours), venue: text(theirs) });
  }
  return differences;
}

function orderDifferences(state: ExecutorState, { openOrders }: VenueView): Difference[] {
  const differences: Difference[] = [];
  const open = new Map(openOrders.map((fact) => [fact.clientOrderId, fact]));
  for (const order of state.desk.orders.values()) {
    // What a request in flight does to the symbol is not known yet.
    if (openIntentOf(state, order.symbol) !== null) continue;
    const fact = open.get(order.clientOrderId);
    const subject = `${order.symbol} ${order.clientOrderId}`;
    if (standsAtVenue(order) !== (fact !== undefined))
      differences.push({ kind: 'order', subject, ours: order.state, venue: fact?.status ?? 'not open' });
    else if (fact !== undefined && !order.filled.eq(fact.executed))
      differences.push({ kind: 'fill', subject, ours: text(order.filled), venue: fact.executed });
  }
  return differences;
}

/** Symbols that a difference touches: one of the quote asset touches them all. */
export function frozenBy(state: ExecutorState, differences: readonly Difference[]): readonly string[] {
  const { instruments } = state.scope;
  return instruments
    .filter(({ symbol, base, quote }) =>
      differences.some(({ kind, subject }) =>
        kind === 'balance' ? subject === base || subject === quote : subject.startsWith(`${symbol} `),
      ),
    )
    .map(({ symbol }) => symbol);
}
