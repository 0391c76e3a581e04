import { type RunningService, serviceScene, until } from '@fleet/testkit/services';
import { afterAll, afterEach, expect, test } from 'vitest';
import { fakeSlack } from '../test/fake-slack.ts';
import { ADMIN_TOKEN, PROGRAM, raise } from '../test/program.ts';

const scene = await serviceScene(PROGRAM);
const { database, redis } = scene;
const slack = await fakeSlack();
const token = 'xoxb-0123456789-of-the-test';

afterEach(() => slack.always('accept'));
afterAll(() => slack.close());

const start = (env: Record<string, string> = { SLACK_BOT_TOKEN: token, SLACK_API_URL: slack.url }) =>
  scene.start(env);

interface Listed {
  notifications: {
    id: string;
    dedupeKey: string;
    occurrences: number;
    outcome: string;
    ackedBy: string | null;
  }[];
}
const recent = async (service: RunningService) =>
  ((await service.get('/notify/recent')).body as Listed).notifications;
const ofKey = async (service: RunningService, key: string) =>
  (await recent(service)).find(({ dedupeKey }) => dedupeKey === key);
const titlesOf = (prefix: string) =>
  slack.accepted.map(({ text }) => text).filter((text) => text.includes(`Title ${prefix}`));
const numbered = (prefix: string, count: number) =>
  Array.from({ length: count }, (_, index) => `${prefix}${index}`);

test('a raised notification reaches its channel, a repetition is counted, worse is told again', async () => {
  const service = await start();
  await raise(redis, { dedupeKey: 'once' });
  await raise(redis, { dedupeKey: 'once' }, 'once-again');
  await raise(redis, { dedupeKey: 'once', severity: 'critical' }, 'once-worse');
  await until(async () => titlesOf('once').length === 2);
  const told = slack.accepted.map(({ channel, text }) => `${channel} ${text}`);
  // Two channels: which of them is first is not promised.
  expect(told.toSorted()).toEqual([
    '#alerts WARNING: Title once',
    '#critical CRITICAL: worse: Title once-worse',
  ]);
  const stored = await ofKey(service, 'once');
  expect(stored).toMatchObject({ occurrences: 3, outcome: 'told' });
  const allSent = async () => {
    const { body } = await service.get(`/notify/status/${stored?.id}`);
    return (body as { deliveries: { status: string }[] }).deliveries.every(({ status }) => status === 'sent');
  };
  await until(allSent);
});

test('kill -9 while Slack is away loses no notification, and each channel keeps its order', async () => {
  slack.always({ status: 503 });
  const first = await start();
  const names = numbered('crash-', 8);
  for (const name of names.slice(0, 5)) await raise(redis, { dedupeKey: name });
  await until(
    async () => (await recent(first)).filter(({ dedupeKey }) => dedupeKey.startsWith('crash-')).length === 5,
  );
  await first.process.kill();
  for (const name of names.slice(5)) await raise(redis, { dedupeKey: name }); // while nobody listens
  slack.always('accept');
  const second = await start();
  await until(async () => titlesOf('crash-').length >= 8);
  const notBooked = async () =>
    (await second.get('/status')).body as { slack: { waiting: number; state: string } };
  await until(async () => (await notBooked()).slack.waiting === 0);
  expect(titlesOf('crash-')).toEqual(names.map((name) => `WARNING: Title ${name}`));
  const { rows } = await database.pool.query(
    "select count(*)::int as owed from notify.deliveries where status = 'pending'",
  );
  expect(rows).toEqual([{ owed: 0 }]);
});

test('429, 5xx and a login page are waited out; a refused message does not hold back the next', async () => {
  const service = await start();
  slack.script(
    { status: 429, retryAfter: 0 },
    { status: 500 },
    { status: 200, body: '<html>' },
    { error: 'msg_too_long' },
  );
  await raise(redis, { dedupeKey: 'rough-0' });
  await raise(redis, { dedupeKey: 'rough-1' });
  await until(async () => titlesOf('rough-1').length === 1);
  const stored = await ofKey(service, 'rough-0');
  const { body } = await service.get(`/notify/status/${stored?.id}`);
  expect(body).toMatchObject({ deliveries: [{ status: 'failed', attempts: 4, lastError: 'msg_too_long' }] });
});

test('a token that Slack refuses is told in /status; the streams go on; when it is right again all is sent', async () => {
  slack.always({ error: 'invalid_auth' });
  const service = await start();
  const names = numbered('auth-', 3);
  for (const name of names) await raise(redis, { dedupeKey: name });
  await until(
    async () => (await recent(service)).filter(({ dedupeKey }) => dedupeKey.startsWith('auth-')).length === 3,
  );
  const state = async () => ((await service.get('/status')).body as { slack: unknown }).slack;
  await until(async () => JSON.stringify(await state()).includes('needs-person'));
  expect(await state()).toMatchObject({ faults: { '#alerts': 'invalid_auth' } });
  expect((await service.get('/ready')).status).toBe(200);
  slack.always('accept');
  await until(async () => titlesOf('auth-').length === 3);
  expect(service.log()).not.toContain(token);
});

