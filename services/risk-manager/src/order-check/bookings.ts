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
  state.changes.account = true;
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
  const set: OpenSet = state.openSets.get(data.openTime) ?? {
    openTime: data.openTime,
    expected: data.set,
    got: [],
  };
  if (!set.got.includes(data.symbol)) set.got.push(data.symbol);
  state.openSets.set(set.openTime, set);
  if (set.expected.every((symbol) => set.got.includes(symbol))) completeSet(state, set.openTime);
}

/** A set stands for all before it: whoever waits for one of those waits no longer. */
function completeSet(state: OrderCheckState, openTime: number): void {
  state.completeSet = openTime;
  for (const earlier of [...state.openSets.keys()]) if (earlier <= openTime) state.openSets.delete(earlier);
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
  const held = riskBalance(risk, instrument.base);
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
    { before: held, after: held.add(decimal(data.fillQuantity).mul(sign)).sub(fee) },
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

/** Deposits and withdrawals never count as profit or loss of the day; a coin by its last close. */
export function takeTransfer(state: OrderCheckState, asset: string, amount: string): void {
  const { risk } = state;
  setRiskBalance(risk, asset, riskBalance(risk, asset).add(amount));
  if (risk.day === null) return;
  const index = risk.indexOf.get(`${asset}${risk.quote}`);
  const price = asset === risk.quote ? 1 : index === undefined ? 0 : (risk.closes[index] ?? 0);
  risk.day.netDeposits += Number(amount) * price;
}

const RECONCILIATION = 'reconciliation';

/** Freezes a symbol for a cause: an order's id, or the reconciliation. */
export function freeze(state: OrderCheckState, symbol: string, cause: string, why: string): void {
  const causes = state.freezes.get(symbol) ?? new Map<string, string>();
  causes.set(cause, why);
  state.freezes.set(symbol, causes);
  showFreeze(state, symbol);
}

/** Takes one cause away; the symbol stays frozen while another holds. */
export function unfreeze(state: OrderCheckState, symbol: string, cause: string): void {
  const causes = state.freezes.get(symbol);
  if (causes === undefined || !causes.delete(cause)) return;
  if (causes.size === 0) state.freezes.delete(symbol);
  showFreeze(state, symbol);
}

export function takeReconciliation(state: OrderCheckState, frozen: readonly string[]): void {
  for (const symbol of [...state.freezes.keys()])
    if (!frozen.includes(symbol)) unfreeze(state, symbol, RECONCILIATION);
  for (const symbol of frozen) freeze(state, symbol, RECONCILIATION, 'its reconciliation failed');
}

function showFreeze(state: OrderCheckState, symbol: string): void {
  const [why] = state.freezes.get(symbol)?.values() ?? [];
  if (why === undefined) state.risk.frozen.delete(symbol);
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
