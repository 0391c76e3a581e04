import type { Instrument } from '../instruments/index.ts';
import { floorToLot } from '../instruments/index.ts';
import { type Decimal, decimal, roundToStep, text } from '../money/index.ts';
import type { OrderPurpose } from '../orders/index.ts';
import { hasWorkingSell } from './bars.ts';
import { equityMark } from './mark.ts';
import { isHolding, type PortfolioState, sellable } from './state.ts';

/** What the planner takes of a signal. */
export interface PlanSignal {
  readonly target: number;
  readonly stopDistance: number | null;
  readonly confidence: number;
  readonly reason: string;
}

/** A wish for an order, before identity and gate. Decimal texts. */
export interface PlannedOrder {
  readonly symbol: string;
  readonly side: 'buy' | 'sell';
  readonly quantity: string;
  readonly referencePrice: string;
  readonly stopDistance: string | null;
  readonly purpose: OrderPurpose;
  readonly confidence: number;
  readonly reason: string;
}

export interface SkippedSymbol {
  readonly symbol: string;
  readonly code:
    | 'NO_BAR'
    | 'NO_SIGNAL'
    | 'VOLATILITY_UNKNOWN'
    | 'WITHIN_BAND'
    | 'ORDER_WORKING'
    | 'STOPPED_OUT'
    | 'ENTRY_TOO_SMALL'
    | 'FLAT'
    | 'TRADING_REDUCING'
    | 'TRADING_HALTED';
}

/** Called with each symbol that gets no order; the backtest passes none and pays nothing. */
export type OnSkip = (symbol: string, code: SkippedSymbol['code']) => void;

const NO_ORDERS: readonly PlannedOrder[] = Object.freeze([]);

/**
 * Weight that a signal asks for: min(cap, signal × volTarget / σ), σ the annualised sample deviation of the last
 * `volWindow` simple returns. 0 while σ is unknown or zero: what cannot be measured is not traded.
 */
export function targetWeight(state: PortfolioState, index: number, target: number): number {
  if (target <= 0) return 0;
  const deviation = state.windows[index]?.deviation() ?? 0;
  if (deviation === 0) return 0;
  const symbol = state.instruments[index]?.symbol ?? '';
  const cap = state.rules.symbolCaps[symbol] ?? state.rules.symbolCap;
  return Math.min(cap, (target * state.rules.volTarget) / (deviation * Math.sqrt(state.barsPerYear)));
}

/**
 * Orders of a closed bar set: signals (by symbol in configured order, null where the set has none) to target weights
 * to quantities. Sells come before buys, symbols in configured order. It keeps no state but `blocked`.
 */
export function planOrders(
  state: PortfolioState,
  signals: readonly (PlanSignal | null)[],
  onSkip?: OnSkip,
): readonly PlannedOrder[] {
  const equity = equityMark(state.cash, state.quantities, state.closes);
  let orders: PlannedOrder[] | null = null;
  clearBlocks(state, signals);
  for (let index = 0; index < signals.length; index += 1) {
    const signal = signals[index] ?? null;
    const order: PlannedOrder | null =
      signal === null
        ? skip(state, index, 'NO_SIGNAL', onSkip)
        : planSymbol(state, index, signal, { equity, orders }, onSkip);
    if (order === null) continue;
    if (orders === null) orders = [order];
    else orders.push(order);
  }
  return orders === null ? NO_ORDERS : sellsFirst(orders);
}

/** A signal of 0 ends a stop-out, also while nothing else is planned from signals. */
function clearBlocks(state: PortfolioState, signals: readonly (PlanSignal | null)[]): void {
  for (let index = 0; index < signals.length; index += 1) {
    if (signals[index]?.target === 0) state.blocked[index] = 0;
  }
}

/** What the whole plan shares: equity, and the orders planned so far. */
interface PlanSoFar {
  readonly equity: number;
  readonly orders: readonly PlannedOrder[] | null;
}

function sellsFirst(orders: readonly PlannedOrder[]): readonly PlannedOrder[] {
  if (orders.length < 2) return orders;
  return [...orders.filter((o) => o.side === 'sell'), ...orders.filter((o) => o.side === 'buy')];
}

function skip(state: PortfolioState, index: number, code: SkippedSymbol['code'], onSkip?: OnSkip): null {
  if (onSkip !== undefined) onSkip((state.instruments[index] as Instrument).symbol, code);
  return null;
}

function planSymbol(
  state: PortfolioState,
  index: number,
  signal: PlanSignal,
  soFar: PlanSoFar,
  onSkip?: OnSkip,
): PlannedOrder | null {
  const { equity } = soFar;
  if ((state.workingBySymbol[index] ?? 0) > 0) return skip(state, index, 'ORDER_WORKING', onSkip);
  const holding = isHolding(state, index);
  const mode = state.trading === null ? 'HALTED' : state.trading.mode;
  // The gate would refuse it: nothing is proposed that the state, as it is known here, forbids.
  if (mode === 'HALTED') return skip(state, index, 'TRADING_HALTED', onSkip);
  if (signal.target === 0) {
    return holding ? exitOrder(state, index, 'exit', signal) : skip(state, index, 'FLAT', onSkip);
  }
  if (state.blocked[index] === 1) {
    // Its target is 0: what a half filled stop left, or a buy that was on its way, goes too.
    if (holding) return exitOrder(state, index, 'exit', { ...signal, reason: 'stopped-out' });
    return skip(state, index, 'STOPPED_OUT', onSkip);
  }
  const close = state.closes[index] as number;
  const full = targetWeight(state, index, signal.target);
  if (full === 0 || !(equity > 0)) return skip(state, index, 'VOLATILITY_UNKNOWN', onSkip);
  const wanted = cappedByGroup(state, index, full, soFar);
  const weight = ((state.quantities[index] as number) * close) / equity;
  const { band } = state.rules;
  if (Math.abs(wanted - weight) <= band) return skip(state, index, 'WITHIN_BAND', onSkip);
  if (wanted > weight && mode !== 'ACTIVE') return skip(state, index, 'TRADING_REDUCING', onSkip);
  if (wanted > weight)
    return buyOrder(state, index, signal, ((wanted - band - weight) * equity) / close, onSkip);
  return holding
    ? reduceOrder(state, index, signal, ((weight - wanted - band) * equity) / close, onSkip)
    : skip(state, index, 'WITHIN_BAND', onSkip);
}

