import { spawn } from 'node:child_process';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

const SCRIPT = join(import.meta.dirname, 'container-healthcheck.ts');
let server: Server;
let port: string;

beforeAll(async () => {
  server = createServer((request, response) => {
    response.statusCode = request.url === '/ready' ? 503 : 200;
    response.end(`asked for ${request.url}`);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  port = String((server.address() as AddressInfo).port);
});
afterAll(() => {
  server.closeAllConnections();
  server.close();
});

function run(args: string[], env: Record<string, string>): Promise<{ code: number | null; said: string }> {
  return new Promise((resolve) => {
    const { PORT: _port, ...inherited } = process.env;
    const child = spawn(process.execPath, [SCRIPT, ...args], { env: { ...inherited, ...env } });
    let said = '';
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      said += text;
    });
    child.once('close', (code) => resolve({ code, said }));
  });
}

describe('the healthcheck of a container', () => {
  it('asks for /health', async () => {
    expect(await run([], { PORT: port })).toEqual({ code: 0, said: '200 asked for /health\n' });
  });

  it('fails when the path given does not answer 200, and shows the answer', async () => {
    expect(await run(['/ready'], { PORT: port })).toEqual({ code: 1, said: '503 asked for /ready\n' });
  });

  it('fails when nobody listens', async () => {
    const { code, said } = await run([], { PORT: '1' });
    expect([code, said]).toEqual([1, expect.stringMatching(/^\/health does not answer/)]);
  });

  it('fails without a port', async () => {
    expect(await run([], {})).toEqual({ code: 1, said: 'PORT is not set\n' });
  });
});
