import { gzipSync } from 'node:zlib';
import request from 'supertest';
import { describe, expect, it } from 'vitest';
import { allErrors } from '../errors/index.ts';
import { BODY_BYTES_MAX, endpoint } from './index.ts';
import { lampApp } from './test-app.fixture.ts';

type Send = (agent: ReturnType<typeof request>) => request.Test;
const json = (agent: ReturnType<typeof request>, body: string) =>
  agent.post('/lamps').set('Content-Type', 'application/json').send(body);
const deep = `{"name":${'['.repeat(100)}${']'.repeat(100)}}`;

/** In the order in which a request is read. */
const REFUSALS: readonly (readonly [string, Send, number, string])[] = [
  ['an unknown address', (a) => a.get('/nowhere'), 404, 'NOT_FOUND'],
  ['an address in another case', (a) => a.get('/Lamps/hall'), 404, 'NOT_FOUND'],
  ['a slash at the end', (a) => a.get('/lamps/hall/'), 404, 'NOT_FOUND'],
  ['a path that does not decode', (a) => a.get('/lamps/%zz'), 400, 'BAD_REQUEST'],
  ['another method', (a) => a.delete('/lamps/hall'), 405, 'METHOD_NOT_ALLOWED'],
  ['another method at a common route', (a) => a.post('/health'), 405, 'METHOD_NOT_ALLOWED'],
  ['broken JSON', (a) => json(a, '{"name":'), 400, 'MALFORMED_JSON'],
  ['JSON that is no object', (a) => json(a, '"name"'), 400, 'MALFORMED_JSON'],
  [
    'a body that is too large',
    (a) => json(a, JSON.stringify({ name: 'x'.repeat(BODY_BYTES_MAX) })),
    413,
    'BODY_TOO_LARGE',
  ],
  ['a body that is too deep', (a) => json(a, deep), 400, 'BODY_TOO_DEEP'],
  ['a form', (a) => a.post('/lamps').type('form').send('name=hall'), 415, 'UNSUPPORTED_MEDIA_TYPE'],
  ['text', (a) => a.post('/lamps').type('text/plain').send('{"name":"hall"}'), 415, 'UNSUPPORTED_MEDIA_TYPE'],
  [
    'a compressed body',
    (a) => {
      const sent = a.post('/lamps').set('Content-Type', 'application/json').set('Content-Encoding', 'gzip');
      sent.write(gzipSync('{"name":"hall"}'));
      return sent;
    },
    415,
    'UNSUPPORTED_MEDIA_TYPE',
  ],
  [
    'a charset nobody knows',
    (a) => a.post('/lamps').set('Content-Type', 'application/json; charset=klingon').send('{"name":"hall"}'),
    415,
    'UNSUPPORTED_MEDIA_TYPE',
  ],
  ['no body', (a) => a.post('/lamps'), 400, 'VALIDATION_FAILED'],
  ['a list', (a) => json(a, '[]'), 400, 'VALIDATION_FAILED'],
  ['a body where none belongs', (a) => a.post('/check').send({ name: 'x' }), 400, 'VALIDATION_FAILED'],
  ['a malformed parameter', (a) => a.get('/lamps/A1'), 400, 'VALIDATION_FAILED'],
  ['a malformed query', (a) => a.get('/lamps/hall?detail=tall'), 400, 'VALIDATION_FAILED'],
  ['a query given twice', (a) => a.get('/lamps/hall?detail=long&detail=short'), 400, 'VALIDATION_FAILED'],
  ['an unknown query', (a) => a.get('/lamps/hall?x=1'), 400, 'VALIDATION_FAILED'],
  ['an error of the handler', (a) => a.get('/lamps/none'), 404, 'NOT_FOUND'],
  ['a service that is busy', (a) => a.post('/lamps').send({ name: 'busy' }), 503, 'TEST_LAMP_BUSY'],
];

describe('refusals', () => {
  it.each(REFUSALS)('answers %s with a problem document', async (_name, send, status, code) => {
    const { app, lamps } = lampApp();
    const answer = await send(request(app));
    expect(answer.headers['content-type']).toMatch(/^application\/problem\+json/);
    expect(answer.body).toMatchObject({ status, code });
    expect(answer.status).toBe(status);
    const definition = allErrors().find((known) => known.code === code);
    expect(answer.body).toMatchObject({ title: definition?.title, action: definition?.action });
    expect(answer.body.type).toBe(`urn:fleet:problem:${code.toLowerCase().replaceAll('_', '-')}`);
    expect(answer.body.detail).not.toBe('');
    expect(answer.body.requestId).toBe(answer.headers['x-request-id']);
    if (code !== 'TEST_LAMP_BUSY') expect(lamps.switched).toEqual([]);
  });

  it('lists every refused and every unknown field, and never the value', async () => {
    const body = { name: '', watts: -5, place: { room: 'hall', flor: 'hunter2-secret' }, x: 1 };
    const answer = await request(lampApp().app).post('/lamps').send(body);
    expect(
      answer.body.errors.map(({ in: where, field }: { in: string; field: string }) => `${where} ${field}`),
    ).toEqual(['body name', 'body watts', 'body place.flor', 'body x']);
    expect(answer.text).not.toContain('hunter2');
  });

  it('gives an error of the pure core, which knows no status, as 500 with its code', async () => {
    const named = Object.assign(new Error('no such lamp kind'), {
      code: 'LAMP_KIND',
      retry: 'crash',
      action: 'Name a kind.',
    });
    const odd = endpoint({
      method: 'get',
      path: '/odd',
      summary: 'x',
      handle: () => {
        throw named;
      },
    });
    const answer = await request(lampApp({ endpoints: [odd] }).app).get('/odd');
    expect(answer.body).toMatchObject({
      status: 500,
      code: 'LAMP_KIND',
      detail: 'no such lamp kind',
      action: 'Name a kind.',
    });
  });

  it('reads no prototype from a body', async () => {
    const answer = await json(
      request(lampApp().app),
      '{"name":"a","__proto__":{"admin":true},"constructor":{}}',
    );
    expect(answer.body.errors.map(({ field }: { field: string }) => field)).toEqual([
      '__proto__',
      'constructor',
    ]);
  });

  it('names the allowed methods', async () => {
    const { app } = lampApp();
    expect((await request(app).delete('/lamps/hall')).headers['allow']).toBe('GET, HEAD, OPTIONS');
    const options = await request(app).options('/lamps');
    expect([options.status, options.headers['allow']]).toEqual([204, 'POST, OPTIONS']);
  });
});