/** What of a weight the caps of its groups leave: what the other members hold, buy and are about to buy counts. */
function cappedByGroup(state: PortfolioState, index: number, wanted: number, soFar: PlanSoFar): number {
  if (state.rules.groups.length === 0) return wanted;
  let capped = wanted;
  const symbol = state.instruments[index]?.symbol ?? '';
  for (const group of state.rules.groups) {
    if (!group.symbols.includes(symbol)) continue;
    let others = 0;
    for (const member of group.symbols) {
      const at = state.indexOf.get(member);
      if (at === undefined || at === index) continue;
      const units = (state.quantities[at] as number) + buying(state, at, soFar.orders);
      others += (units * (state.closes[at] as number)) / soFar.equity;
    }
    capped = Math.max(0, Math.min(capped, group.cap - others));
  }
  return capped;
}

/** Base units that buys of the symbol may still add: those on their way, and those of this plan. */
function buying(state: PortfolioState, index: number, orders: readonly PlannedOrder[] | null): number {
  let units = 0;
  for (const order of state.working.values())
    if (order.index === index && order.side === 'buy') units += order.quantity;
  const symbol = state.instruments[index]?.symbol;
  for (const order of orders ?? [])
    if (order.symbol === symbol && order.side === 'buy') units += Number(order.quantity);
  return units;
}

function buyOrder(
  state: PortfolioState,
  index: number,
  signal: PlanSignal,
  baseUnits: number,
  onSkip?: OnSkip,
): PlannedOrder | null {
  const instrument = state.instruments[index] as Instrument;
  const close = state.closes[index] as number;
  const notionalMin = Number(instrument.notionalMin) * state.rules.entryNotionalFactor;
  const worstPrice = signal.stopDistance === null ? close : close - signal.stopDistance;
  if (baseUnits * worstPrice < notionalMin) return skip(state, index, 'ENTRY_TOO_SMALL', onSkip);
  const quantity = floorToLot(instrument, decimal(baseUnits));
  if (quantity.lt(instrument.quantityMin) || quantity.toNumber() * worstPrice < notionalMin) {
    return skip(state, index, 'ENTRY_TOO_SMALL', onSkip);
  }
  const purpose = isHolding(state, index) ? 'rebalance' : 'entry';
  return order(state, index, 'buy', quantity, purpose, signal);
}

function reduceOrder(
  state: PortfolioState,
  index: number,
  signal: PlanSignal,
  baseUnits: number,
  onSkip?: OnSkip,
): PlannedOrder | null {
  const instrument = state.instruments[index] as Instrument;
  const held = sellable(state, index);
  const quantity = floorToLot(instrument, decimal(baseUnits));
  const notional = quantity.toNumber() * (state.closes[index] as number);
  if (quantity.lt(instrument.quantityMin) || notional < Number(instrument.notionalMin)) {
    return skip(state, index, 'WITHIN_BAND', onSkip);
  }
  return order(state, index, 'sell', quantity.gt(held) ? held : quantity, 'reduce', signal);
}

/** Sells all that is sellable. */
export function exitOrder(
  state: PortfolioState,
  index: number,
  purpose: OrderPurpose,
  signal: Pick<PlanSignal, 'confidence' | 'reason'>,
): PlannedOrder {
  return order(state, index, 'sell', sellable(state, index), purpose, {
    ...signal,
    target: 0,
    stopDistance: null,
  });
}

function order(
  state: PortfolioState,
  index: number,
  side: 'buy' | 'sell',
  quantity: Decimal,
  purpose: OrderPurpose,
  signal: PlanSignal,
): PlannedOrder {
  const instrument = state.instruments[index] as Instrument;
  const distance = side === 'buy' && signal.stopDistance !== null ? signal.stopDistance : null;
  return {
    symbol: instrument.symbol,
    side,
    quantity: text(quantity),
    referencePrice: text(state.closes[index] as number),
    // Rounded up to the tick: the stop stands at least as far as the strategy said.
    stopDistance: distance === null ? null : text(roundToStep(decimal(distance), instrument.tickSize, 'up')),
    purpose,
    confidence: signal.confidence,
    reason: signal.reason,
  };
}

/** The orders of a cycle: while the fleet flattens, what is left to sell; otherwise what the signals ask for. */
export function planCycle(
  state: PortfolioState,
  signals: readonly (PlanSignal | null)[],
  onSkip?: OnSkip,
): readonly PlannedOrder[] {
  if (state.trading?.reason !== 'FLATTENING') return planOrders(state, signals, onSkip);
  clearBlocks(state, signals);
  return flattenOrders(state, 'flatten');
}

/** Orders that sell everything sellable, in configured order (a flatten). Symbols with a working sell are left out. */
export function flattenOrders(state: PortfolioState, reason: string): readonly PlannedOrder[] {
  const orders: PlannedOrder[] = [];
  for (let index = 0; index < state.instruments.length; index += 1) {
    if (!isHolding(state, index) || hasWorkingSell(state, index)) continue;
    orders.push(exitOrder(state, index, 'flatten', { confidence: 1, reason }));
  }
  return orders;
}
