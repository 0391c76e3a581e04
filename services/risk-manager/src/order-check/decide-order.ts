import {
  type AuthorisedOrder,
  type CancelProposed,
  type OrderProposed,
  orderApproved,
  orderAuthorised,
  orderDenied,
  type ProposalSummary,
} from '@fleet/domain/events';
import { clientOrderId } from '@fleet/domain/orders';
import { denialText, judge, type Proposal, payloadHash, record, type Verdict } from '@fleet/domain/risk';
import type { DecideContext, Decided, Input, NewEvent } from '@fleet/shared/streams';
import type { Signer } from '../signing/signer.ts';
import type { OrderCheckState } from './state.ts';

/** Market time: the machine's when live, the newest bar's close in replay. */
export type MarketClock = (state: OrderCheckState, wallNow: number) => number;

export interface OrderCheckParts {
  readonly signer: Signer;
  readonly market: MarketClock;
  /** Told of each new verdict after its commit. */
  readonly decided: (verdict: Verdict) => void;
}

/** What the proposal names and is not applied here yet, or null. */
export function notYetApplied(state: OrderCheckState, proposal: OrderProposed): string | null {
  const { risk } = state;
  if (state.completeSet < proposal.barTime) return `bars of ${new Date(proposal.barTime).toISOString()}`;
  if (risk.ledgerVersion < proposal.ledgerVersion) return `exec.status ${proposal.ledgerVersion}`;
  if (risk.trading === null || risk.trading.epoch < proposal.stateEpoch)
    return `trading state ${proposal.stateEpoch}`;
  if (risk.day === null || risk.day.day < proposal.day) return `trading day ${proposal.day}`;
  return null;
}

/** Judges a proposal once all that it names is applied; what does not come in time is a refusal. */
export function decideOrder(
  state: OrderCheckState,
  data: OrderProposed,
  input: Input,
  context: DecideContext,
  parts: OrderCheckParts,
): Decided {
  const lacking = notYetApplied(state, data);
  if (lacking !== null && !context.waitExpired) return { kind: 'wait', for: lacking };
  const proposal: Proposal = data;
  const market = parts.market(state, context.wallNow);
  const known = state.risk.decisions.has(proposal.proposalId);
  const verdict = judge(state.risk, proposal, {
    market,
    joinExpired: lacking !== null,
    localTime: state.localTime,
  });
  record(state.risk, proposal, verdict);
  if (!known) noteDecision(state, data, verdict);
  const events =
    verdict.kind === 'denied'
      ? [deniedEvent(data, verdict, input)]
      : // Asked again, it is answered again, and authorised only once: one approval, one order.
        [
          ...(known
            ? []
            : [authorisedEvent(state, data, verdict.quantity, { input, market, signer: parts.signer })]),
          approvedEvent(data, verdict, input),
        ];
  return { kind: 'done', events, result: verdict, effects: known ? [] : [verdict] };
}

function noteDecision(state: OrderCheckState, data: OrderProposed, verdict: Verdict): void {
  const approved = verdict.kind === 'approved';
  state.decisionCount += 1;
  state.changes.account = true;
  state.changes.decisions.push({
    run: state.run,
    proposal_id: data.proposalId,
    ordinal: state.decisionCount,
    payload_hash: payloadHash(data),
    cycle_id: data.cycleId,
    symbol: data.symbol,
    side: data.side,
    purpose: data.purpose,
    outcome: verdict.kind,
    code: approved ? verdict.shrunkBy : verdict.code,
    requested: data.quantity,
    approved: approved ? verdict.quantity : null,
    reference: data.referencePrice,
    figures: verdict.figures,
    verdict,
    decided_at: data.decidedAt,
  });
  if (approved) state.changes.reservations.add(data.proposalId);
}

function deniedEvent(
  data: OrderProposed,
  verdict: Extract<Verdict, { kind: 'denied' }>,
  input: Input,
): NewEvent {
  const { proposalId, cycleId, symbol } = data;
  const { code, figures } = verdict;
  const message = denialText(code, figures).slice(0, 500);
  return {
    type: orderDenied.type,
    key: input.key,
    ts: input.ts,
    data: { proposalId, cycleId, symbol, code, figures, message, proposal: summaryOf(data) },
  };
}

function authorisedEvent(
  state: OrderCheckState,
  data: OrderProposed,
  quantity: string,
  { input, market, signer }: { readonly input: Input; readonly market: number; readonly signer: Signer },
): NewEvent {
  const { referencePrice, reason, barTime } = data;
  const order: AuthorisedOrder = {
    run: state.run,
    proposalId: data.proposalId,
    clientOrderId: clientOrderId(data.proposalId),
    cycleId: data.cycleId,
    symbol: data.symbol,
    side: data.side,
    type: data.type,
    quantity,
    limitPrice: data.limitPrice,
    stopDistance: data.stopDistance,
    purpose: data.purpose,
    sequence: data.sequence,
    flattenId: data.flattenId,
    stateEpoch: data.stateEpoch,
    expiresAt: market + state.approvalValidForMs,
  };
  return {
    type: orderAuthorised.type,
    key: input.key,
    ts: input.ts,
    data: { order, referencePrice, reason, barTime, signature: signer.sign(order), keyId: signer.keyId },
  };
}

function approvedEvent(
  data: OrderProposed,
  { quantity, shrunkBy, figures }: Extract<Verdict, { kind: 'approved' }>,
  input: Input,
): NewEvent {
  const { proposalId, cycleId, symbol, side } = data;
  return {
    type: orderApproved.type,
    key: input.key,
    ts: input.ts,
    data: {
      proposalId,
      cycleId,
      symbol,
      side,
      quantity,
      requestedQuantity: data.quantity,
      shrunkBy,
      figures,
      clientOrderId: clientOrderId(proposalId),
      proposal: summaryOf(data),
    },
  };
}

function summaryOf(data: OrderProposed): ProposalSummary {
  const { side, type, purpose, quantity, limitPrice, referencePrice, stopDistance, confidence } = data;
  const { reason, sequence, flattenId, barTime, stateEpoch } = data;
  return {
    side,
    type,
    purpose,
    quantity,
    limitPrice,
    referencePrice,
    stopDistance,
    confidence,
    reason,
    sequence,
    flattenId,
    barTime,
    stateEpoch,
  };
}

/** A cancel takes no risk: it passes in every state. */
export function decideCancel(data: CancelProposed, input: Input): Decided {
  const { proposalId, symbol, clientOrderId: id, reason } = data;
  return {
    kind: 'done',
    events: [
      {
        type: 'cancel.authorised',
        key: input.key,
        ts: input.ts,
        data: { proposalId, symbol, clientOrderId: id, reason },
      },
    ],
  };
}
