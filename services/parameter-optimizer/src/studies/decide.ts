import { notificationRaised, type StudyRequested, studyFinished } from '@fleet/domain/events';
import type { Decided, Input, NewEvent } from '@fleet/shared/streams';
import type { LocalInputs, Settlement } from '../optimizer/inputs.ts';
import type { OptimizerState } from '../optimizer/state.ts';
import { contentHash } from '../report/canonical-json.ts';
import { splitPeriod } from '../search/period.ts';
import type { ParameterVersion } from '../versions/version.ts';
import { specFaults } from './admission.ts';
import type { Study, StudySpec } from './study.ts';
import { StudyConflict, StudyInvalid, StudyNotOpen, StudyQueueFull } from './study-errors.ts';

/** What the driver and the metrics are told after the commit. */
export type StudyEffect =
  | { readonly kind: 'queued' }
  | { readonly kind: 'ended'; readonly studyId: string; readonly outcome: Study['state'] };

const DONE: Decided = Object.freeze({ kind: 'done' });
const MESSAGE_MAX = 500;

/** A study asked for by event: what cannot be done is an outcome of its own, which whoever asked can read. */
export function requestStudy(state: OptimizerState, data: StudyRequested, input: Input): Decided {
  const { studyId, ...asked } = data;
  const spec: StudySpec = { ...asked, ...state.scope.defaults };
  const known = knownAs(state, studyId, spec);
  if (known !== null) return known === 'same' ? DONE : { kind: 'done', events: [refused(studyId, input)] };
  const fault = refusal(state, spec);
  const study = newStudy(state, studyId, spec, input);
  if (fault === null) return queue(state, study);
  return end(state, study, input, { code: fault.code, message: fault.message, outcome: 'failed' });
}

/** A study asked for by a person, who gets the refusal as the answer. */
export function askStudy(
  state: OptimizerState,
  { studyId, spec }: LocalInputs['study.asked'],
  input: Input,
): Decided {
  const known = knownAs(state, studyId, spec);
  if (known === 'other') return { kind: 'reject', error: new StudyConflict(`there is a study ${studyId}`) };
  if (known === null) {
    const fault = refusal(state, spec);
    if (fault !== null) return { kind: 'reject', error: fault };
    return queue(state, newStudy(state, studyId, spec, input));
  }
  return { kind: 'done', result: { studyId } };
}

/** Told rather than parked: a dead letter would hold back every later request. */
function refused(studyId: string, input: Input): NewEvent {
  const dedupeKey = `STUDY_CONFLICT:${studyId}`;
  const data = {
    ...{ dedupeKey, severity: 'warning', code: 'STUDY_CONFLICT', raisedBy: 'parameter-optimizer' },
    title: 'A study was requested under the id of another',
    text: `There is a study ${studyId} that asks for something else; the request had no effect. Request it under an id of its own.`,
    figures: { study: studyId },
  };
  return { type: notificationRaised.type, key: dedupeKey, ts: input.ts, data };
}

function knownAs(state: OptimizerState, studyId: string, spec: StudySpec): 'same' | 'other' | null {
  const open = state.open.get(studyId);
  const hash = open === undefined ? state.ended.get(studyId) : contentHash(open.spec);
  if (hash === undefined) return null;
  return hash === contentHash(spec) ? 'same' : 'other';
}

function refusal(state: OptimizerState, spec: StudySpec) {
  const { configuration, limits } = state.scope;
  const faults = specFaults(spec, configuration, limits);
  if (faults.length > 0) {
    const message = faults.map((fault) => `${fault.field}: ${fault.message}`).join('; ');
    return new StudyInvalid(message);
  }
  if (state.open.size < limits.openMax) return null;
  return new StudyQueueFull(`${state.open.size} studies wait or run; at most ${limits.openMax} may`);
}

function newStudy(state: OptimizerState, id: string, spec: StudySpec, input: Input): Study {
  const { intervalMs, day } = state.scope.configuration;
  const position = state.nextStudy;
  state.nextStudy += 1;
  return {
    ...{ id, position, spec, periods: splitPeriod(spec, { intervalMs, day }) },
    ...{ requestId: input.requestId, requestedAt: input.ts, state: 'queued', started: null },
    ...{ startedAt: null, finishedAt: null, code: null, message: '', parameterVersion: null },
  };
}

function queue(state: OptimizerState, study: Study): Decided {
  keep(state, study);
  const effect: StudyEffect = { kind: 'queued' };
  return { kind: 'done', effects: [effect], result: { studyId: study.id } };
}

function keep(state: OptimizerState, study: Study): void {
  state.open.set(study.id, study);
  state.changed.studies.set(study.id, study);
}

/** Rejected, not passed over: an input that had no effect must be able to come again. */
function notOpen(studyId: string): Decided {
  return { kind: 'reject', error: new StudyNotOpen(`study ${studyId} does not wait or run`) };
}

export function startStudy(
  state: OptimizerState,
  { studyId, start }: LocalInputs['study.started'],
  input: Input,
): Decided {
  const study = state.open.get(studyId);
  if (study === undefined) return notOpen(studyId);
  if (study.state === 'queued')
    keep(state, { ...study, state: 'running', started: start, startedAt: input.ts });
  return DONE;
}

