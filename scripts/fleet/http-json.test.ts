import { createServer, type RequestListener, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import { askJson, type HttpFailure } from './http-json.ts';

const servers: Server[] = [];

afterEach(() => {
  for (const server of servers.splice(0)) {
    server.closeAllConnections();
    server.close();
  }
});

async function serve(listener: RequestListener): Promise<string> {
  const server = createServer(listener);
  servers.push(server);
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening));
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

const failure = (asked: Promise<unknown>) =>
  asked.then(
    () => expect.unreachable(),
    (error: unknown) => error as HttpFailure,
  );

describe('askJson', () => {
  it('sends a body and reads the answer over one kept connection', async () => {
    const seen: string[] = [];
    const url = await serve((request, response) => {
      let text = '';
      request.on('data', (chunk: Buffer) => {
        text += chunk.toString();
      });
      request.on('end', () => {
        seen.push(`${request.method} ${request.headers['content-type']} ${request.socket.remotePort}`);
        response.end(text);
      });
    });
    for (const after of [null, { openTime: 1 }])
      expect(await askJson(url, { method: 'POST', body: { after } })).toEqual({ after });
    expect(seen[0]).toMatch(/^POST application\/json \d+$/);
    expect(seen[1]).toBe(seen[0]);
  });

  it('rejects with status and body of a refusal', async () => {
    const url = await serve((_, response) => {
      response.statusCode = 503;
      response.end('{"code":"NOT_READY"}');
    });
    expect(await failure(askJson(url))).toMatchObject({ status: 503, body: { code: 'NOT_READY' } });
  });

  it('rejects with status 0 where nobody listens, the connection is cut, or nothing comes in time', async () => {
    const gone = await serve(() => undefined);
    servers.pop()?.close();
    expect(await failure(askJson(gone))).toMatchObject({
      status: 0,
      message: expect.stringContaining('ECONNREFUSED') as string,
    });
    const cut = await serve((_, response) => response.destroy());
    expect((await failure(askJson(cut))).status).toBe(0);
    const half = await serve((_, response) => {
      response.writeHead(200, { 'content-length': 100 });
      response.write('{');
      setImmediate(() => response.destroy());
    });
    expect((await failure(askJson(half))).status).toBe(0);
    const silent = await serve(() => undefined);
    expect((await failure(askJson(silent, { timeoutMs: 30 }))).message).toContain('no answer in time');
  });

  it('rejects an answer that is no JSON', async () => {
    const url = await serve((_, response) => response.end('<html>'));
    expect((await failure(askJson(url))).message).toContain('answered no JSON');
  });
});
