import request from 'supertest';
import { describe, expect, it } from 'vitest';
import { ADMIN_TOKEN, lampApp } from './test-app.fixture.ts';

const halt = (app: Parameters<typeof request>[0], token?: string) => {
  const call = request(app).post('/admin/lamps/halt');
  return token === undefined ? call : call.set('X-Admin-Token', token);
};

describe('admin routes', () => {
  it('let the right token in, audit and log the call', async () => {
    const { app, audited, log } = lampApp();
    const answer = await halt(app, ADMIN_TOKEN).set('X-Request-Id', 'call-1').send({ reason: 'smoke' });
    expect([answer.status, answer.body]).toEqual([200, { halted: true, admin: true }]);
    expect(audited).toEqual([
      {
        at: expect.stringMatching(/^\d{4}-\d\d-\d\dT.*Z$/),
        outcome: 'granted',
        method: 'POST',
        path: '/admin/lamps/halt',
        address: expect.stringContaining('127.0.0.1'),
        requestId: 'call-1',
        traceparent: answer.headers['traceparent'],
      },
    ]);
    expect(log.join('')).toContain('admin call granted');
    expect(log.join('')).not.toContain(ADMIN_TOKEN);
  });

  it.each([
    ['no token', undefined, 401, 'ADMIN_TOKEN_MISSING'],
    ['an empty token', '', 401, 'ADMIN_TOKEN_MISSING'],
    ['a wrong token', 'wrong', 401, 'ADMIN_TOKEN_WRONG'],
    ['a token of the same length', ADMIN_TOKEN.replace('the', 'thy'), 401, 'ADMIN_TOKEN_WRONG'],
    ['a prefix of the token', ADMIN_TOKEN.slice(0, -1), 401, 'ADMIN_TOKEN_WRONG'],
    ['the token twice', `${ADMIN_TOKEN}, ${ADMIN_TOKEN}`, 401, 'ADMIN_TOKEN_WRONG'],
  ])('refuse %s', async (_name, token, status, code) => {
    const { app, audited } = lampApp();
    const answer = await halt(app, token);
    expect(answer.body).toMatchObject({ status, code });
    expect(answer.headers['www-authenticate']).toBe('X-Admin-Token');
    expect(audited).toMatchObject([{ outcome: 'refused', reason: code }]);
  });

  it.each([undefined, []])('all refuse when no token is configured (%j)', async (adminToken) => {
    const { app, audited } = lampApp({ adminToken });
    const answer = await halt(app, 'undefined');
    expect(answer.body).toMatchObject({
      status: 403,
      code: 'ADMIN_TOKEN_NOT_CONFIGURED',
      action: expect.stringContaining('ADMIN_TOKEN_FILE'),
    });
    expect(audited).toMatchObject([{ outcome: 'refused', reason: 'ADMIN_TOKEN_NOT_CONFIGURED' }]);
  });

  it('take the old and the new token while a rotation lasts', async () => {
    const { app } = lampApp({ adminToken: ['new-token-new-token', ADMIN_TOKEN] });
    expect((await halt(app, ADMIN_TOKEN)).status).toBe(200);
    expect((await halt(app, 'new-token-new-token')).status).toBe(200);
    expect((await halt(app, 'other')).status).toBe(401);
  });

  it('say nothing about which of them exist without the token', async () => {
    const { app } = lampApp();
    const unknown = await request(app).get('/admin/nothing/here?token=hunter2');
    expect(unknown.body).toMatchObject({ status: 401, code: 'ADMIN_TOKEN_MISSING' });
    expect((await request(app).get('/admin/nothing').set('X-Admin-Token', ADMIN_TOKEN)).status).toBe(404);
  });

  it.each([
    '/Admin/lamps/halt',
    '//admin/lamps/halt',
    '/%61dmin/lamps/halt',
    '/admin/lamps/halt/',
    '/x/../admin/lamps/halt',
    '/admin;a/lamps/halt',
  ])('are not reachable as %s', async (path) => {
    const { app, audited } = lampApp();
    const answer = await request(app).post(path);
    expect([401, 404]).toContain(answer.status);
    expect(audited.filter(({ outcome }) => outcome === 'granted')).toEqual([]);
  });

  it('are audited without the query, which may hold anything', async () => {
    const { app, audited } = lampApp();
    await request(app).post('/admin/lamps/halt?token=hunter2');
    expect(audited).toMatchObject([{ path: '/admin/lamps/halt' }]);
  });

  it('are limited for each address, before the token is looked at', async () => {
    const { app, audited } = lampApp({ adminCallsPerMinute: 3 });
    const statuses: number[] = [];
    for (let call = 0; call < 5; call += 1) statuses.push((await halt(app, 'wrong')).status);
    expect(statuses).toEqual([401, 401, 401, 429, 429]);
    const limited = await halt(app, ADMIN_TOKEN);
    expect(limited.body).toMatchObject({ status: 429, code: 'ADMIN_RATE_LIMITED' });
    expect(Number(limited.headers['retry-after'])).toBeGreaterThan(0);
    expect(audited.at(-1)).toMatchObject({ outcome: 'refused', reason: 'ADMIN_RATE_LIMITED' });
    expect((await request(app).get('/status')).status).toBe(200);
  });

  it('believe a forwarded address only from a proxy that is trusted', async () => {
    const distrusting = lampApp();
    await halt(distrusting.app, 'wrong').set('X-Forwarded-For', '198.51.100.7');
    expect(distrusting.audited[0]?.address).toContain('127.0.0.1');
    const trusting = lampApp({ trustProxy: ['loopback'] });
    await halt(trusting.app, 'wrong').set('X-Forwarded-For', '198.51.100.7');
    expect(trusting.audited[0]?.address).toBe('198.51.100.7');
  });

  it('work while the audit store is down, which is logged', async () => {
    const { app, log } = lampApp({ audit: () => Promise.reject(new Error('postgres is away')) });
    expect((await halt(app, ADMIN_TOKEN)).status).toBe(200);
    expect(log.join('')).toContain('the audit entry could not be stored');
  });
});