export function bookTrial(state: OptimizerState, trial: LocalInputs['trial.finished']): Decided {
  if (!state.open.has(trial.studyId)) return notOpen(trial.studyId);
  state.changed.trials.push(trial);
  state.tried.set(trial.studyId, (state.tried.get(trial.studyId) ?? 0) + 1);
  return DONE;
}

export function bookLook(
  state: OptimizerState,
  look: LocalInputs['candidate.tested'],
  input: Input,
): Decided {
  if (!state.open.has(look.studyId)) return notOpen(look.studyId);
  state.changed.looks.push({ ...look, lookedAt: input.ts });
  return DONE;
}

export function cancelStudy(
  state: OptimizerState,
  { studyId, by }: LocalInputs['study.canceled'],
  input: Input,
): Decided {
  const study = state.open.get(studyId);
  if (study === undefined) return notOpen(studyId);
  return end(state, study, input, {
    code: 'STUDY_CANCELED',
    message: `canceled by ${by}`,
    outcome: 'canceled',
  });
}

/** The outcome of a study, its report and the version that it proposes. */
export function settleStudy(state: OptimizerState, settlement: Settlement, input: Input): Decided {
  const study = state.open.get(settlement.studyId);
  if (study === undefined) return notOpen(settlement.studyId);
  const { report } = settlement;
  if (report !== null) state.changed.reports.push({ studyId: study.id, ...report });
  const version = versionOf(study, settlement, input.ts);
  if (version !== null) {
    state.versions.set(version.id, version);
    state.changed.versions.set(version.id, version);
  }
  return end(state, study, input, settlement, version);
}

/** Named by study and content, so that a study that is settled again proposes the same version. */
function versionOf(
  { id: studyId, spec }: Study,
  { candidate, report }: Settlement,
  at: string,
): ParameterVersion | null {
  if (candidate === null || report === null) return null;
  const { strategy, symbols, objective } = spec;
  const { parameters, trainObjective, testObjective } = candidate;
  const hash = contentHash({ studyId, strategy, symbols, parameters });
  return {
    ...{ id: `${strategy}-${hash.slice(0, 12)}`, strategy, symbols, parameters, state: 'pending', studyId },
    ...{ reportSha256: report.sha256, objective, trainObjective, testObjective, reason: '' },
    ...{ decidedBy: null, createdAt: at, decidedAt: null },
  };
}

interface Ending {
  readonly outcome: 'completed' | 'failed' | 'canceled';
  readonly code: string | null;
  readonly message: string;
}

function end(
  state: OptimizerState,
  study: Study,
  input: Input,
  { outcome, code, message }: Ending,
  version: ParameterVersion | null = null,
): Decided {
  const ended: Study = {
    ...study,
    ...{ state: outcome, code, message: message.slice(0, MESSAGE_MAX), finishedAt: input.ts },
    parameterVersion: version?.id ?? null,
  };
  const trials = state.tried.get(study.id) ?? 0;
  state.open.delete(study.id);
  state.tried.delete(study.id);
  state.ended.set(study.id, contentHash(study.spec));
  state.changed.studies.set(study.id, ended);
  const effect: StudyEffect = { kind: 'ended', studyId: study.id, outcome };
  const events = [finished(state, ended, trials, version, input.ts)];
  if (version !== null) events.push(awaitsApproval(version, input.ts));
  return { kind: 'done', events, effects: [effect], result: { studyId: study.id } };
}

function finished(
  state: OptimizerState,
  study: Study,
  trials: number,
  version: ParameterVersion | null,
  ts: string,
): NewEvent {
  const { strategy, symbols } = study.spec;
  const data = {
    ...{
      studyId: study.id,
      outcome: study.state === 'completed' ? 'completed' : 'failed',
      strategy,
      symbols,
    },
    ...{ trials, parameterVersion: version?.id ?? null, parameters: version?.parameters ?? null },
    trainObjective: version?.trainObjective ?? null,
    testObjective: version?.testObjective ?? null,
    message: study.message,
  };
  return { type: studyFinished.type, key: state.scope.run, ts, data };
}

/** The same key until it is decided: it is told once. */
function awaitsApproval(version: ParameterVersion, ts: string): NewEvent {
  const { id, strategy, symbols, objective, trainObjective, testObjective, reportSha256 } = version;
  const dedupeKey = `PARAMETERS_AWAIT_APPROVAL:${id}`;
  const data = {
    ...{ dedupeKey, severity: 'info', code: 'PARAMETERS_AWAIT_APPROVAL', raisedBy: 'parameter-optimizer' },
    title: `Parameters ${id} await approval`,
    text: `A study proposes parameters of ${strategy} for ${symbols.join(', ')}. Read its report, then approve or reject it: nothing is deployed by itself.`.slice(
      0,
      2000,
    ),
    figures: {
      ...{ parameterVersion: id, study: version.studyId.slice(0, 200), objective, trainObjective },
      ...{ testObjective, reportSha256 },
    },
  };
  return { type: notificationRaised.type, key: dedupeKey, ts, data };
}
