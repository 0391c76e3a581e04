import { type RunningService, serviceScene, until } from '@fleet/testkit/services';
import { expect, test } from 'vitest';
import {
  approved,
  bar,
  cycleOf,
  DAY_START,
  denied,
  MINUTE,
  marked,
  order,
  planned,
  proposal,
  SYMBOLS,
  signal,
  status,
} from '../test/feed.ts';
import { ADMIN_TOKEN, PROGRAM, read, standsAs, write } from '../test/program.ts';
import { STATE_KEY, STATE_KEY_MS } from './trading-state/state-key.ts';

const { database, redis, start } = await serviceScene(PROGRAM, { emptied: true });
const admin = { 'x-admin-token': ADMIN_TOKEN };

interface Said {
  readonly state: { readonly epoch: number; readonly mode: string; readonly reason: string };
}
const commands = async () => (await read<Said>(redis, 'orchestrator.commands')).map(({ type }) => type);
const stateKey = async () => JSON.parse((await redis.client.get(STATE_KEY)) ?? 'null');
const settled = async (service: RunningService, openTime: number) =>
  (await service.get(`/cycles/${cycleOf(openTime)}?waitMs=20000`)).body as {
    status: string;
    latencyMs: number;
    stateEpoch: number;
  };

const opening = () => marked(DAY_START, 1_000, { kind: 'opening' });
const applied = (epoch: number, mode = 'HALTED') =>
  status('trading-state.applied', { epoch, mode, figures: {} });

test('a cycle through the streams: settled, explained, counted', async () => {
  const service = await start();
  const cycleId = cycleOf(DAY_START);
  const id = proposal(1);
  await until(async () => (await stateKey())?.epoch === 1);
  const waiting = settled(service, DAY_START);
  await write(
    redis,
    bar(DAY_START),
    bar(DAY_START, SYMBOLS[1]),
    signal(DAY_START),
    signal(DAY_START, SYMBOLS[1]),
  );
  await write(redis, opening(), planned(DAY_START, [id, proposal(2)]), marked(DAY_START, 1_020));
  await write(redis, approved(id, cycleId), denied(proposal(2), cycleId));
  await write(redis, order('accepted', id, cycleId), order('filled', id, cycleId));
  expect(await waiting).toMatchObject({ status: 'settled', stateEpoch: 2, proposals: [id, proposal(2)] });
  await until(async () => (await commands()).length === 3);
  expect(await commands()).toEqual(['trading-state.changed', 'day.opened', 'trading-state.changed']);
  expect(await stateKey()).toMatchObject({ epoch: 2, reason: 'DAILY_TARGET', run: 'run-1' });
  const why = (await service.get(`/orders/${id.slice(0, 32)}/why`)).body;
  expect(why).toMatchObject({
    proposalId: id,
    bar: { close: '105' },
    signal: { strategy: 'ema-cross' },
    proposal: { quantity: '2', purpose: 'entry' },
    decision: { outcome: 'approved', code: 'POSITION_ABOVE_LIMIT', quantity: '1' },
    order: { state: 'FILLED', venueOrderId: '17' },
    fills: [{ price: '105', fee: '0.001' }],
    cycle: { cycleId, status: 'settled' },
  });
  expect((why as { story: string[] }).story.join('\n')).toMatch(/closed at 105[\s\S]*filled 1 at 105/);
  expect((await service.get(`/orders/${proposal(2)}/why`)).body).toMatchObject({
    decision: { outcome: 'denied' },
    order: null,
  });
  expect(await service.get('/orders/unknown/why')).toMatchObject({ status: 404 });
  expect((await service.get('/pnl/status')).body).toMatchObject({
    equity: '1020',
    day: { pnl: '20', pnlPct: 2, targetReached: true },
    toTargetPct: 0,
    trading: { mode: 'REDUCING', reason: 'DAILY_TARGET' },
  });
  expect((await service.get('/status')).body).toMatchObject({
    trading: { mode: 'REDUCING', epoch: 2 },
    decidedCycle: cycleId,
    lastCycle: { id: cycleId, status: 'settled' },
    cyclesCompleted: 1,
    cyclesTimedOut: 0,
  });
  expect((await service.get('/cycles?limit=5')).body).toMatchObject({ cycles: [{ cycleId }] });
  const metrics = await (await fetch(`${service.url}/metrics`)).text();
  for (const line of [
    /trading_state\{mode="REDUCING",service="orchestrator"\} 1/,
    /cycles_total\{outcome="complete",service="orchestrator"\} 1/,
    /day_pnl_pct\{run="run-1",service="orchestrator"\} 2/,
    /cycle_latency_seconds_count\{service="orchestrator"\} 1/,
  ])
    expect(metrics).toMatch(line);
});

