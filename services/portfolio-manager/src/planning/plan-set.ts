import {
  type BarClosed,
  cyclePlanned,
  equityMarked,
  orderProposed,
  type SignalProduced,
} from '@fleet/domain/events';
import { text } from '@fleet/domain/money';
import { cycleId as cycleIdOf, proposalId } from '@fleet/domain/orders';
import {
  costOfOpening,
  equityMark,
  exactEquity,
  flattenOrders,
  isHolding,
  observeBar,
  type PlannedOrder,
  type PlanSignal,
  planCycle,
  pnlFigures,
  type SkippedSymbol,
  startWorking,
} from '@fleet/domain/portfolio';
import type { DecideContext, Decided, Input, NewEvent } from '@fleet/shared/streams';
import type { OpenSet, PlanningState } from './state.ts';

const DONE: Decided = Object.freeze({ kind: 'done' });

/** A set whose entries were all decided before: late or repeated entries of it change nothing. */
function isPast(state: PlanningState, openTime: number): boolean {
  return openTime <= state.plannedSet;
}

function setOf(state: PlanningState, openTime: number, expected: readonly string[]): OpenSet {
  const known = state.openSets.get(openTime);
  if (known !== undefined) return known;
  const set: OpenSet = { openTime, expected, bars: {}, signals: {} };
  state.openSets.set(openTime, set);
  return set;
}

/** A bar joins its set. The first set of a run, once whole, gives the opening mark at its opens. */
export function takeBar(state: PlanningState, data: BarClosed, input: Input): Decided {
  if (isPast(state, data.openTime)) return DONE;
  const { portfolio } = state;
  if (portfolio.balances.size === 0) return { kind: 'wait', for: 'account.snapshot' };
  const set = setOf(state, data.openTime, data.set);
  set.bars[data.symbol] = { open: data.open, close: data.close };
  state.changes.openSets.add(data.openTime);
  if (state.openingMarked || !set.expected.every((symbol) => symbol in set.bars)) return DONE;
  state.openingMarked = true;
  state.changes.account = true;
  for (const index of portfolio.instruments.keys()) state.changes.positions.add(index);
  return { kind: 'done', events: [openingMark(state, set, input)] };
}

function openingMark(state: PlanningState, set: OpenSet, input: Input): NewEvent {
  const { portfolio } = state;
  const opens = Float64Array.from(portfolio.instruments, ({ symbol }) => Number(set.bars[symbol]?.open ?? 0));
  costOfOpening(portfolio, opens);
  const figures = {
    equity: exactEquity(portfolio, opens),
    equityMark: equityMark(portfolio.cash, portfolio.quantities, opens),
  };
  return equityEvent(state, { kind: 'opening', openTime: set.openTime, ...figures }, input);
}

/** A signal joins its set; the one that makes it whole has the cycle planned. */
export function takeSignal(state: PlanningState, data: SignalProduced, input: Input): Decided {
  if (isPast(state, data.openTime)) return DONE;
  const { portfolio } = state;
  const known = state.openSets.get(data.openTime);
  const expected = known?.expected ?? data.set;
  const barsIn = expected.every((symbol) => known !== undefined && symbol in known.bars);
  const last = expected.every(
    (symbol) => symbol === data.symbol || (known !== undefined && symbol in known.signals),
  );
  if (last) {
    // The plan stands on all of these: none of them may be assumed.
    if (!barsIn) return { kind: 'wait', for: `bars of ${new Date(data.openTime).toISOString()}` };
    if (portfolio.trading === null) return { kind: 'wait', for: 'trading state' };
    // A later day than the set's own is one that opened while this service was behind: it will not come back.
    const day = state.days.dayOf(data.openTime);
    if (portfolio.day === null || portfolio.day < day) return { kind: 'wait', for: `trading day ${day}` };
  }
  const set = setOf(state, data.openTime, data.set);
  const { target, stopDistance, confidence, reason } = data;
  set.signals[data.symbol] = { target, stopDistance, confidence, reason };
  state.changes.openSets.add(data.openTime);
  return last ? { kind: 'done', events: planSet(state, set, input) } : DONE;
}

