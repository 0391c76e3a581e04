import { eventCatalog, type StudyRequested } from '@fleet/domain/events';
import type { Decided, Input } from '@fleet/shared/streams';
import { expect, test } from 'vitest';
import { configurationOf, DAY_MS, FROM, specOf } from '../../test/study-fixture.ts';
import type { Settlement } from '../optimizer/inputs.ts';
import { emptyState, type OptimizerState } from '../optimizer/state.ts';
import { type StudyLimits, specFaults } from './admission.ts';
import { askStudy, bookTrial, cancelStudy, requestStudy, settleStudy, startStudy } from './decide.ts';

const limits: StudyLimits = { trialsMax: 1_000, barsMax: 1_000_000, openMax: 2 };
const defaults = { tradesMin: 1, drawdownMax: 0.5, candidates: 3 };
const fresh = () => emptyState({ run: 'run-1', configuration: configurationOf(), limits, defaults });

let ids = 0;
function input(over: Partial<Input> = {}): Input {
  ids += 1;
  return {
    ...{ id: `input-${ids}`, type: 'x', key: 'k', ts: '2024-01-05T00:00:00.000Z', data: null, stream: null },
    ...{ causationId: null, requestId: 'request-1', traceparent: '' },
    ...over,
  };
}

type Done = Extract<Decided, { kind: 'done' }>;
function done(decided: Decided): Done {
  if (decided.kind !== 'done') throw new Error(`it was ${decided.kind}: ${JSON.stringify(decided)}`);
  return decided;
}
function rejected(decided: Decided): string {
  if (decided.kind !== 'reject') throw new Error(`it was ${decided.kind}`);
  return (decided.error as { code?: string }).code ?? decided.error.message;
}
/** The events of a decision, each of which fits its schema. */
function events(decided: Decided) {
  return (done(decided).events ?? []).map(({ type, data }) => {
    const schema = eventCatalog.find((definition) => definition.type === type)?.schema;
    return { type, data: schema?.parse(data) as Record<string, unknown> };
  });
}

const request = (over: Partial<StudyRequested> = {}): StudyRequested => {
  const { tradesMin: _1, drawdownMax: _2, candidates: _3, ...asked } = specOf();
  return { studyId: 's1', ...asked, symbols: [...asked.symbols], ...over };
};

const faultRows: [string, Partial<ReturnType<typeof specOf>>, string][] = [
  ['an unknown strategy', { strategy: 'astrology' }, 'strategy'],
  ['a symbol that is not traded', { symbols: ['DOGEUSDT'] }, 'symbols'],
  ['a symbol twice', { symbols: ['BTCUSDT', 'BTCUSDT'] }, 'symbols'],
  ['another interval', { interval: '5m' }, 'interval'],
  ['the end before the beginning', { to: FROM }, 'to'],
  ['a time between two bars', { from: FROM + 1 }, 'from'],
  ['too many trials', { trials: 1_001 }, 'trials'],
  ['too many bars', { to: FROM + 400 * DAY_MS }, 'to'],
  ['an annualised objective on a few days', { objective: 'sharpe' }, 'objective'],
  ['a test period in which nothing can trade', { to: FROM + 100 * 60_000, testShare: 0.1 }, 'to'],
];

test.each(faultRows)('refused: %s', (_what, over, field) => {
  const found = specFaults(specOf(over), configurationOf(), limits);
  expect(found.map((fault) => fault.field)).toContain(field);
});

test('a request that can be done has no fault, also with an annualised objective and enough days', () => {
  expect(specFaults(specOf(), configurationOf(), limits)).toEqual([]);
  const longer = specOf({ objective: 'sharpe', to: FROM + 70 * DAY_MS });
  expect(specFaults(longer, configurationOf(), limits)).toEqual([]);
});

test('a requested study is queued, in order; the same request again changes nothing', () => {
  const state = fresh();
  expect(done(requestStudy(state, request(), input())).effects).toEqual([{ kind: 'queued' }]);
  done(requestStudy(state, request({ studyId: 's2', seed: 9 }), input()));
  expect([...state.open.values()].map(({ id, position }) => [id, position])).toEqual([
    ['s1', 1],
    ['s2', 2],
  ]);
  expect(done(requestStudy(state, request(), input())).effects).toBeUndefined();
  expect(state.open.size).toBe(2);
});

test('another request under the same id has no effect, and that is told', () => {
  const state = fresh();
  requestStudy(state, request(), input());
  const [told] = events(requestStudy(state, request({ seed: 8 }), input()));
  expect(told).toMatchObject({ type: 'notification.raised', data: { code: 'STUDY_CONFLICT' } });
  expect(state.open.get('s1')?.spec.seed).toBe(7);
  expect(rejected(askStudy(state, { studyId: 's1', spec: specOf({ seed: 8 }) }, input()))).toBe(
    'STUDY_CONFLICT',
  );
});