test('a Slack that never answers blocks neither the streams nor the stop', async () => {
  slack.always('silent');
  const service = await start();
  for (const name of numbered('slow-', 3)) await raise(redis, { dedupeKey: name });
  await until(
    async () => (await recent(service)).filter(({ dedupeKey }) => dedupeKey.startsWith('slow-')).length === 3,
  );
  const posted = await service.post('/notify', {
    severity: 'critical',
    code: 'STILL_HERE',
    title: 'Still here',
  });
  expect(posted).toMatchObject({ status: 202, body: { outcome: 'told' } });
  await service.process.stop(5_000);
  expect(await service.process.exited).toMatchObject({ code: 0, signal: null });
});

test('without a token everything is stored and logged, nothing is sent, and that is said', async () => {
  const service = await start({});
  const before = slack.requests.length;
  await raise(redis, { dedupeKey: 'quiet' });
  await until(async () => (await ofKey(service, 'quiet')) !== undefined);
  expect(await ofKey(service, 'quiet')).toMatchObject({ outcome: 'stored-only' });
  expect((await service.get('/status')).body).toMatchObject({ slack: { state: 'not-configured' } });
  await until(async () => service.log().includes('notification: Title quiet'));
  expect(slack.requests.length).toBe(before);
});

test('routes: raising with a key twice, acknowledging, bad input', async () => {
  const service = await start({});
  const body = { severity: 'info', code: 'BY_HAND', title: 'By hand', figures: { free: 3 } };
  const key = { 'idempotency-key': 'by-hand-1' };
  const raised = await service.post('/notify', body, key);
  expect(raised).toMatchObject({ status: 202, body: { outcome: 'stored-only' } });
  expect(await service.post('/notify', body, key)).toEqual(raised);
  const { id } = raised.body as { id: string };
  expect((await service.get(`/notify/status/${id}`)).body).toMatchObject({
    notification: { occurrences: 1 },
  });
  const admin = { 'x-admin-token': ADMIN_TOKEN };
  expect(await service.post('/admin/notify/ack', { id, by: 'kim' })).toMatchObject({ status: 401 });
  const acked = await service.post('/admin/notify/ack', { id, by: 'kim' }, admin);
  expect(acked).toMatchObject({ status: 200, body: { ackedBy: 'kim', already: false } });
  const again = await service.post('/admin/notify/ack', { id, by: 'lou' }, admin);
  expect(again).toMatchObject({ status: 200, body: { ackedBy: 'kim', already: true } });
  const unacked = (await service.get('/notify/recent?unacked=true&limit=500')).body as Listed;
  expect(unacked.notifications.map((each) => each.id)).not.toContain(id);
  expect(await service.post('/admin/notify/ack', { id: 'nobody', by: 'kim' }, admin)).toMatchObject({
    status: 404,
  });
  expect(await service.get('/notify/status/nobody')).toMatchObject({ status: 404 });
  expect(await service.post('/notify', { ...body, severity: 'loud', colour: 'red' })).toMatchObject({
    status: 400,
  });
  expect(await service.get('/notify/recent?limit=0')).toMatchObject({ status: 400 });
});

test('a finished study and a deployment are told', async () => {
  const service = await start();
  const { envelopeToFields, eventId } = await import('@fleet/domain/events');
  const head = { v: 1, ts: '2024-08-05T00:00:00.000Z', key: 'account', source: 'test', run: 'notify-test' };
  const trace = {
    traceparent: '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01',
    requestId: 'r',
    causationId: null,
  };
  const write = (type: string, data: object) =>
    redis.client.xadd(
      'opt.results:{0}',
      '*',
      ...envelopeToFields({ ...head, ...trace, id: eventId('notify-test', type, 'x'), type, data }),
    );
  const common = {
    strategy: 'ema-cross',
    symbols: ['BTCUSDT'],
    parameters: { fast: 9 },
    parameterVersion: 'v7',
  };
  const scores = { trainObjective: 1, testObjective: 0.5 };
  await write('study.finished', {
    ...common,
    ...scores,
    studyId: 's1',
    outcome: 'completed',
    trials: 5,
    message: '',
  });
  await write('parameters.deployed', { ...common, deployedBy: 'kim', rollbackOf: null });
  await until(
    async () =>
      (await recent(service)).filter(({ dedupeKey }) => /^(study|parameters):/.test(dedupeKey)).length === 2,
  );
});

test('an event that does not fit its schema is set aside, and the next one is told', async () => {
  await start();
  await raise(redis, { dedupeKey: 'broken', severity: 'deafening' });
  await raise(redis, { dedupeKey: 'after-broken' });
  await until(async () => (await redis.client.xlen('notify.events.dlq:{0}')) > 0);
  const { rows } = await database.pool.query(
    "select key, code from notify.parked where type = 'notification.raised'",
  );
  expect(rows).toMatchObject([{ key: 'account', code: 'ENTRY_UNREADABLE' }, { key: 'account' }]);
});
