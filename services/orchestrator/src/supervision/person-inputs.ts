import { analyzeRequested, type TradingState } from '@fleet/domain/events';
import {
  decideFlattenTimeout,
  decideHalt,
  decideReduce,
  decideUnhalt,
  initialSupervision,
  type PersonsRequest,
  type PersonsRuling,
  type RefusalCode,
  resetDay,
} from '@fleet/domain/supervision';
import type { Decided } from '@fleet/shared/streams';
import type { AuditKind } from '../audit/chain.ts';
import { timeOut } from './cycle-progress.ts';
import type { LocalInputs, PersonsInput } from './inputs.ts';
import { carryOut, recordState } from './outcomes.ts';
import type { Turn } from './turn.ts';

/** What the person is answered, after the commit. */
export type PersonsAnswer =
  | { readonly kind: 'done' | 'unchanged'; readonly trading: TradingState }
  | { readonly kind: 'refused'; readonly code: RefusalCode; readonly message: string };

/** The first state of a run. A replay's time has not begun yet. */
export function beginRun(turn: Turn, { at }: LocalInputs['run.began']): void {
  const { state } = turn;
  if (state.began) return;
  state.began = true;
  const time = state.scope.lockstep ? 0 : at;
  state.supervision.trading = initialSupervision(time).trading;
  turn.audit({ kind: 'run.began', detail: { lockstep: state.scope.lockstep } });
  recordState(turn, state.supervision.trading, time);
}

export function halt(turn: Turn, asked: LocalInputs['person.halt']): Decided {
  const flattenId = asked.flatten ? `flatten:${asked.requestId}`.slice(0, 100) : null;
  const ruling = decideHalt(turn.state.supervision, { ...requestOf(asked), flattenId });
  return answer(turn, 'halt.requested', asked, ruling, { flatten: asked.flatten });
}

export function unhalt(turn: Turn, asked: PersonsInput): Decided {
  const { supervision, scope, conditions } = turn.state;
  const ruling = decideUnhalt(supervision, scope.rules, conditions, requestOf(asked));
  return answer(turn, 'unhalt.requested', asked, ruling);
}

export function reduce(turn: Turn, asked: PersonsInput): Decided {
  const { supervision } = turn.state;
  // From a halt a reduction is a way up, which break-glass has not.
  const held = asked.breakGlass === true && supervision.trading.mode === 'HALTED';
  const ruling: PersonsRuling = held ? { kind: 'unchanged' } : decideReduce(supervision, requestOf(asked));
  return answer(turn, 'reduce.requested', asked, ruling);
}

export function reopenDay(turn: Turn, asked: PersonsInput): Decided {
  const { supervision, scope, conditions } = turn.state;
  const before = supervision.day;
  const ruling = resetDay(supervision, scope.rules, conditions, requestOf(asked));
  const opening = { from: before?.openingEquity ?? null, to: supervision.day?.openingEquity ?? null };
  return answer(turn, 'pnl.reset', asked, ruling, opening);
}

function requestOf({ at, actor, reason }: PersonsInput): PersonsRequest {
  return { time: at, actor, reason };
}

function answer(
  turn: Turn,
  kind: AuditKind,
  asked: PersonsInput,
  ruling: PersonsRuling,
  more: Readonly<Record<string, unknown>> = {},
): Decided {
  const { actor, reason, at, requestId } = asked;
  if (asked.breakGlass === true) tellBreakGlass(turn, kind, asked);
  const refusal = ruling.kind === 'refused' ? { code: ruling.code, message: ruling.message } : {};
  turn.audit({ kind, actor, detail: { reason, ruling: ruling.kind, ...refusal, ...more } });
  if (ruling.kind === 'refused') return done(turn, ruling);
  if (ruling.kind === 'done')
    carryOut(turn, ruling.outcome, { at, occasion: requestId, requestedBy: actor.slice(0, 100) });
  return done(turn, { kind: ruling.kind, trading: turn.state.supervision.trading });
}

