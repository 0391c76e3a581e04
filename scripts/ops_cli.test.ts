import { execFile } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type IncomingMessage, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';

const CLI = join(import.meta.dirname, 'ops_cli.js');
const TOKEN = 'a-token-that-must-never-be-printed';

interface Seen {
  readonly method: string;
  readonly path: string;
  readonly token: string | undefined;
  readonly key: string | undefined;
  readonly body: unknown;
}
interface Answer {
  readonly status: number;
  readonly body: unknown;
}

const folder = mkdtempSync(join(tmpdir(), 'ops-cli-'));
let server: Server;
let base: string;
let seen: Seen[] = [];
let answers: Record<string, Answer> = {};

beforeAll(async () => {
  server = createServer((request, response) => {
    void bodyOf(request).then((body) => {
      const path = request.url ?? '';
      const header = (name: string) => request.headers[name] as string | undefined;
      const method = request.method ?? '';
      seen.push({ method, path, token: header('x-admin-token'), key: header('idempotency-key'), body });
      const answer = answers[path] ?? { status: 404, body: { code: 'NOT_FOUND', detail: 'nothing here' } };
      const text = typeof answer.body === 'string' ? answer.body : JSON.stringify(answer.body);
      response.writeHead(answer.status, { 'content-type': 'application/json' }).end(text);
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  base = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});

afterAll(async () => {
  server.close();
  await once(server, 'close');
  rmSync(folder, { recursive: true, force: true });
});

beforeEach(() => {
  seen = [];
  answers = {};
});

async function bodyOf(request: IncomingMessage): Promise<unknown> {
  const parts: Buffer[] = [];
  for await (const part of request) parts.push(part as Buffer);
  const text = Buffer.concat(parts).toString();
  return text === '' ? undefined : JSON.parse(text);
}

interface Ran {
  readonly code: number;
  readonly out: string;
  readonly err: string;
}

/** No demo's state and no environment of the developer's reach the command. */
function cli(args: string[], env: Record<string, string> = { ADMIN_TOKEN: TOKEN }): Promise<Ran> {
  const clean = { PATH: process.env['PATH'], FLEET_STATE_FILE: join(folder, 'none.json'), ...env };
  return new Promise((resolve) => {
    execFile(process.execPath, [CLI, ...args], { env: clean }, (error, out, err) => {
      const code = error === null ? 0 : Number(error.code);
      resolve({ code, out, err });
    });
  });
}

describe('what each command sends', () => {
  const ok = { status: 200, body: { state: 'HALTED' } };
  test.each([
    ['orch:halt', ['--reason', 'drill'], '/admin/orchestrate/halt', { reason: 'drill' }],
    ['orch:halt', ['--reason', 'x', '--flatten'], '/admin/orchestrate/halt', { reason: 'x', flatten: true }],
    ['orch:unhalt', ['--reason', 'done'], '/admin/orchestrate/unhalt', { reason: 'done' }],
    ['orch:reduce', ['--reason', 'careful'], '/admin/orchestrate/reduce', { reason: 'careful' }],
    ['streams:dlq:requeue', ['--id', '17-0'], '/admin/streams/dlq/requeue', { id: '17-0' }],
    ['streams:dlq:requeue', ['--key', 'BTCUSDT'], '/admin/streams/dlq/requeue', { key: 'BTCUSDT' }],
    ['notify:ack', ['--id', 'n1', '--by', 'kim'], '/admin/notify/ack', { id: 'n1', by: 'kim' }],
  ])('%s %j', async (name, args, path, body) => {
    answers[path] = ok;
    const ran = await cli([name, ...args, '--base', base]);
    expect(ran).toMatchObject({ code: 0, err: '' });
    expect(seen).toMatchObject([{ method: 'POST', path, token: TOKEN, body }]);
    expect(seen[0]?.key).toMatch(/^[0-9a-f-]{36}$/);
  });

  test.each([
    ['streams:pending', '/admin/streams/pending', TOKEN],
    ['streams:dlq:list', '/admin/streams/dlq', TOKEN],
    ['pnl:status', '/pnl/status', undefined],
  ])('%s', async (name, path, token) => {
    answers[path] = { status: 200, body: { entries: [] } };
    expect((await cli([name, '--base', base])).code).toBe(0);
    expect(seen).toMatchObject([{ method: 'GET', path, token }]);
  });
});

describe('what people read', () => {
  test('lists are tables whose ids stay whole, --json is the answer itself', async () => {
    const entries = [{ id: '1-0', key: 'BTCUSDT', error: `broken ${'x '.repeat(60)}` }];
    answers['/admin/streams/dlq'] = { status: 200, body: { entries } };
    const { out } = await cli(['streams:dlq:list', '--base', base]);
    expect(out).toContain('id   key      error');
    expect(out).toMatch(/1-0 {2}BTCUSDT {2}broken x .*…\n$/);
    const json = await cli(['streams:dlq:list', '--base', base, '--json']);
    expect(JSON.parse(json.out)).toEqual({ entries });
  });

  test('a terminal is not steered by what a service answers', async () => {
    answers['/pnl/status'] = { status: 200, body: { state: '\u001b[2Jcleared' } };
    expect((await cli(['pnl:status', '--base', base])).out).toBe('state   [2Jcleared\n');
  });

  test('health fails when a service is not ready and names the reason', async () => {
    answers['/ready'] = { status: 503, body: { code: 'NOT_READY', detail: 'Postgres is away' } };
    const away = await cli(['health', '--base', base]);
    expect(away.code).toBe(1);
    expect(away.out).toContain('Postgres is away');
    answers['/ready'] = { status: 200, body: {} };
    expect((await cli(['health', '--base', base])).code).toBe(0);
  });
});

describe('where services and token are found', () => {
  test('in the state file of the demo', async () => {
    const state = join(folder, 'state.json');
    const tokenFile = join(folder, 'token');
    writeFileSync(tokenFile, `${TOKEN}\n`, { mode: 0o600 });
    const services = { orchestrator: { url: base } };
    writeFileSync(state, JSON.stringify({ services, adminTokenFile: 'token' }));
    answers['/admin/streams/pending'] = { status: 200, body: [] };
    const ran = await cli(['streams:pending'], { FLEET_STATE_FILE: state });
    expect(ran).toEqual({ code: 0, out: 'none\n', err: '' });
    expect(seen).toMatchObject([{ token: TOKEN }]);
  });

  test('in the environment, the token in a file', async () => {
    const tokenFile = join(folder, 'token-by-environment');
    writeFileSync(tokenFile, `${TOKEN}\n`);
    answers['/admin/notify/ack'] = { status: 200, body: { ok: true } };
    const env = { NOTIFICATION_MANAGER_URL: base, ADMIN_TOKEN_FILE: tokenFile };
    expect((await cli(['notify:ack', '--id', 'n1'], env)).code).toBe(0);
    expect(seen).toMatchObject([{ token: TOKEN }]);
  });

  test('a broken state file is named', async () => {
    const state = join(folder, 'broken.json');
    writeFileSync(state, '{');
    const ran = await cli(['pnl:status'], { FLEET_STATE_FILE: state });
    expect(ran.code).toBe(1);
    expect(ran.err).toContain('broken.json is not JSON');
  });
});

describe('refusals', () => {
  test('a problem document becomes words, a step and the request id, exit 1', async () => {
    const body = {
      code: 'ADMIN_TOKEN_WRONG',
      detail: 'wrong',
      action: 'Send the current one.',
      requestId: 'r-1',
    };
    answers['/admin/orchestrate/halt'] = { status: 401, body };
    const { code, err, out } = await cli(['orch:halt', '--reason', 'x', '--base', base]);
    expect({ code, out }).toEqual({ code: 1, out: '' });
    expect(err).toBe(
      'orch:halt: orchestrator answered 401 ADMIN_TOKEN_WRONG: wrong\n' +
        '  what to do: Send the current one.\n  request id: r-1\n',
    );
  });

  test('an answer that repeats the token does not show it', async () => {
    answers['/admin/orchestrate/halt'] = { status: 500, body: `echo ${TOKEN}` };
    const { err } = await cli(['orch:halt', '--reason', 'x', '--base', base]);
    expect(err).toContain('echo [token]');
    answers['/admin/orchestrate/halt'] = { status: 200, body: { note: TOKEN } };
    const { out } = await cli(['orch:halt', '--reason', 'x', '--base', base, '--json']);
    expect(out).not.toContain(TOKEN);
  });

  test('nobody listening is exit 1 and says where', async () => {
    const { code, err } = await cli(['pnl:status', '--base', 'http://127.0.0.1:9']);
    expect(code).toBe(1);
    expect(err).toContain('orchestrator at http://127.0.0.1:9 cannot be reached');
  });

  test.each([
    [[], /usage:/],
    [['orch:dance'], /no such command/],
    [['constructor'], /no such command/],
    [['orch:halt'], /--reason is required/],
    [['orch:halt', '--reason', ' '], /--reason is required/],
    [['orch:halt', '--reason', 'x', '--flaten'], /flaten/],
    [['orch:halt', '--reason', 'x', 'more'], /more/],
    [['streams:dlq:requeue'], /give one of --id, --key/],
    [['streams:dlq:requeue', '--id', '1', '--key', 'k'], /give one of --id, --key/],
    [['pnl:status', '--base', 'ftp://x'], /is not a URL/],
  ])('wrong use %j is exit 2', async (args, words) => {
    const { code, out, err } = await cli(args);
    expect(code).toBe(2);
    expect(out + err).toMatch(words);
    expect(seen).toEqual([]);
  });

  test('an admin command without a token is wrong use, and a secret file that cannot be read is named', async () => {
    const args = ['orch:halt', '--reason', 'x', '--base', base];
    expect(await cli(args, {})).toMatchObject({ code: 2, err: expect.stringContaining('ADMIN_TOKEN_FILE') });
    const absent = join(folder, 'absent');
    const ran = await cli(args, { ADMIN_TOKEN_FILE: absent });
    expect(ran.code).toBe(2);
    expect(ran.err).toContain(`${absent} cannot be read (ENOENT)`);
  });
});
