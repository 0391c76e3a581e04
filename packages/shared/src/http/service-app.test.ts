import { createServer } from 'node:http';
import { type AddressInfo, connect } from 'node:net';
import request from 'supertest';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { parseTraceparent } from '../telemetry/index.ts';
import { type Endpoint, endpoint, listen, probe, rawEndpoint } from './index.ts';
import { type Lamps, LEAK, lampApp } from './test-app.fixture.ts';

describe('common routes', () => {
  it('answers /health with the dependencies, also when one is down', async () => {
    const up = await request(lampApp().app).get('/health');
    expect(up.status).toBe(200);
    expect(up.body).toMatchObject({
      status: 'ok',
      service: 'lamps',
      version: '1.0.0',
      dependencies: [{ name: 'redis', status: 'up', latencyMs: 1 }],
    });
    const health = async () => ({
      dependencies: [await probe('postgres', () => Promise.reject(new Error('refused')))],
    });
    const down = await request(lampApp({ health }).app).get('/health');
    expect(down.status).toBe(200);
    expect(down.body).toMatchObject({
      status: 'degraded',
      dependencies: [{ name: 'postgres', status: 'down', detail: 'refused' }],
    });
  });

  it('answers /health also when the report itself fails', async () => {
    const { app } = lampApp({ health: () => Promise.reject(new Error('oops')) });
    const answer = await request(app).get('/health');
    expect(answer.status).toBe(200);
    expect(answer.body).toMatchObject({
      status: 'degraded',
      dependencies: [{ name: 'health', status: 'unknown', detail: 'oops' }],
    });
  });

  it('answers /ready with 200, or with 503 and what is missing', async () => {
    expect((await request(lampApp().app).get('/ready')).body).toEqual({ ready: true, service: 'lamps' });
    const { app } = lampApp({ ready: async () => ({ ready: false, missing: ['no lease', 'redis away'] }) });
    const answer = await request(app).get('/ready');
    expect(answer.status).toBe(503);
    expect(answer.headers['retry-after']).toBe('1');
    expect(answer.body).toMatchObject({ code: 'NOT_READY', detail: 'no lease; redis away' });
    expect(answer.body.errors).toHaveLength(2);
  });

  it('is not ready when readiness cannot be established', async () => {
    const { app } = lampApp({ ready: () => Promise.reject(new Error('no answer')) });
    expect((await request(app).get('/ready')).body).toMatchObject({
      status: 503,
      detail: expect.stringContaining('no answer'),
    });
  });

  it('answers /status and /metrics, with routes as patterns', async () => {
    const { app } = lampApp();
    expect((await request(app).get('/status')).body).toMatchObject({
      service: 'lamps',
      version: '1.0.0',
      role: 'leader',
      lag: 3,
    });
    await request(app).get('/lamps/hall');
    await request(app).get('/nowhere/at/all');
    const { text } = await request(app).get('/metrics');
    expect(text).toContain(
      'http_request_duration_seconds_count{service="lamps",method="GET",route="/lamps/:id",status="200"} 1',
    );
    expect(text).toContain('route="unmatched",status="404"');
    expect(text).not.toContain('nowhere');
  });
});

describe('answers', () => {
  it('gives the declared fields and drops the others', async () => {
    const answer = await request(lampApp().app).get('/lamps/hall?detail=long');
    expect(answer.body).toEqual({ id: 'hall', detail: 'long', inner: { on: true } });
    expect(answer.text).not.toContain(LEAK);
  });

  it('gives status and headers of a reply', async () => {
    const answer = await request(lampApp().app).post('/check');
    expect([answer.status, answer.body, answer.headers['x-later']]).toEqual([202, { later: true }, 'yes']);
  });

  it.each(['/wrong-answer', '/undeclared'])(
    'does not let out an answer that breaks the contract: %s',
    async (path) => {
      const answer = await request(lampApp().app).get(path);
      expect(answer.body).toMatchObject({ status: 500, code: 'RESPONSE_INVALID' });
      expect(answer.text).not.toContain(LEAK);
    },
  );

  it('says nothing of an unexpected error but its request id, which the log has too', async () => {
    const { app, log } = lampApp();
    const answer = await request(app).post('/lamps').send({ name: 'broken' });
    expect(answer.body).toMatchObject({ status: 500, code: 'INTERNAL' });
    expect(answer.text).not.toContain(LEAK);
    expect(log.some((line) => line.includes(answer.body.requestId) && line.includes('vendor said'))).toBe(
      true,
    );
  });

  it('gives up a handler that is too slow', async () => {
    const answer = await request(lampApp().app).get('/slow');
    expect(answer.body).toMatchObject({ status: 504, code: 'HANDLER_TIMEOUT' });
  });

  it('hands the body unread to a raw endpoint', async () => {
    const answer = await request(lampApp().app).post('/raw').type('text/plain').send('{not json');
    expect(answer.text).toBe('{not json true');
  });
});

