import type { AccountSnapshot, BarClosed, DayOpened, OrderFilled, TradingState } from '@fleet/domain/events';
import { type Protection, protectAfterFill, UNPROTECTED } from '@fleet/domain/execution';
import { decimal } from '@fleet/domain/money';
import {
  applyRiskFill,
  applyTradingState,
  observeRiskBar,
  openRiskDay,
  releaseReservation,
  riskBalance,
  setRiskBalance,
} from '@fleet/domain/risk';
import { FleetError } from '@fleet/shared/errors';
import type { OpenSet, OrderCheckState } from './state.ts';

/** A hole in the account's sequence: something was booked elsewhere that never came here. */
export function sequenceGap(have: number, got: number): FleetError {
  return new FleetError(`exec.status jumps from ${have} to ${got}`, {
    code: 'EXEC_STATUS_GAP',
    retry: 'park',
    action:
      'Look for parked or dropped entries of exec.status, requeue them in order, then requeue this one.',
  });
}

/** Takes the account's next sequence. False for one that was applied before. */
export function takeSequence(state: OrderCheckState, sequence: number): boolean {
  const { risk } = state;
  if (sequence <= risk.ledgerVersion) return false;
  if (sequence !== risk.ledgerVersion + 1) throw sequenceGap(risk.ledgerVersion, sequence);
  risk.ledgerVersion = sequence;
  state.changes.account = true;
  return true;
}

export function takeBar(state: OrderCheckState, data: BarClosed): void {
  const { risk } = state;
  state.market = Math.max(state.market, data.closeTime);
  const index = risk.indexOf.get(data.symbol);
  if (index !== undefined) {
    const { symbol, openTime } = data;
    observeRiskBar(risk, index, {
      symbol,
      openTime,
      open: Number(data.open),
      high: Number(data.high),
      low: Number(data.low),
      close: Number(data.close),
      volume: Number(data.volume),
    });
    state.changes.symbols.add(index);
  }
  if (data.openTime <= state.completeSet) return;
  const set: OpenSet =
    state.openSet?.openTime === data.openTime
      ? state.openSet
      : { openTime: data.openTime, expected: data.set, got: [] };
  if (!set.got.includes(data.symbol)) set.got.push(data.symbol);
  const complete = set.expected.every((symbol) => set.got.includes(symbol));
  if (complete) state.completeSet = set.openTime;
  state.openSet = complete ? null : set;
  state.changes.account = true;
}

/** The first snapshot opens the account; later ones are only compared, by the executor's reconciliation. */
export function takeSnapshot(state: OrderCheckState, data: AccountSnapshot): void {
  if (!Number.isNaN(state.risk.cash)) return;
  for (const [asset, { free, locked }] of Object.entries(data.balances)) {
    setRiskBalance(state.risk, asset, decimal(free).add(locked));
  }
  // An account without the quote has none of it.
  if (!state.risk.balances.has(state.risk.quote)) setRiskBalance(state.risk, state.risk.quote, decimal(0));
}

export function takeFill(state: OrderCheckState, data: OrderFilled): void {
  const { risk } = state;
  const index = risk.indexOf.get(data.symbol);
  const instrument = index === undefined ? undefined : risk.instruments[index];
  if (index === undefined || instrument === undefined) return;
  const fill = {
    proposalId: data.proposalId,
    symbol: data.symbol,
    side: data.side,
    purpose: data.purpose,
    quantity: data.fillQuantity,
    quoteQuantity: data.quoteQuantity,
    fee: data.fee,
    feeAsset: data.feeAsset,
  };
  const before: Protection = state.protections[index] ?? UNPROTECTED;
  const sign = data.side === 'buy' ? 1 : -1;
  const fee = data.feeAsset === instrument.base ? decimal(data.fee) : decimal(0);
  const held = riskBalance(risk, instrument.base).add(decimal(data.fillQuantity).mul(sign)).sub(fee);
  const after = protectAfterFill(
    instrument,
    before,
    {
      side: data.side,
      price: data.price,
      quantity: data.fillQuantity,
      quoteQuantity: data.quoteQuantity,
      stopDistance: data.stopDistance,
    },
    held,
  );
  state.protections[index] = after;
  applyRiskFill(risk, fill, after.trigger);
  if (data.complete) releaseReservation(risk, data.proposalId);
  if (data.proposalId !== null) state.changes.reservations.add(data.proposalId);
  state.changes.symbols.add(index);
}

/** An order has ended: what it did not use is free again. */
export function takeEnd(state: OrderCheckState, proposalId: string | null): void {
  releaseReservation(state.risk, proposalId);
  if (proposalId !== null) state.changes.reservations.add(proposalId);
}

export function takeTransfer(state: OrderCheckState, asset: string, amount: string): void {
  const { risk } = state;
  setRiskBalance(risk, asset, riskBalance(risk, asset).add(amount));
  if (asset === risk.quote && risk.day !== null) risk.day.netDeposits += Number(amount);
}

export function freeze(state: OrderCheckState, symbol: string, why: string | null): void {
  if (why === null) state.risk.frozen.delete(symbol);
  else state.risk.frozen.set(symbol, why);
  state.changes.account = true;
}

export function takeTradingState(state: OrderCheckState, trading: TradingState): void {
  applyTradingState(state.risk, trading);
  state.changes.account = true;
}

export function takeDay(state: OrderCheckState, data: DayOpened): void {
  openRiskDay(state.risk, data.day, data.openingEquityMark);
  state.changes.account = true;
}
