import { type Bar, judgeBar, recordBar } from '../bars/index.ts';
import type { TradingState } from '../events/orchestration.ts';
import { type Decimal, decimal, ZERO } from '../money/index.ts';
import type { OrderPurpose } from '../orders/index.ts';
import { type RiskState, riskBalance, setRiskBalance } from './state.ts';

/** What risk takes of a fill; decimal texts. */
export interface RiskFill {
  readonly proposalId: string | null;
  readonly symbol: string;
  readonly side: 'buy' | 'sell';
  readonly purpose: OrderPurpose;
  readonly quantity: string;
  readonly quoteQuantity: string;
  readonly fee: string;
  readonly feeAsset: string;
}

/**
 * Moves a fill from its reservation to the balances, in one step. `stop` is the trigger of the protective stop after
 * this fill, by the domain's one function, or null when none stands or nothing is held.
 */
export function applyRiskFill(state: RiskState, fill: RiskFill, stop: Decimal | null): void {
  const index = state.indexOf.get(fill.symbol);
  if (index === undefined) return;
  const instrument = state.instruments[index];
  if (instrument === undefined) return;
  const sign = fill.side === 'buy' ? 1 : -1;
  move(state, instrument.base, decimal(fill.quantity).mul(sign));
  move(state, instrument.quote, decimal(fill.quoteQuantity).mul(-sign));
  move(state, fill.feeAsset, decimal(fill.fee).neg());
  (state.held[index] as { stop: number | null }).stop = stop === null ? null : stop.toNumber();
  if (fill.proposalId === null) return;
  const reservation = state.reservations.get(fill.proposalId);
  if (reservation === undefined) return;
  reservation.remaining = reservation.remaining.sub(fill.quantity);
  if (reservation.remaining.lte(ZERO)) state.reservations.delete(fill.proposalId);
}

function move(state: RiskState, asset: string, amount: Decimal): void {
  if (amount.isZero()) return;
  setRiskBalance(state, asset, riskBalance(state, asset).add(amount));
}

/** The order has ended: what it did not use is free again. */
export function releaseReservation(state: RiskState, proposalId: string | null): void {
  if (proposalId !== null) state.reservations.delete(proposalId);
}

/**
 * Takes a symbol's closed bar: reference price, age and reasonability. Bars come in rising order; a repeated one
 * changes nothing. An impossible bar sets no price, and the symbol stays implausible until a good one comes.
 */
export function observeRiskBar(state: RiskState, index: number, bar: Bar): void {
  const market = state.market[index];
  if (market === undefined || bar.openTime <= (state.barTimes[index] as number)) return;
  state.barTimes[index] = bar.openTime;
  state.closeTimes[index] = bar.openTime + state.barLimits.intervalMs;
  const verdict = judgeBar(market.previous, bar, market.history, state.barLimits);
  state.implausible[index] =
    verdict.verdict === 'reasonable' ? null : verdict.faults.map((fault) => fault.code).join(',');
  if (verdict.verdict === 'impossible') return;
  recordBar(market.history, market.previous === null ? null : market.previous.close, bar);
  market.previous = bar;
  state.closes[index] = bar.close;
}

/** Takes a trading state with a higher epoch; a target reached stays locked until its day closes. */
export function applyTradingState(state: RiskState, trading: TradingState): void {
  if (state.trading !== null && trading.epoch <= state.trading.epoch) return;
  state.trading = trading;
  if (trading.reason === 'DAILY_TARGET' || trading.cause === 'DAILY_TARGET')
    state.targetLockedDay = trading.day;
}

/** A trading day begins, or begins anew, at the equity of the last mark: no target is reached yet. */
export function openRiskDay(state: RiskState, day: string, openingEquityMark: number): void {
  state.targetLockedDay = null;
  state.day = { day, openingEquityMark, netDeposits: 0 };
}
