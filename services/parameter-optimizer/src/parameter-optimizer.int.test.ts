import { serviceScene, until } from '@fleet/testkit/services';
import { expect, test } from 'vitest';
import {
  asOptimizer,
  type OptimizerService,
  PROGRAM,
  parsedEventsOn,
  RUN,
  requestByEvent,
} from '../test/program.ts';
import { DAY_MS, FROM, specOf } from '../test/study-fixture.ts';

const scene = await serviceScene(PROGRAM);
const { database, redis } = scene;
const start = async (env: Record<string, string> = {}) => asOptimizer(await scene.start(env));

interface StudyBody {
  readonly state: string;
  readonly code: string | null;
  readonly message: string;
  readonly parameterVersion: string | null;
  readonly progress: { readonly tried: number; readonly testLooks: number };
}
const body = {
  ...{ strategy: 'ema-cross', from: '2024-01-01', to: '2024-01-03', testShare: 0.5, trials: 8, seed: 7 },
  ...{ objective: 'totalReturn', tradesMin: 1, drawdownMax: 0.5, candidates: 2, requestedBy: 'kim' },
};

async function request(service: OptimizerService, over: object = {}): Promise<string> {
  const answer = await service.post('/optimize/run', { ...body, ...over });
  expect(answer).toMatchObject({ status: 202 });
  return (answer.body as { studyId: string }).studyId;
}
const study = async (service: OptimizerService, id: string) =>
  (await service.get(`/optimize/studies/${id}`)).body as StudyBody;
async function ended(service: OptimizerService, id: string): Promise<StudyBody> {
  await until(async () => ['completed', 'failed', 'canceled'].includes((await study(service, id)).state));
  return study(service, id);
}
const ofStudy = async (stream: string, id: string) =>
  (await parsedEventsOn(redis, stream)).filter(({ data }) => data['studyId'] === id);
const trialsOf = async (id: string) => {
  const { rows } = await database.pool.query(
    'select index, parameters, objective, violations, metrics from optimizer.trials where study_id = $1 order by index',
    [id],
  );
  return rows;
};
const reportOf = async (service: OptimizerService, id: string) =>
  (await service.get(`/optimize/reports/${id}`)).body as {
    readonly sha256: string;
    readonly parameterVersion: string;
    readonly report: Record<string, unknown> & { readonly notes: readonly string[] };
  };

test('a study by HTTP and one by event: trials, report, candidate, events, metrics', async () => {
  const service = await start();
  const id = await request(service);
  const { tradesMin: _1, drawdownMax: _2, candidates: _3, ...asked } = specOf({ trials: 6 });
  await requestByEvent(redis, { studyId: 'by-event', ...asked });
  const done = await ended(service, id);
  expect(done).toMatchObject({ state: 'completed', progress: { tried: 8, testLooks: 2 } });
  expect(done.message).toContain('best of 8 trials');
  const byEvent = await ended(service, 'by-event');
  expect(byEvent.code ?? byEvent.state).toBe('completed');
  const [finished] = await ofStudy('opt.results', id);
  expect(finished).toMatchObject({
    ...{ type: 'study.finished', key: RUN },
    data: { outcome: 'completed', trials: 8, parameterVersion: done.parameterVersion },
  });
  const key = `PARAMETERS_AWAIT_APPROVAL:${done.parameterVersion}`;
  await until(async () => (await parsedEventsOn(redis, 'notify.events')).some((event) => event.key === key));
  const { report, sha256 } = await reportOf(service, id);
  expect(report['winner']).toMatchObject({ train: { period: { days: 1 } }, test: { period: { days: 1 } } });
  expect(report.notes.length).toBeGreaterThan(5);
  expect(await reportOf(service, done.parameterVersion ?? '')).toMatchObject({ sha256 });
  const stored = await database.pool.query('select body from optimizer.reports where study_id = $1', [id]);
  const { createHash } = await import('node:crypto');
  expect(createHash('sha256').update(stored.rows[0].body).digest('hex')).toBe(sha256);
  const metrics = await service.metrics();
  expect(metrics).toMatch(/studies_total\{[^}]*outcome="completed"[^}]*\} 2/);
  expect(metrics).toMatch(/trials_total\{[^}]*\} \d+/);
});

