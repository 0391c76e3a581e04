import { sha256Hex } from '../ids/index.ts';
import { floorToLot, type Instrument } from '../instruments/index.ts';
import { type Decimal, decimal, text } from '../money/index.ts';
import type { Check, CheckInput, GateContext, Proposal } from './check.ts';
import type { RiskCodeName } from './codes.ts';
import {
  balance,
  dailyLossCap,
  lossPerUnit,
  orderNotional,
  positionLimit,
  quotePerUnit,
  venueFilters,
} from './size-checks.ts';
import { DECISIONS_MAX, type Figures, type RiskState, type Verdict } from './state.ts';
import {
  marketData,
  proposalExpired,
  symbolAllowed,
  targetLocked,
  tradingHalted,
  tradingReducing,
  tradingWindow,
} from './state-checks.ts';

/** Checks 2 to 7, on the order as proposed. */
const STATE_CHECKS: readonly Check[] = [
  proposalExpired,
  tradingHalted,
  tradingReducing,
  symbolAllowed,
  tradingWindow,
  marketData,
];
/** Checks 9 to 18: a limit with room shrinks the order, which is then judged again from the first of these. */
const SIZE_CHECKS: readonly Check[] = [
  venueFilters,
  orderNotional,
  positionLimit,
  balance,
  dailyLossCap,
  targetLocked,
];
const TOO_SMALL: ReadonlySet<RiskCodeName> = new Set(['QUANTITY_BELOW_MINIMUM', 'NOTIONAL_BELOW_MINIMUM']);
/** Each shrinking limit can bite once, and its rounding once more. */
const SHRINKS_MAX = 8;

/** Canonical text of a proposal: same id and same text is a repetition, same id and another text a conflict. */
export function payloadHash(proposal: Proposal): string {
  const p = proposal;
  return sha256Hex(
    JSON.stringify([
      p.symbol,
      p.side,
      p.type,
      p.quantity,
      p.limitPrice,
      p.referencePrice,
      p.stopDistance,
      p.purpose,
      p.flattenId,
      p.barTime,
      p.day,
    ]),
  );
}

/**
 * Judges a proposal. The first check that fails denies; a limit that leaves room shrinks. It changes nothing: see
 * `record` for what an answer leaves behind. Missing input is a refusal.
 */
export function judge(state: RiskState, proposal: Proposal, context: GateContext): Verdict {
  const earlier = state.decisions.get(proposal.proposalId);
  if (earlier !== undefined) {
    if (earlier.payloadHash === payloadHash(proposal)) return earlier.verdict;
    return denied('PROPOSAL_CONFLICT', { proposalId: proposal.proposalId });
  }
  if (proposal.decidedAt <= state.forgottenUntil) {
    return denied('DUPLICATE_PROPOSAL', {
      decidedAt: proposal.decidedAt,
      forgottenUntil: state.forgottenUntil,
    });
  }
  const index = state.indexOf.get(proposal.symbol);
  const instrument = index === undefined ? undefined : state.instruments[index];
  if (index === undefined || instrument === undefined) return unknownSymbol(state, proposal, context);
  const input = inputOf(state, proposal, context, index, instrument, decimal(proposal.quantity));
  for (const check of STATE_CHECKS) {
    const finding = check(input);
    if (finding !== null) return denied(finding.code, finding.figures);
  }
  return size(input);
}

/** An order without instrument meets the checks before the fifth, then its own code. */
function unknownSymbol(state: RiskState, proposal: Proposal, context: GateContext): Verdict {
  const { trading } = state;
  if (context.joinExpired || context.market - proposal.decidedAt > proposal.validForMs) {
    return denied('PROPOSAL_EXPIRED', {
      ageMs: context.market - proposal.decidedAt,
      validForMs: proposal.validForMs,
    });
  }
  if (trading === null || trading.mode === 'HALTED')
    return denied('TRADING_HALTED', { reason: trading?.reason ?? null });
  return denied('SYMBOL_UNKNOWN', { symbol: proposal.symbol });
}

function inputOf(
  state: RiskState,
  proposal: Proposal,
  context: GateContext,
  index: number,
  instrument: Instrument,
  quantity: Decimal,
): CheckInput {
  const price = decimal(proposal.limitPrice ?? proposal.referencePrice);
  // Spot: a buy raises the position; a sell lowers it, and one beyond what is held fails the balance.
  return { state, proposal, context, index, instrument, quantity, price, raises: proposal.side === 'buy' };
}

function size(first: CheckInput): Verdict {
  let input = first;
  let shrunkBy: RiskCodeName | null = null;
  let figures: Figures = {};
  for (let round = 0; round <= SHRINKS_MAX; round += 1) {
    const finding = firstFinding(input);
    if (finding === null) return { kind: 'approved', quantity: text(input.quantity), shrunkBy, figures };
    if (!('room' in finding)) {
      // A shrunk order that falls below the minima is denied by what shrank it.
      if (shrunkBy !== null && TOO_SMALL.has(finding.code)) return denied(shrunkBy, figures);
      return denied(finding.code, finding.figures);
    }
    const room = floorToLot(input.instrument, finding.room);
    if (room.lte(0) || room.gte(input.quantity)) return denied(finding.code, finding.figures);
    shrunkBy = finding.code;
    figures = finding.figures;
    input = { ...input, quantity: room };
  }
  return denied(shrunkBy ?? 'BALANCE_INSUFFICIENT', figures);
}

function firstFinding(input: CheckInput) {
  for (const check of SIZE_CHECKS) {
    const finding = check(input);
    if (finding !== null) return finding;
  }
  return null;
}

function denied(code: RiskCodeName, figures: Figures): Verdict {
  return { kind: 'denied', code, figures };
}

/**
 * Remembers an answer and, for an approval, reserves what it may spend: in the same step, so that two proposals can
 * not spend one limit twice. A repeated proposal changes nothing.
 */
export function record(state: RiskState, proposal: Proposal, verdict: Verdict): void {
  if (state.decisions.has(proposal.proposalId)) return;
  const { proposalId, decidedAt } = proposal;
  state.decisions.set(proposalId, { proposalId, payloadHash: payloadHash(proposal), decidedAt, verdict });
  forgetOldest(state);
  if (verdict.kind !== 'approved') return;
  const index = state.indexOf.get(proposal.symbol);
  if (index === undefined) return;
  const price = decimal(proposal.limitPrice ?? proposal.referencePrice);
  state.reservations.set(proposal.proposalId, {
    proposalId: proposal.proposalId,
    index,
    side: proposal.side,
    purpose: proposal.purpose,
    referencePrice: price,
    remaining: decimal(verdict.quantity),
    quotePerUnit: quotePerUnit({ state, proposal, price }),
    lossPerUnit: lossPerUnit({ state, proposal, price }),
  });
}

function forgetOldest(state: RiskState): void {
  if (state.decisions.size <= DECISIONS_MAX) return;
  for (const [id, { decidedAt }] of state.decisions) {
    state.decisions.delete(id);
    state.forgottenUntil = Math.max(state.forgottenUntil, decidedAt);
    return;
  }
}

/** `CODE key=value …`: a denial for people and logs. */
export function denialText(code: RiskCodeName, figures: Figures): string {
  const parts = Object.entries(figures).map(([key, value]) => `${key}=${value}`);
  return [code, ...parts].join(' ');
}
