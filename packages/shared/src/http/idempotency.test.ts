import request from 'supertest';
import { describe, expect, it } from 'vitest';
import { idempotencyContract } from './idempotency.contract.ts';
import { requestFingerprint } from './idempotency.ts';
import { type IdempotencyStore, memoryIdempotencyStore } from './index.ts';
import { lampApp } from './test-app.fixture.ts';

idempotencyContract('memory', async (times) => {
  let now = 0;
  const store = memoryIdempotencyStore({ ...times, now: () => now });
  return {
    store,
    pass: async (ms) => {
      now += ms;
    },
  };
});

const lamp = (
  app: Parameters<typeof request>[0],
  key: string | undefined,
  body: object = { name: 'hall' },
) => {
  const call = request(app).post('/lamps');
  return (key === undefined ? call : call.set('Idempotency-Key', key)).send(body);
};

describe('Idempotency-Key', () => {
  it('gives the first answer again and does nothing twice', async () => {
    const { app, lamps } = lampApp();
    const first = await lamp(app, 'k1');
    const again = await lamp(app, 'k1');
    expect([first.status, again.status]).toEqual([201, 201]);
    expect(again.text).toBe(first.text);
    expect(again.headers['content-type']).toBe(first.headers['content-type']);
    expect([first.headers['idempotency-replayed'], again.headers['idempotency-replayed']]).toEqual([
      undefined,
      'true',
    ]);
    expect(lamps.switched).toEqual(['hall']);
  });

  it('is not needed, and each request without it stands alone', async () => {
    const { app, lamps } = lampApp();
    await lamp(app, undefined);
    await lamp(app, undefined);
    expect(lamps.switched).toEqual(['hall', 'hall']);
  });

  it('does not mind the order of the fields', async () => {
    const { app, lamps } = lampApp();
    await lamp(app, 'k1', { name: 'hall', watts: 5 });
    expect((await lamp(app, 'k1', { watts: 5, name: 'hall' })).status).toBe(201);
    expect(lamps.switched).toEqual(['hall']);
  });

  it.each([
    ['another body', '/lamps', { name: 'cellar' }],
    ['another route', '/lamps/all-off', {}],
  ])('refuses the key for %s', async (_name, path, body) => {
    const { app, lamps } = lampApp();
    await lamp(app, 'k1');
    const answer = await request(app).post(path).set('Idempotency-Key', 'k1').send(body);
    expect(answer.body).toMatchObject({ status: 409, code: 'IDEMPOTENCY_KEY_CONFLICT' });
    expect(lamps.switched).toEqual(['hall']);
  });

  it('says that the first request still runs', async () => {
    const gate = Promise.withResolvers<void>();
    const { app, lamps } = lampApp();
    lamps.gate = gate.promise;
    const [first, second] = [
      lamp(app, 'k1').then((answer) => answer),
      lamp(app, 'k1').then((answer) => answer),
    ];
    const refused = await Promise.race([first, second]);
    expect(refused.body).toMatchObject({ status: 409, code: 'IDEMPOTENCY_IN_PROGRESS' });
    expect(refused.headers['retry-after']).toBe('1');
    gate.resolve();
    expect((await Promise.all([first, second])).map(({ status }) => String(status)).sort()).toEqual([
      '201',
      '409',
    ]);
    expect(lamps.switched).toEqual(['hall']);
  });

  it('says what to do about a request that was cut off', async () => {
    const store = memoryIdempotencyStore({ leaseMs: 0 });
    const { app } = lampApp({ idempotency: store });
    await store.begin(
      'k1',
      requestFingerprint('post /lamps', { params: {}, query: {}, body: { name: 'hall' } }),
    );
    const answer = await lamp(app, 'k1');
    expect(answer.body).toMatchObject({
      status: 409,
      code: 'IDEMPOTENCY_INTERRUPTED',
      action: expect.stringContaining('with a new key'),
    });
  });

  it('keeps a fault, after which the effect may be there', async () => {
    const { app, lamps } = lampApp();
    const first = await lamp(app, 'k1', { name: 'broken' });
    const again = await lamp(app, 'k1', { name: 'broken' });
    expect([first.status, again.status]).toEqual([500, 500]);
    expect(again.text).toBe(first.text);
    expect(again.headers['content-type']).toMatch(/problem\+json/);
    expect(lamps.switched).toEqual(['broken']);
  });

  it('frees the key when the error says that nothing was done', async () => {
    const { app, lamps } = lampApp();
    await lamp(app, 'k1', { name: 'busy' });
    await lamp(app, 'k1', { name: 'busy' });
    expect(lamps.switched).toEqual(['busy', 'busy']);
  });

  it('does not use up a key on a request that is refused', async () => {
    const { app } = lampApp();
    expect((await lamp(app, 'k1', { name: '' })).status).toBe(400);
    expect((await lamp(app, 'k1')).status).toBe(201);
  });

  it.each([
    ['missing where it is demanded', undefined, 'IDEMPOTENCY_KEY_REQUIRED'],
    ['too long', 'x'.repeat(256), 'IDEMPOTENCY_KEY_INVALID'],
    ['with a space', 'a b', 'IDEMPOTENCY_KEY_INVALID'],
  ])('is refused when %s', async (_name, key, code) => {
    const { app, lamps } = lampApp();
    const call = request(app).post('/lamps/all-off');
    const answer = await (key === undefined ? call : call.set('Idempotency-Key', key));
    expect(answer.body).toMatchObject({ status: 400, code });
    expect(lamps.switched).toEqual([]);
  });

  it('replays an answer without a body', async () => {
    const { app, lamps } = lampApp();
    const off = () => request(app).post('/lamps/all-off').set('Idempotency-Key', 'k1');
    expect([(await off()).status, (await off()).status]).toEqual([204, 204]);
    expect(lamps.switched).toEqual(['off']);
  });

  it('does nothing when the key cannot be recorded, and answers when the answer cannot', async () => {
    const broken = (method: keyof IdempotencyStore): IdempotencyStore => ({
      ...memoryIdempotencyStore(),
      [method]: () => Promise.reject(new Error('postgres is away')),
    });
    const unrecorded = lampApp({ idempotency: broken('begin') });
    expect((await lamp(unrecorded.app, 'k1')).body).toMatchObject({
      status: 503,
      code: 'IDEMPOTENCY_STORE_UNAVAILABLE',
    });
    expect(unrecorded.lamps.switched).toEqual([]);
    const unfinished = lampApp({ idempotency: broken('finish') });
    expect((await lamp(unfinished.app, 'k1')).status).toBe(201);
    expect(unfinished.log.join('')).toContain('the idempotency key could not be settled');
  });
});