test('kill -9 in the middle of cycles: each is settled once, said once, and the audit is unbroken', async () => {
  let service = await start();
  await write(redis, opening());
  const times = Array.from({ length: 12 }, (_, minute) => DAY_START + minute * MINUTE);
  for (const [index, openTime] of times.entries()) {
    const id = proposal(index + 1);
    await write(redis, bar(openTime), bar(openTime, SYMBOLS[1]), signal(openTime));
    await write(redis, planned(openTime, [id]), approved(id, cycleOf(openTime)));
    if (index % 4 === 2) {
      await service.process.kill();
      await write(redis, order('accepted', id, cycleOf(openTime)), marked(openTime, 1_000 - index));
      service = await start();
    } else {
      await write(redis, marked(openTime, 1_000 - index), order('accepted', id, cycleOf(openTime)));
    }
    expect(await settled(service, openTime)).toMatchObject({ status: 'settled' });
  }
  const status_ = (await service.get('/status')).body;
  expect(status_).toMatchObject({ cyclesCompleted: 12, decidedCycle: cycleOf(times[11] as number) });
  // Equity fell by 1.1 %: neither target nor cap, so that the first state and day are all that was said.
  expect(await commands()).toEqual(['trading-state.changed', 'day.opened']);
  const { rows } = await database.pool.query(
    "select count(*)::int as cycles from orchestrator.cycles where decided and status = 'settled'",
  );
  expect(rows).toEqual([{ cycles: 12 }]);
  const audit = (await service.get('/admin/audit?verify=true', admin)).body;
  expect(audit).toMatchObject({ verification: { intact: true } });
});

test('a dead orchestrator stops new orders: its key expires; the next one brings it back', async () => {
  const first = await start();
  await until(async () => (await stateKey()) !== null);
  expect(await redis.client.pttl(STATE_KEY)).toBeLessThanOrEqual(STATE_KEY_MS);
  const before = await stateKey();
  await first.process.kill();
  await until(async () => (await stateKey()) === null);
  await start();
  await until(async () => (await stateKey()) !== null);
  expect(await stateKey()).toEqual(before);
});

test('a halt is confirmed by the executor, lifted by a person, and repeated without effect while it holds', async () => {
  const service = await start();
  const body = { reason: 'test of the brakes', actor: 'kim' };
  expect(await service.post('/admin/orchestrate/halt', body)).toMatchObject({ status: 401 });
  const key = { ...admin, 'idempotency-key': 'halt-1' };
  const halting = service.post('/admin/orchestrate/halt', body, key);
  await until(async () => (await stateKey())?.mode === 'HALTED');
  await write(redis, applied(2));
  const halted = await halting;
  expect(halted).toMatchObject({
    status: 200,
    body: { confirmed: true, changed: true, trading: { mode: 'HALTED', actor: 'kim', epoch: 2 } },
  });
  expect(await service.post('/admin/orchestrate/halt', body, key)).toMatchObject({
    body: { confirmed: true, changed: false, trading: { mode: 'HALTED', epoch: 2 } },
  });
  expect(await service.post('/admin/orchestrate/halt', body, admin)).toMatchObject({
    body: { confirmed: true, changed: false },
  });
  expect(await service.post('/admin/orchestrate/unhalt', body, admin)).toMatchObject({
    body: { trading: { mode: 'ACTIVE', epoch: 3 } },
  });
  expect(await service.post('/admin/orchestrate/unhalt', body, admin)).toMatchObject({
    status: 409,
    body: { code: 'TRADING_NOT_STOPPED' },
  });
  expect(await service.post('/orchestrate/stop', {})).toMatchObject({
    body: { changed: true, trading: { mode: 'REDUCING', reason: 'ADMIN' } },
  });
  expect(await service.post('/admin/orchestrate/reduce', body, admin)).toMatchObject({
    body: { changed: false },
  });
  expect(await service.post('/admin/pnl/reset', body, admin)).toMatchObject({
    status: 409,
    body: { code: 'NO_OPEN_DAY' },
  });
  expect(await service.post('/orchestrate/run', { symbols: ['NOSUCH'] })).toMatchObject({ status: 400 });
  expect(await service.post('/orchestrate/run', {})).toMatchObject({ status: 202 });
  expect(await commands()).toEqual([
    'trading-state.changed',
    'cancel-all.requested',
    'trading-state.changed',
    'trading-state.changed',
    'trading-state.changed',
    'analyze.requested',
  ]);
  const kinds = (
    (await service.get('/admin/audit?limit=500', admin)).body as { entries: { body: { kind: string } }[] }
  ).entries.map(({ body: { kind } }) => kind);
  expect(kinds).toContain('admin.refused');
  expect(kinds.filter((kind) => kind === 'halt.requested')).toHaveLength(3);
});