/** In the same commit as what it asked for, also where that was refused or held already. */
function tellBreakGlass(turn: Turn, kind: AuditKind, { actor, reason, at, requestId }: PersonsInput): void {
  turn.audit({ kind: 'break-glass.used', actor, detail: { asked: kind, reason } });
  turn.effects.push({ kind: 'break-glass', asked: kind });
  turn.notify(at, `break-glass|${requestId}`, {
    dedupeKey: `BREAK_GLASS_USED:${requestId}`,
    severity: 'critical',
    code: 'BREAK_GLASS_USED',
    title: 'The fleet was stopped by break-glass',
    text: `${actor} asked for it inside the orchestrator's container, past the sign-in: ${reason}`.slice(
      0,
      500,
    ),
    figures: { asked: kind, actor },
  });
}

function done({ events, effects }: Turn, result: PersonsAnswer | string): Decided {
  return { kind: 'done', events, effects, result };
}

/** Asks the analyst what it thinks now. */
export function requestAnalysis(turn: Turn, asked: LocalInputs['person.analyze']): Decided {
  const { requestId, actor, symbols, at } = asked;
  const analysisId = `orchestrator:${requestId}`.slice(0, 100);
  const requestedBy = actor.slice(0, 100);
  turn.say(analyzeRequested.type, analysisId, at, { analysisId, symbols, requestedBy });
  turn.audit({ kind: 'analysis.requested', actor, detail: { analysisId, symbols } });
  return done(turn, analysisId);
}

export function noteRequeue(turn: Turn, { actor, letters }: LocalInputs['person.requeue']): void {
  turn.audit({ kind: 'dlq.requeue', actor, detail: { letters } });
}

export function noteAdminCall(turn: Turn, call: LocalInputs['admin.called']): void {
  const { outcome, method, path, address, reason = null, identity, role, fingerprint, service } = call;
  const kind = outcome === 'granted' ? 'admin.called' : 'admin.refused';
  // Absent where the admin token alone decides: nobody is recognised there.
  const who =
    identity === undefined ? {} : { address, identity, role: role ?? null, fingerprint: fingerprint ?? null };
  const detail = { method, path, reason, ...who };
  turn.audit({ kind, actor: identity ?? service ?? address, detail });
}

/** The executor did not say in time that a halt holds. */
export function haltUnconfirmed(turn: Turn, { epoch, at }: LocalInputs['halt.unconfirmed']): void {
  if (turn.state.appliedEpoch >= epoch) return;
  turn.audit({ kind: 'halt.unconfirmed', detail: { epoch } });
  turn.notify(at, `unconfirmed|${epoch}`, {
    dedupeKey: `HALT_UNCONFIRMED:${epoch}`,
    severity: 'critical',
    code: 'HALT_UNCONFIRMED',
    title: 'A halt is not confirmed by the executor',
    text: 'New orders stop by the state all the same. Look whether the trade executor runs and what is open at the venue.',
    figures: { epoch },
  });
}

export function cycleOverdue(turn: Turn, { cycleId, at }: LocalInputs['cycle.overdue']): void {
  const { cycles, scope } = turn.state;
  const cycle = cycles.get(cycleId);
  if (cycle === undefined || scope.lockstep || cycle.completedAt !== null || cycle.timedOut) return;
  timeOut(turn, cycle);
  turn.audit({ kind: 'cycle.timed-out', detail: { cycleId } });
  turn.notify(at, `overdue|${cycleId}`, {
    dedupeKey: 'CYCLE_TIMED_OUT',
    severity: 'warning',
    code: 'CYCLE_TIMED_OUT',
    title: `Cycle ${cycleId} did not complete in time`,
    text: 'Trading goes on. GET /cycles/{id} names what it waited for.',
    figures: { cycleId },
  });
}

export function flattenOverdue(turn: Turn, { flattenId, at }: LocalInputs['flatten.overdue']): void {
  const { supervision, equity, scope } = turn.state;
  if (scope.lockstep) return;
  const held = equity?.holding ?? [];
  const changed = decideFlattenTimeout(supervision, at, flattenId, held);
  if (changed === null) return;
  turn.audit({ kind: 'flatten.timed-out', detail: { flattenId, held } });
  recordState(turn, changed, at);
}
