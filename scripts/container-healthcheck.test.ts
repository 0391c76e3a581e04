import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

const SCRIPT = join(import.meta.dirname, 'container-healthcheck.ts');
let server: Server;
let port: string;
let secret: string | string[] | undefined;

beforeAll(async () => {
  server = createServer((request, response) => {
    response.statusCode = request.url === '/ready' ? 503 : 200;
    response.end(`asked for ${request.url}${request.url === '/long' ? 'x'.repeat(1_000) : ''}`);
    secret = request.headers['x-service-secret'];
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

  it('asks another service with the secret of its own, and shows the answer whole', async ({
    onTestFinished,
  }) => {
    const folder = mkdtempSync(join(tmpdir(), 'healthcheck-'));
    onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
    const file = join(folder, 'service_secret');
    writeFileSync(file, 'only-for-this-test\n');
    const env = { TRADE_EXECUTOR_URL: `http://127.0.0.1:${port}`, SERVICE_SECRET_FILE: file };
    const { code, said } = await run(['trade-executor/long'], env);
    expect([code, said.length, secret]).toEqual([0, 1_020, 'only-for-this-test']);
    await run(['/health'], { ...env, PORT: port });
    expect(secret).toBeUndefined();
    rmSync(file);
    expect(await run(['trade-executor/long'], env)).toEqual({
      code: 1,
      said: expect.stringMatching(/^trade-executor\/long does not answer: ENOENT.*service_secret/),
    });
    expect(await run(['risk-manager/long'], env)).toEqual({ code: 1, said: 'RISK_MANAGER_URL is not set\n' });
  });

  it('fails when nobody listens', async () => {
    const { code, said } = await run([], { PORT: '1' });
    expect([code, said]).toEqual([1, expect.stringMatching(/^\/health does not answer/)]);
  });

  it('fails without a port', async () => {
    expect(await run([], {})).toEqual({ code: 1, said: 'PORT is not set\n' });
  });
});