test('a halt after a lifted one halts, whatever ids the client uses twice', async () => {
  const service = await start();
  const body = { reason: 'same ids' };
  const same = { ...admin, 'x-request-id': 'runbook-halt', 'idempotency-key': 'halt-again' };
  const down = async (path: string) => {
    const asking = service.post(path, body, same);
    await until(async () => (await stateKey())?.mode !== 'ACTIVE');
    await write(redis, applied((await stateKey()).epoch));
    expect(await asking).toMatchObject({ status: 200, body: { changed: true } });
    expect(await service.post('/admin/orchestrate/unhalt', body, admin)).toMatchObject({ status: 200 });
    await until(async () => (await stateKey())?.mode === 'ACTIVE');
  };
  for (const path of ['halt', 'halt', 'reduce', 'reduce']) await down(`/admin/orchestrate/${path}`);
});

test('a halt that nobody confirms says so, and tells people', async () => {
  const service = await start();
  const { body } = await service.post('/admin/orchestrate/halt', { reason: 'nobody answers' }, admin);
  expect(body).toMatchObject({ confirmed: false, trading: { mode: 'HALTED' } });
  await until(async () => {
    const told = await read<{ code: string }>(redis, 'notify.events');
    return told.some(({ data }) => data.code === 'HALT_UNCONFIRMED');
  });
});

test('what is wrong is refused: stale data reduce, and only fresh data lift it', async () => {
  const service = await start();
  const stale = { type: 'market-data.stale', stream: 'market.events', at: 0 };
  await write(redis, { ...stale, data: { symbol: 'BTCUSDT', lastCloseTime: null, ageMs: 9_000 } });
  await until(async () => (await stateKey())?.reason === 'MARKET_DATA');
  expect(await service.post('/admin/orchestrate/unhalt', { reason: 'please' }, admin)).toMatchObject({
    status: 409,
    body: { code: 'MARKET_DATA_NOT_FRESH' },
  });
  const recovered = { symbol: 'BTCUSDT', closeTime: 1, repairedBars: 0 };
  await write(redis, { ...stale, type: 'market-data.recovered', data: recovered });
  await until(async () => (await stateKey())?.reason === 'RECOVERED');
});

test('a cycle that hangs is given up and told when live', async () => {
  const service = await start({ CYCLE_TIMEOUT_MS: '1000' });
  await write(redis, opening(), bar(DAY_START), planned(DAY_START, [proposal(1)]), marked(DAY_START, 960));
  expect(await settled(service, DAY_START)).toMatchObject({
    status: 'timed-out',
    waitingFor: [`order ${proposal(1)}`],
  });
  expect(await stateKey()).toMatchObject({ mode: 'HALTED', reason: 'DAILY_LOSS_CAP' });
});

test('a replica that stands by takes over with all that was decided', async () => {
  const first = await start();
  await write(redis, opening(), bar(DAY_START), planned(DAY_START, []), marked(DAY_START, 1_020));
  await settled(first, DAY_START);
  const second = await start({}, { started: standsAs('acquiring') });
  expect(await second.get('/pnl/status')).toMatchObject({ status: 503, body: { code: 'NOT_LEADER' } });
  expect(await second.post('/admin/orchestrate/halt', { reason: 'x' }, admin)).toMatchObject({ status: 503 });
  await first.process.stop();
  await until(async () => (await second.get('/pnl/status')).status === 200);
  expect((await second.get('/status')).body).toMatchObject({
    trading: { epoch: 2, reason: 'DAILY_TARGET' },
    day: '2024-08-05',
    decidedCycle: cycleOf(DAY_START),
  });
  expect((await second.get(`/cycles/${cycleOf(DAY_START)}?waitMs=5000`)).body).toMatchObject({
    settled: true,
  });
});