test('an event that asks for what cannot be done is a failed study; a person gets the refusal', () => {
  const state = fresh();
  const [finished] = events(requestStudy(state, request({ strategy: 'astrology' }), input()));
  expect(finished?.data).toMatchObject({ outcome: 'failed', parameterVersion: null, trials: 0 });
  expect(finished?.data['message']).toContain('astrology');
  expect(state.changed.studies.get('s1')).toMatchObject({ state: 'failed', code: 'STUDY_INVALID' });
  const spec = specOf({ strategy: 'astrology' });
  expect(rejected(askStudy(state, { studyId: 's9', spec }, input()))).toBe('STUDY_INVALID');
  expect(state.changed.studies.has('s9')).toBe(false);
});

test('a full queue refuses', () => {
  const state = fresh();
  requestStudy(state, request(), input());
  requestStudy(state, request({ studyId: 's2' }), input());
  expect(rejected(askStudy(state, { studyId: 's3', spec: specOf() }, input()))).toBe('STUDY_QUEUE_FULL');
  const [finished] = events(requestStudy(state, request({ studyId: 's3' }), input()));
  expect(finished?.data).toMatchObject({ outcome: 'failed' });
  expect(state.changed.studies.get('s3')).toMatchObject({ code: 'STUDY_QUEUE_FULL' });
});

const start = { configurationSha256: 'a', candlesSha256: 'b', sources: {}, bars: 1 };
const metrics = {} as never;
const trialOf = (index: number) => ({
  ...{ studyId: 's1', index, parameters: { fast: 5 }, objective: 1, violations: [], metrics },
});
const settlement = (over: Partial<Settlement> = {}): Settlement => ({
  ...{ studyId: 's1', outcome: 'completed', code: null, message: 'best of 2 trials' },
  candidate: { parameters: { fast: 5, slow: 20 }, trainObjective: 0.2, testObjective: -0.1 },
  report: { sha256: 'c'.repeat(64), body: '{}' },
  ...over,
});

function running(): OptimizerState {
  const state = fresh();
  requestStudy(state, request(), input());
  startStudy(state, { studyId: 's1', start }, input());
  bookTrial(state, trialOf(0));
  bookTrial(state, trialOf(1));
  return state;
}

test('a study that is settled proposes a version, which awaits approval and is told once', () => {
  const state = running();
  expect(state.open.get('s1')).toMatchObject({ state: 'running', started: start });
  const [finished, told] = events(settleStudy(state, settlement(), input()));
  const id = finished?.data['parameterVersion'] as string;
  expect(id).toMatch(/^ema-cross-[0-9a-f]{12}$/);
  expect(finished).toMatchObject({
    type: 'study.finished',
    data: { outcome: 'completed', trials: 2, trainObjective: 0.2, testObjective: -0.1 },
  });
  expect(told).toMatchObject({ type: 'notification.raised', data: { code: 'PARAMETERS_AWAIT_APPROVAL' } });
  expect(state.versions.get(id)).toMatchObject({ state: 'pending', reportSha256: 'c'.repeat(64) });
  expect(state.open.size).toBe(0);
  expect(rejected(settleStudy(state, settlement(), input()))).toBe('STUDY_NOT_OPEN');
});

test('without a candidate, and after a failure, there is no version', () => {
  for (const over of [
    { candidate: null },
    { outcome: 'failed' as const, code: 'CANDLES_MISSING', candidate: null, report: null },
  ]) {
    const state = running();
    const found = events(settleStudy(state, settlement(over), input()));
    expect(found).toHaveLength(1);
    expect(found[0]?.data).toMatchObject({ parameterVersion: null, parameters: null });
    expect(state.versions.size).toBe(0);
  }
});

test('a canceled study has ended: what still comes of it is refused', () => {
  const state = running();
  const decided = done(cancelStudy(state, { studyId: 's1', by: 'kim' }, input()));
  expect(decided.effects).toEqual([{ kind: 'ended', studyId: 's1', outcome: 'canceled' }]);
  expect(events(decided)[0]?.data).toMatchObject({ outcome: 'failed', message: 'canceled by kim' });
  expect(rejected(bookTrial(state, trialOf(2)))).toBe('STUDY_NOT_OPEN');
  expect(rejected(startStudy(state, { studyId: 's1', start }, input()))).toBe('STUDY_NOT_OPEN');
  expect(rejected(cancelStudy(state, { studyId: 's1', by: 'kim' }, input()))).toBe('STUDY_NOT_OPEN');
});