function planSet(state: PlanningState, set: OpenSet, input: Input): NewEvent[] {
  const { portfolio, configuration } = state;
  const signals: (PlanSignal | null)[] = portfolio.instruments.map(
    ({ symbol }) => set.signals[symbol] ?? null,
  );
  for (const [index, { symbol }] of portfolio.instruments.entries()) {
    const bar = set.bars[symbol];
    if (bar === undefined) continue;
    observeBar(portfolio, index, set.openTime, Number(bar.close));
    noteMark(state, index, set.openTime);
    state.lastSignals[index] = signals[index] ?? null;
  }
  state.plannedSet = set.openTime;
  closeSets(state, set.openTime);
  state.changes.account = true;
  const cycleId = cycleIdOf(configuration.interval, set.openTime);
  const mark = equityEvent(
    state,
    {
      kind: 'cycle',
      openTime: set.openTime,
      equity: exactEquity(portfolio, portfolio.closes),
      equityMark: equityMark(portfolio.cash, portfolio.quantities, portfolio.closes),
    },
    input,
  );
  const skipped: SkippedSymbol[] = [];
  const planned = planCycle(portfolio, signals, (symbol, code) => skipped.push({ symbol, code }));
  const decidedAt = set.openTime + configuration.intervalMs;
  const identity = { cycleId, flattenId: flattenIdOf(state), decidedAt };
  return [...propose(state, planned, identity, input, skipped), mark];
}

function flattenIdOf({ portfolio: { trading } }: PlanningState): string | null {
  return trading?.reason === 'FLATTENING' ? trading.flattenId : null;
}

/** Market time: the machine's when live, the close of the newest planned set in a replay. Epoch ms. */
export type MarketClock = (state: PlanningState, wallNow: number) => number;

/** What was asked for between two bar sets is decided when it is asked for, or it would be born expired. */
function decidedNow(state: PlanningState, wallNow: number, market: MarketClock): number {
  const lastClose = Math.max(0, state.plannedSet + state.configuration.intervalMs);
  return Math.max(lastClose, market(state, wallNow));
}

/** What of an earlier set is still to come counts no more. */
function closeSets(state: PlanningState, openTime: number): void {
  for (const time of [...state.openSets.keys()]) {
    if (time > openTime) continue;
    state.openSets.delete(time);
    state.changes.openSets.add(time);
  }
}

function noteMark(state: PlanningState, index: number, openTime: number): void {
  const { portfolio, changes, run } = state;
  changes.marks.push({
    run,
    symbol: portfolio.instruments[index]?.symbol,
    ordinal: portfolio.windows[index]?.count ?? 0,
    open_time: openTime,
    close: portfolio.closes[index],
  });
  changes.positions.add(index);
}

/** Sells everything sellable for a flatten; waits until the state that asks for it is known here. */
export function takeFlatten(
  state: PlanningState,
  data: { flattenId: string; stateEpoch: number },
  input: Input,
  { wallNow }: DecideContext,
  market: MarketClock,
): Decided {
  const { portfolio } = state;
  if (portfolio.trading === null || portfolio.trading.epoch < data.stateEpoch) {
    return { kind: 'wait', for: `trading state ${data.stateEpoch}` };
  }
  const orders = flattenOrders(portfolio, 'flatten');
  const { flattenId } = data;
  const identity = { cycleId: flattenId, flattenId, decidedAt: decidedNow(state, wallNow, market) };
  return { kind: 'done', events: propose(state, orders, identity, input, []) };
}

/** Plans anew on the newest signals, because a person asks. */
export function takeRebalance(
  state: PlanningState,
  data: { requestId: string },
  input: Input,
  { wallNow }: DecideContext,
  market: MarketClock,
): Decided {
  const { portfolio } = state;
  if (portfolio.trading === null || state.plannedSet < 0) {
    return { kind: 'done', events: [], result: { proposals: [], skipped: [] } };
  }
  const skipped: SkippedSymbol[] = [];
  const planned = planCycle(portfolio, state.lastSignals, (symbol, code) => skipped.push({ symbol, code }));
  // A plan may end a stop-out.
  for (const index of portfolio.instruments.keys()) state.changes.positions.add(index);
  const cycleId = `rebalance:${data.requestId}`;
  const decidedAt = decidedNow(state, wallNow, market);
  const events = propose(
    state,
    planned,
    { cycleId, flattenId: flattenIdOf(state), decidedAt },
    input,
    skipped,
  );
  const proposals = events.flatMap((event) => (event.type === orderProposed.type ? [event.data] : []));
  return { kind: 'done', events, result: { proposals, skipped } };
}