test('kill -9 in the middle: the study goes on and comes to the result of an uninterrupted one', async () => {
  const over = { trials: 80, to: '2024-01-04' };
  const first = await start();
  const id = await request(first, over);
  await until(async () => (await study(first, id)).progress.tried >= 5);
  await first.process.kill();
  const before = (await trialsOf(id)).length;
  expect(before).toBeLessThan(80);
  const second = await start({ OPTIMIZER_THREADS: '1' });
  const done = await ended(second, id);
  expect(done).toMatchObject({ state: 'completed', progress: { tried: 80, testLooks: 2 } });
  const again = await request(second, over);
  await ended(second, again);
  expect(await trialsOf(again)).toEqual(await trialsOf(id));
  const [cut, whole] = [await reportOf(second, id), await reportOf(second, again)];
  expect(cut.report['trials']).toEqual(whole.report['trials']);
  expect(cut.report['candidates']).toEqual(whole.report['candidates']);
  // Looks and trials are counted for ever, over all studies of the same bars.
  const [cutHistory, wholeHistory] = [cut.report['history'], whole.report['history']] as {
    trials: number;
    testLooks: number;
  }[];
  expect(wholeHistory?.trials).toBe((cutHistory?.trials ?? 0) + 80);
  expect(wholeHistory?.testLooks).toBe((cutHistory?.testLooks ?? 0) + 2);
  expect(await ofStudy('opt.results', id)).toHaveLength(1);
});

test('approve deploys, approve again is a conflict, rollback returns; reject refuses for good', async () => {
  const service = await start();
  const versions: string[] = [];
  for (const seed of [21, 22, 23]) {
    const { parameterVersion } = await ended(service, await request(service, { seed, trials: 4 }));
    versions.push(parameterVersion ?? '');
  }
  const [one = '', two = '', three = ''] = versions;
  expect(await service.post('/admin/optimize/approve', { parameterVersion: one })).toMatchObject({
    status: 401,
  });
  const { sha256 } = await reportOf(service, one);
  const approval = { parameterVersion: one, by: 'kim', reportSha256: sha256 };
  expect(await service.admin('/admin/optimize/approve', approval)).toMatchObject({ status: 200 });
  const again = await service.admin('/admin/optimize/approve', approval);
  expect(again).toMatchObject({ status: 409, body: { code: 'PARAMETER_VERSION_NOT_PENDING' } });
  await service.admin('/admin/optimize/approve', { parameterVersion: two, by: 'kim' });
  const rejection = { parameterVersion: three, by: 'kim', reason: 'too few trades' };
  expect(await service.admin('/admin/optimize/reject', rejection)).toMatchObject({
    body: { state: 'rejected' },
  });
  const refused = await service.admin('/admin/optimize/approve', { parameterVersion: three });
  expect(refused).toMatchObject({ status: 409 });
  const back = { strategy: 'ema-cross', symbols: ['BTCUSDT', 'ETHUSDT'], by: 'kim' };
  expect(await service.admin('/admin/optimize/rollback', back)).toMatchObject({
    body: { deployments: [{ parameterVersion: one, rollbackOf: two }] },
  });

  // The state of versions and deployments is that of the rows.
  await service.process.kill();
  const next = await start();
  const last = await next.admin('/admin/optimize/rollback', back);
  expect(last).toMatchObject({ status: 200 });
  expect(await next.admin('/admin/optimize/rollback', back)).toMatchObject({
    ...{ status: 409, body: { code: 'NOTHING_TO_ROLL_BACK' } },
  });
  await until(async () => (await deployments()).length === 5);
  expect(await deployments()).toMatchObject([
    ...[
      { parameterVersion: one, rollbackOf: null },
      { parameterVersion: two, rollbackOf: null },
    ],
    ...[
      { parameterVersion: one, rollbackOf: two },
      { symbols: ['BTCUSDT'], rollbackOf: one },
    ],
    { symbols: ['ETHUSDT'], rollbackOf: one },
  ]);
  const params = (await next.get('/optimize/params')).body as {
    readonly deployed: readonly { readonly parameterVersion: string | null }[];
    readonly versions: readonly { readonly parameterVersion: string; readonly state: string }[];
    readonly history: readonly unknown[];
  };
  expect(params.deployed.map(({ parameterVersion }) => parameterVersion)).toEqual([null, null]);
  const stateOf = (id: string) => params.versions.find((each) => each.parameterVersion === id)?.state;
  expect(versions.map(stateOf)).toEqual(['superseded', 'superseded', 'rejected']);
  expect(params.history).toHaveLength(5);
  expect(await next.admin('/admin/optimize/approve', { parameterVersion: 'nobody' })).toMatchObject({
    status: 404,
  });
});