describe('headers', () => {
  it.each([
    ['a sane request id', 'req-1:a.b_c', true],
    ['one with spaces', 'a b', false],
    ['one that is too long', 'x'.repeat(129), false],
    ['one with markup', '<script>', false],
  ])('takes over %s, or makes its own', async (_name, id, kept) => {
    const answer = await request(lampApp().app).get('/nowhere').set('X-Request-Id', id);
    expect(answer.headers['x-request-id'] === id).toBe(kept);
    expect(answer.body.requestId).toBe(answer.headers['x-request-id']);
  });

  it('continues a trace and begins one without a valid parent', async () => {
    const parent = '00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01';
    const answer = await request(lampApp().app).get('/status').set('traceparent', parent);
    const trace = parseTraceparent(answer.headers['traceparent']);
    expect(trace?.traceId).toBe('4bf92f3577b34da6a3ce929d0e0e4736');
    expect(trace?.spanId).not.toBe('00f067aa0ba902b7');
    const fresh = await request(lampApp().app).get('/status').set('traceparent', 'junk');
    expect(parseTraceparent(fresh.headers['traceparent'])).toBeDefined();
  });

  it('sets the security headers and does not name the framework', async () => {
    const { headers } = await request(lampApp().app).get('/status');
    expect(headers).toMatchObject({
      'content-security-policy': "default-src 'none';frame-ancestors 'none'",
      'x-content-type-options': 'nosniff',
      'referrer-policy': 'no-referrer',
      'cache-control': 'no-store',
    });
    expect(headers['strict-transport-security']).toContain('max-age=');
    expect(headers['x-powered-by']).toBeUndefined();
  });
});

describe('wiring', () => {
  const route = (method: 'get' | 'post', path: string, rest = {}) =>
    endpoint({ method, path, summary: 'x', handle: () => undefined, ...rest });

  it.each([
    [
      'two endpoints at one address',
      () => lampApp({ endpoints: [route('get', '/a'), route('get', '/a')] }),
      /two endpoints at GET \/a/,
    ],
    [
      'two that differ in a name',
      () =>
        lampApp({
          endpoints: [
            route('get', '/a/{x}', { params: z.object({ x: z.string() }) }),
            route('get', '/a/{y}', { params: z.object({ y: z.string() }) }),
          ],
        }),
      /two endpoints/,
    ],
    [
      'an endpoint at a common route',
      () => lampApp({ endpoints: [route('get', '/status')] }),
      /two endpoints at GET \/STATUS/i,
    ],
    [
      'no store for idempotency keys',
      () => lampApp({ idempotency: undefined }),
      /no idempotency store: pass postgresIdempotencyStore/,
    ],
    [
      'a handler that outlasts its idempotency key',
      () => lampApp({ endpoints: [route('post', '/a', { timeoutMs: 60_000 })] }),
      /may take longer than the lease/,
    ],
    [
      'params that the path does not name',
      () => route('get', '/a', { params: z.object({ id: z.string() }) }),
      /params describes \[id\]/,
    ],
    ['a path whose params nobody describes', () => route('get', '/a/{id}'), /the path names \[id\]/],
    [
      'an admin route elsewhere',
      () => route('post', '/halt', { admin: true }),
      /admin routes live below \/admin\//,
    ],
    [
      'a public route below /admin',
      () => route('post', '/admin/halt', { admin: false }),
      /admin routes live below/,
    ],
    ['a body of a GET', () => route('get', '/a', { body: z.object({}) }), /a GET has no body/],
    ['a path in upper case', () => route('get', '/Admin/x'), /lower case/],
    ['a slash at the end', () => route('get', '/a/'), /without a slash at the end/],
  ])('refuses %s', (_name, wire, words) => {
    expect(wire).toThrow(words);
  });

  it('takes both spellings of a parameter', () => {
    expect(route('get', '/a/:id', { params: z.object({ id: z.string() }) }).path).toBe('/a/{id}');
  });

  it('refuses dependencies that an endpoint needs and nobody gives, when compiling', () => {
    const needsClock = endpoint({
      method: 'get',
      path: '/now',
      summary: 'x',
      handle: (_deps: { clock: () => number }) => undefined,
    });
    // @ts-expect-error the endpoint needs `clock`
    const endpoints: readonly Endpoint<{ other: number }>[] = [needsClock];
    expect(endpoints).toHaveLength(1);
  });

  it("refuses an answer that is not the schema's, when compiling", () => {
    const response = z.object({ state: z.enum(['on', 'off']), rooms: z.array(z.string()) });
    const rooms: readonly string[] = ['hall'];
    const right = endpoint({
      method: 'get',
      path: '/a',
      summary: 'x',
      response,
      handle: () => ({ state: 'on', rooms }),
    });
    const wrong = endpoint({
      method: 'get',
      path: '/a',
      summary: 'x',
      response,
      // @ts-expect-error there is no state "dim"
      handle: () => ({ state: 'dim', rooms }),
    });
    expect([right.status, wrong.status]).toEqual([200, 200]);
  });
});