interface ProposeFor {
  readonly cycleId: string;
  readonly flattenId: string | null;
  /** Market time, epoch ms. */
  readonly decidedAt: number;
}

function propose(
  state: PlanningState,
  planned: readonly PlannedOrder[],
  { cycleId, flattenId, decidedAt }: ProposeFor,
  input: Input,
  skipped: readonly SkippedSymbol[],
): NewEvent[] {
  const { portfolio, configuration, run } = state;
  // A flatten before the first bar set finds nothing to sell, and says so.
  const openTime = Math.max(0, state.plannedSet);
  const day = state.days.dayOf(openTime);
  const events: NewEvent[] = [];
  const ids: string[] = [];
  for (const [sequence, order] of planned.entries()) {
    const id = proposalId({ run, cycle: cycleId, symbol: order.symbol, purpose: order.purpose, sequence });
    const index = portfolio.indexOf.get(order.symbol) as number;
    startWorking(portfolio, id, { index, side: order.side, quantity: Number(order.quantity) });
    noteProposal(state, id, order, { cycleId, sequence, decidedAt });
    ids.push(id);
    events.push({
      type: orderProposed.type,
      key: run,
      ts: input.ts,
      data: {
        ...order,
        proposalId: id,
        cycleId,
        type: 'market',
        limitPrice: null,
        sequence,
        flattenId: order.purpose === 'flatten' ? flattenId : null,
        barTime: openTime,
        day: portfolio.day ?? day,
        ledgerVersion: portfolio.ledgerVersion,
        stateEpoch: portfolio.trading?.epoch ?? 0,
        decidedAt,
        validForMs: configuration.portfolio.validForMs,
      },
    });
  }
  const data = { cycleId, openTime, day, proposals: ids, skipped };
  return [...events, { type: cyclePlanned.type, key: run, ts: input.ts, data }];
}

function noteProposal(
  state: PlanningState,
  id: string,
  order: PlannedOrder,
  at: { readonly cycleId: string; readonly sequence: number; readonly decidedAt: number },
): void {
  state.changes.working.add(id);
  state.changes.proposals.push({
    run: state.run,
    proposal_id: id,
    cycle_id: at.cycleId,
    symbol: order.symbol,
    side: order.side,
    purpose: order.purpose,
    sequence: at.sequence,
    quantity: order.quantity,
    reference: order.referencePrice,
    reason: order.reason,
    decided_at: at.decidedAt,
  });
}

interface Marked {
  readonly kind: 'opening' | 'cycle';
  readonly openTime: number;
  readonly equity: string;
  readonly equityMark: number;
}

function equityEvent(state: PlanningState, marked: Marked, input: Input): NewEvent {
  const { portfolio, run } = state;
  const { kind, openTime, equity, equityMark: value } = marked;
  const cycleId = cycleIdOf(state.configuration.interval, openTime);
  const day = state.days.dayOf(openTime);
  const cash = text(portfolio.balances.get(portfolio.quote) ?? 0);
  const { realisedPnl, unrealisedPnl, fees } = pnlFigures(portfolio);
  const pnl = { realisedPnl: short(realisedPnl), unrealisedPnl: short(unrealisedPnl), fees };
  state.changes.equity.push({
    run,
    open_time: openTime,
    kind,
    cycle_id: cycleId,
    day,
    equity,
    equity_mark: value,
    cash,
    realised_pnl: pnl.realisedPnl,
    unrealised_pnl: pnl.unrealisedPnl,
    fees,
  });
  const holding = portfolio.instruments
    .filter((_, index) => isHolding(portfolio, index))
    .map(({ symbol }) => symbol);
  const head = { kind, cycleId, openTime, day, equity, equityMark: value, cash };
  return {
    type: equityMarked.type,
    key: run,
    ts: input.ts,
    data: {
      ...head,
      ...pnl,
      holding: kind === 'opening' ? [] : holding,
      ledgerVersion: portfolio.ledgerVersion,
    },
  };
}

/** Average costs divide: their figures are kept to 18 decimals on the wire. */
function short(value: string): string {
  const dot = value.indexOf('.');
  return dot < 0 ? value : value.slice(0, dot + 19);
}