test('the audit cannot be changed by the service, and a change by others is found', async () => {
  const service = await start();
  for (let n = 0; n < 3; n += 1) await service.get('/admin/streams/pending', admin);
  const change =
    "update orchestrator.audit_events set body = replace(body, 'granted', 'denied') where sequence = 2";
  await expect(database.pool.query(change)).rejects.toThrow(/only ever added to/);
  await expect(database.pool.query('delete from orchestrator.audit_events')).rejects.toThrow(
    /only ever added/,
  );
  const verify = async () =>
    ((await service.get('/admin/audit?verify=true', admin)).body as { verification: unknown }).verification;
  expect(await verify()).toMatchObject({ intact: true, problem: null });
  await database.pool.query('alter table orchestrator.audit_events disable trigger all');
  await database.pool.query(
    "update orchestrator.audit_events set body = replace(body, 'kind', 'sort') where sequence = 2",
  );
  await database.pool.query('alter table orchestrator.audit_events enable trigger all');
  expect(await verify()).toMatchObject({ intact: false, rows: 1 });
});

test('dead letters: listed, taken back by key, recorded; the day goes on where it stopped', async () => {
  const service = await start();
  const broken = bar(DAY_START);
  // A bar that its own schema refuses, as a faulty writer might send it.
  const fields = ['id', '8c3f7a52-6a0d-5e0c-9d0e-3b8c51a9f001', 'type', 'bar.closed', 'v', '1'];
  const rest = ['ts', '2024-08-05T00:01:00.000Z', 'key', 'BTCUSDT', 'source', 'x', 'run', 'run-1'];
  const tail = ['traceparent', '', 'requestId', '', 'causationId', '', 'data', '{"symbol":1}'];
  await redis.client.xadd(`${broken.stream}:{0}`, '*', ...fields, ...rest, ...tail);
  const letters = async () =>
    ((await service.get('/admin/streams/dlq', admin)).body as { letters: { id: string; key: string }[] })
      .letters;
  await until(async () => (await letters()).length === 1);
  const [letter] = await letters();
  await redis.client.xadd('market.bars.dlq:{0}', '*', 'stream', 'market.bars', 'payload', 'notjson');
  const [forged, other] = await letters();
  expect([forged, other]).toMatchObject([{ code: 'LETTER_UNREADABLE', stream: 'market.bars' }, letter ?? {}]);
  expect(await service.post('/admin/streams/dlq/requeue', { id: forged?.id }, admin)).toMatchObject({
    ...{ status: 409, body: { code: 'LETTER_UNREADABLE' } },
  });
  expect(letter).toMatchObject({ stream: 'market.bars', group: 'orchestrator', code: 'ENTRY_UNREADABLE' });
  expect(
    await service.post('/admin/streams/dlq/requeue', { id: letter?.id, key: 'BTCUSDT' }, admin),
  ).toMatchObject({ status: 400 });
  expect(await service.post('/admin/streams/dlq/requeue', { key: 'nothing' }, admin)).toMatchObject({
    status: 404,
  });
  expect(await service.post('/admin/streams/dlq/requeue', { key: 'BTCUSDT' }, admin)).toMatchObject({
    status: 202,
    body: { requested: [{ key: 'BTCUSDT', group: 'orchestrator' }] },
  });
  const audit = (await service.get('/admin/audit?kind=dlq.requeue', admin)).body;
  expect(audit).toMatchObject({ entries: [{ body: { kind: 'dlq.requeue' } }] });
  const { groups } = (await service.get('/admin/streams/pending', admin)).body as { groups: object[] };
  expect(groups).toContainEqual(
    expect.objectContaining({ stream: 'market.bars', group: 'orchestrator', exists: true }),
  );
});

test('events are told to who listens, and the listener is let go at the stop', async () => {
  const service = await start();
  const response = await fetch(`${service.url}/events`);
  expect(response.headers.get('content-type')).toContain('text/event-stream');
  await write(redis, opening(), bar(DAY_START), planned(DAY_START, []), marked(DAY_START, 960));
  let heard = '';
  const reader = response.body?.pipeThrough(new TextDecoderStream()).getReader();
  while (!/event: state[\s\S]*DAILY_LOSS_CAP/.test(heard) || !/"settled":true/.test(heard)) {
    const { value, done } = (await reader?.read()) ?? { value: '', done: true };
    if (done) break;
    heard += value;
  }
  expect(heard).toMatch(/event: cycle[\s\S]*"settled":true/);
  expect(heard).toMatch(/event: state[\s\S]*DAILY_LOSS_CAP/);
  await service.process.stop(5_000);
  expect(await service.process.exited).toMatchObject({ code: 0, signal: null });
});
