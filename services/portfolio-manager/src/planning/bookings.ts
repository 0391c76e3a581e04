import { type AccountSnapshot, type OrderFilled, positionChanged } from '@fleet/domain/events';
import { decimal, text } from '@fleet/domain/money';
import {
  applyFill,
  applyTransfer,
  type Position,
  type Posting,
  positionOf,
  stopWorking,
} from '@fleet/domain/portfolio';
import { FleetError } from '@fleet/shared/errors';
import type { Decided, Input, NewEvent } from '@fleet/shared/streams';
import type { PlanningState } from './state.ts';

/** A hole in the account's sequence: a fill may be missing, so nothing behind it is booked. */
function sequenceGap(have: number, got: number): FleetError {
  return new FleetError(`exec.status jumps from ${have} to ${got}`, {
    code: 'EXEC_STATUS_GAP',
    retry: 'park',
    action:
      'Look for parked or dropped entries of exec.status, requeue them in order, then requeue this one.',
  });
}

/** Takes the account's next sequence. False for one that was booked before. */
export function takeSequence(state: PlanningState, sequence: number): boolean {
  const { portfolio } = state;
  if (sequence <= portfolio.ledgerVersion) return false;
  if (sequence !== portfolio.ledgerVersion + 1) throw sequenceGap(portfolio.ledgerVersion, sequence);
  portfolio.ledgerVersion = sequence;
  state.changes.account = true;
  return true;
}

interface EntryHead {
  readonly kind: 'opening' | 'fill' | 'transfer';
  readonly source: string;
  readonly symbol: string | null;
  readonly proposalId: string | null;
  readonly time: number;
}

function writeEntry(state: PlanningState, head: EntryHead, postings: readonly Posting[]): void {
  const entry = state.journalSeq + 1;
  state.journalSeq = entry;
  const { run, changes } = state;
  changes.account = true;
  const { kind, source, symbol, proposalId, time } = head;
  changes.entries.push({ run, entry, kind, source, symbol, proposal_id: proposalId, time });
  for (const [line, { account, asset, amount }] of postings.entries()) {
    changes.postings.push({ run, entry, line, account, asset, amount: text(amount) });
    if (account === 'wallet') changes.assets.add(asset);
  }
}

/** The first snapshot opens the ledger; later ones are only compared, by the executor's reconciliation. */
export function takeSnapshot(state: PlanningState, data: AccountSnapshot, input: Input): void {
  const { portfolio } = state;
  if (portfolio.balances.size > 0) return;
  const postings: Posting[] = [];
  // The quote is always there: an account without it has none of it.
  const balances = { [portfolio.quote]: { free: '0', locked: '0' }, ...data.balances };
  for (const [asset, { free, locked }] of Object.entries(balances)) {
    postings.push(...applyTransfer(portfolio, asset, decimal(free).add(locked), 'opening'));
  }
  writeEntry(
    state,
    { kind: 'opening', source: input.id, symbol: null, proposalId: null, time: data.time },
    postings,
  );
}

/** Books a fill: wallet, ledger and position; says how the position is now. */
export function takeFill(state: PlanningState, data: OrderFilled, input: Input): Decided {
  const { portfolio, changes } = state;
  const { proposalId, symbol, time } = data;
  const postings = applyFill(portfolio, {
    tradeId: data.tradeId,
    clientOrderId: data.clientOrderId,
    symbol,
    side: data.side,
    purpose: data.purpose,
    price: data.price,
    quantity: data.fillQuantity,
    quoteQuantity: data.quoteQuantity,
    fee: data.fee,
    feeAsset: data.feeAsset,
    referencePrice: data.referencePrice,
    time,
  });
  writeEntry(state, { kind: 'fill', source: data.tradeId, symbol, proposalId, time }, postings);
  const index = portfolio.indexOf.get(symbol) as number;
  changes.positions.add(index);
  const payer = positionOf(portfolio, data.feeAsset);
  if (payer !== undefined) changes.positions.add(payer);
  if (data.complete) takeEnd(state, proposalId);
  return { kind: 'done', events: [positionEvent(state, index, input)] };
}

function positionEvent(state: PlanningState, index: number, input: Input): NewEvent {
  const { portfolio } = state;
  const position = portfolio.positions[index] as Position;
  const { quantity, cost, realisedPnl, fees } = position;
  return {
    type: positionChanged.type,
    key: input.key,
    ts: input.ts,
    data: {
      symbol: portfolio.instruments[index]?.symbol,
      quantity: text(quantity),
      averageCost: quantity.isZero() ? '0' : text(cost.div(quantity).toDecimalPlaces(12)),
      realisedPnl: text(realisedPnl.toDecimalPlaces(18)),
      fees: text(fees),
      ledgerVersion: portfolio.ledgerVersion,
    },
  };
}

/** A deposit or withdrawal: in the ledger, never in the PnL. */
export function takeTransfer(
  state: PlanningState,
  data: { asset: string; amount: string; time: number },
  input: Input,
): void {
  const postings = applyTransfer(state.portfolio, data.asset, decimal(data.amount), 'external');
  const index = positionOf(state.portfolio, data.asset);
  if (index !== undefined) state.changes.positions.add(index);
  writeEntry(
    state,
    { kind: 'transfer', source: input.id, symbol: null, proposalId: null, time: data.time },
    postings,
  );
}

/** A proposal was denied, or its order has ended: its symbol may take another. */
export function takeEnd(state: PlanningState, proposalId: string | null): void {
  if (proposalId === null || !state.portfolio.working.has(proposalId)) return;
  stopWorking(state.portfolio, proposalId);
  state.changes.working.add(proposalId);
}