const deployments = async () =>
  (await parsedEventsOn(redis, 'opt.results'))
    .filter(({ type }) => type === 'parameters.deployed')
    .map(({ data }) => data);

test('what cannot be done is refused or fails with its reason; cancel ends, the next one follows', async () => {
  const service = await start({ OPTIMIZER_STUDIES_MAX: '2' });
  const wrong = await service.post('/optimize/run', { ...body, strategy: 'astrology', objective: 'sharpe' });
  expect(wrong).toMatchObject({ status: 400, body: { code: 'VALIDATION_FAILED' } });
  expect(JSON.stringify(wrong.body)).toContain('astrology');
  expect(await service.post('/optimize/run', { ...body, colour: 'red' })).toMatchObject({ status: 400 });
  expect(await service.get('/optimize/studies/nobody')).toMatchObject({ status: 404 });
  expect(await service.get('/optimize/reports/nobody')).toMatchObject({ status: 404 });

  const missing = await ended(service, await request(service, { from: '2023-06-01', to: '2023-06-03' }));
  expect(missing).toMatchObject({ state: 'failed', code: 'CANDLES_MISSING', parameterVersion: null });
  expect(missing.message).toContain('no file');

  const long = await request(service, { trials: 2_000, to: '2024-01-04' });
  const waiting = await request(service, { trials: 4 });
  const third = await service.post('/optimize/run', body);
  expect(third).toMatchObject({ status: 429, body: { code: 'STUDY_QUEUE_FULL' } });
  await until(async () => (await study(service, long)).progress.tried > 0);
  expect(await service.admin('/admin/optimize/cancel', { studyId: long, by: 'kim' })).toMatchObject({
    status: 200,
  });
  expect(await study(service, long)).toMatchObject({ state: 'canceled', message: 'canceled by kim' });
  expect(await ended(service, waiting)).toMatchObject({ state: 'completed' });
  expect(await service.admin('/admin/optimize/cancel', { studyId: long })).toMatchObject({ status: 409 });
  const [finished] = await ofStudy('opt.results', long);
  expect(finished?.data).toMatchObject({ outcome: 'failed' });
  await requestByEvent(redis, { studyId: 'impossible', ...eventBody({ interval: '5m' }) });
  await until(async () => (await ofStudy('opt.results', 'impossible')).length === 1);
  expect((await ofStudy('opt.results', 'impossible'))[0]?.data).toMatchObject({ outcome: 'failed' });
  await service.process.stop(5_000);
  expect(await service.process.exited).toMatchObject({ code: 0, signal: null });
});

function eventBody(over: object): object {
  const { tradesMin: _1, drawdownMax: _2, candidates: _3, ...asked } = specOf({ from: FROM });
  return { ...asked, to: FROM + 2 * DAY_MS, ...over };
}