describe('listen', () => {
  it('takes a free port and closes, also with a connection kept alive', async () => {
    const server = await lampApp().listen();
    const answer = await fetch(`http://127.0.0.1:${server.port}/ready`);
    expect(await answer.json()).toEqual({ ready: true, service: 'lamps' });
    await server.close();
    await server.close();
    await expect(fetch(`http://127.0.0.1:${server.port}/ready`)).rejects.toThrow();
  });

  it('lets a request in flight end, and is not ready meanwhile', async () => {
    const gate = Promise.withResolvers<void>();
    const { listen: open, lamps, app } = lampApp();
    lamps.gate = gate.promise;
    const server = await open();
    const asked = fetch(`http://127.0.0.1:${server.port}/lamps`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: '{"name":"hall"}',
    });
    await lamps.entered;
    const closed = server.close();
    expect((await request(app).get('/ready')).body).toMatchObject({
      code: 'NOT_READY',
      detail: 'the service is stopping',
    });
    gate.resolve();
    expect((await asked).status).toBe(201);
    await closed;
  });

  it('cuts an answer that does not end', async () => {
    const { listen: open, lamps } = lampApp();
    lamps.gate = new Promise(() => undefined);
    const server = await open();
    const asked = fetch(`http://127.0.0.1:${server.port}/lamps`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: '{"name":"hall"}',
    }).catch((error: unknown) => error);
    await lamps.entered;
    await server.close();
    expect(await asked).toBeInstanceOf(TypeError);
  });

  it('ends an event stream', async () => {
    const stream = rawEndpoint({
      method: 'get',
      path: '/events',
      summary: 'x',
      produces: 'text/event-stream',
      handle: (_lamps: Lamps, _request, response, context) => {
        response.type('text/event-stream').write('data: hello\n\n');
        context.signal.addEventListener('abort', () => response.end('event: bye\n\n'));
      },
    });
    const server = await lampApp({ endpoints: [stream] }).listen();
    const answer = await fetch(`http://127.0.0.1:${server.port}/events`);
    const text = answer.text();
    await server.close();
    expect(await text).toBe('data: hello\n\nevent: bye\n\n');
  });

  it.each([
    ['headers', 'GET / HTTP/1.1\r\nHost: x\r\n'],
    [
      'a body',
      'POST /lamps HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: 50\r\n\r\n{"na',
    ],
  ])('gives up a client that never finishes %s', async (_name, sent) => {
    const bounds = { headersMs: 20, requestMs: 40, checkMs: 10 };
    const server = await listen(lampApp().app, { host: '127.0.0.1', port: 0, bounds });
    const socket = connect(server.port, '127.0.0.1').setEncoding('utf8');
    socket.write(sent);
    let answer = '';
    socket.on('data', (text) => {
      answer += text;
    });
    socket.on('error', () => undefined); // it is closed with what it had not read: a reset may follow the answer
    await new Promise((resolve) => socket.once('close', resolve));
    expect(answer).toMatch(/^HTTP\/1.1 408 /);
    await server.close();
  });

  it('says that the port is taken', async () => {
    const other = createServer().listen(0, '127.0.0.1');
    await new Promise((resolve) => other.once('listening', resolve));
    const { port } = other.address() as AddressInfo;
    await expect(lampApp({ port }).listen()).rejects.toMatchObject({
      code: 'PORT_TAKEN',
      message: `another program listens on 127.0.0.1:${port}`,
    });
    other.close();
  });

  it('says that the address is not one of this machine', async () => {
    await expect(lampApp({ host: '203.0.113.1' }).listen()).rejects.toMatchObject({ code: 'CANNOT_LISTEN' });
  });
});
