import { execFile, execFileSync } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { createServer as createHttpServer, type IncomingMessage, type Server } from 'node:http';
import { createServer as createHttpsServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TLSSocket } from 'node:tls';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';

const CLI = join(import.meta.dirname, '../ops_cli.js');
const TOKEN = 'an-admin-token-that-stays-hidden';
const folder = mkdtempSync(join(tmpdir(), 'ops-edge-'));
const inFolder = (name: string) => join(folder, name);
const session = inFolder('session.json');
const servers: Server[] = [];

interface Seen {
  readonly method: string | undefined;
  readonly url: string | undefined;
  readonly headers: IncomingMessage['headers'];
  readonly person: string | undefined;
  readonly body: string;
}
let seen: Seen[] = [];
let answer = { status: 200, body: '{"state":"HALTED"}', headers: {} };
let edge = '';

/** An ID token as far as the command looks into it. */
function idTokenFor(secondsFromNow: number, more: object = {}): string {
  const part = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url');
  const exp = Math.floor(Date.now() / 1000) + secondsFromNow;
  return `${part({ alg: 'RS256' })}.${part({ email: 'anna@example.com', exp, ...more })}.c2ln`;
}

function openssl(...args: string[]): void {
  execFileSync('openssl', args, { cwd: folder, stdio: 'ignore' });
}

function certificate(name: string, subject: string, extension: string): void {
  const key = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes', '-keyout', `${name}.key`];
  const signed = name === 'ca' ? [] : ['-CA', 'ca.crt', '-CAkey', 'ca.key'];
  const subjectAndTime = ['-subj', subject, '-days', '1', '-addext', extension];
  openssl('req', '-x509', ...key, ...signed, ...subjectAndTime, '-out', `${name}.crt`);
}

async function listening(server: Server, at: string | number): Promise<void> {
  servers.push(server);
  if (typeof at === 'string') server.listen(at);
  else server.listen(at, '127.0.0.1');
  await once(server, 'listening');
}

function recording(request: IncomingMessage, body: string): Seen {
  const { method, url, headers } = request;
  const peer = (request.socket as TLSSocket).getPeerCertificate?.();
  return { method, url, headers, person: peer?.subject?.CN as string | undefined, body };
}

beforeAll(async () => {
  certificate('ca', '/CN=test authority', 'basicConstraints=critical,CA:TRUE');
  certificate('server', '/CN=edge', 'subjectAltName=IP:127.0.0.1');
  certificate('anna', '/CN=anna@example.com', 'extendedKeyUsage=clientAuth');
  const read = (name: string) => readFileSync(inFolder(name));
  const tls = { key: read('server.key'), cert: read('server.crt'), ca: read('ca.crt'), requestCert: true };
  const server = createHttpsServer({ ...tls, rejectUnauthorized: true }, (request, response) => {
    void (async () => {
      let body = '';
      for await (const part of request.setEncoding('utf8')) body += part;
      seen.push(recording(request, body));
      response.writeHead(answer.status, answer.headers).end(answer.body);
    })();
  });
  await listening(server, 0);
  edge = `https://127.0.0.1:${(server.address() as AddressInfo).port}`;
});
afterAll(() => {
  for (const server of servers) server.close();
  rmSync(folder, { recursive: true, force: true });
});
beforeEach(() => {
  seen = [];
  answer = { status: 200, body: '{"state":"HALTED"}', headers: {} };
  rmSync(session, { force: true });
});

interface Ran {
  readonly code: number;
  readonly out: string;
  readonly err: string;
}

function cli(args: string[], env: Record<string, string> = {}): Promise<Ran> {
  const clean = {
    ...{ PATH: process.env['PATH'], FLEET_STATE_FILE: inFolder('none.json'), FLEET_SESSION_FILE: session },
    ...{ ADMIN_TOKEN: TOKEN, ...env },
  };
  return new Promise((resolve) => {
    execFile(process.execPath, [CLI, ...args], { env: clean }, (error, out, err) => {
      resolve({ code: error === null ? 0 : Number(error.code), out, err });
    });
  });
}

const certified = () => [
  ...['--edge', edge, '--ca', inFolder('ca.crt')],
  ...['--cert', inFolder('anna.crt'), '--key', inFolder('anna.key')],
];
const halt = (...more: string[]) => ['orch:halt', '--reason', 'drill', ...more];

describe('through the edge', () => {
  test('a halt goes with certificate, ID token, admin token and an origin, and shows none of them', async () => {
    const token = idTokenFor(300);
    answer.body = JSON.stringify({ echo: `${token} ${TOKEN}` });
    const ran = await cli(halt(...certified()), { FLEET_ID_TOKEN: token });
    expect(ran).toMatchObject({ code: 0, err: '' });
    expect(ran.out).not.toContain(token);
    expect(ran.out).not.toContain(TOKEN);
    expect(seen).toMatchObject([
      {
        ...{ method: 'POST', url: '/api/orchestrator/admin/orchestrate/halt', person: 'anna@example.com' },
        headers: { authorization: `Bearer ${token}`, 'x-admin-token': TOKEN, origin: edge },
        body: '{"reason":"drill"}',
      },
    ]);
  });

  test('reads carry no admin token; health asks what the edge shows', async () => {
    const env = { FLEET_ID_TOKEN: idTokenFor(300) };
    expect((await cli(['pnl:status', ...certified()], env)).code).toBe(0);
    expect(seen[0]?.url).toBe('/api/orchestrator/pnl/status');
    expect(seen[0]?.headers['x-admin-token']).toBeUndefined();
    answer.body = '{"waitsFor":"waiting for Postgres"}';
    const health = await cli(['health', ...certified()], env);
    expect(health.code).toBe(1);
    expect(health.out).toContain('waiting for Postgres');
    expect(seen.at(-1)?.url).toMatch(/^\/api\/[a-z-]+\/status$/);
  });

  test('without a certificate the edge ends the handshake, and the words say what is missing', async () => {
    const ran = await cli(halt('--edge', edge, '--ca', inFolder('ca.crt')), {
      FLEET_ID_TOKEN: idTokenFor(300),
    });
    expect(ran.code).toBe(1);
    expect(ran.err).toContain('the server wants a client certificate: give --cert and --key');
    expect(seen).toEqual([]);
  });

  test('a server of an unknown authority is not spoken to', async () => {
    const files = ['--cert', inFolder('anna.crt'), '--key', inFolder('anna.key')];
    const ran = await cli(halt('--edge', edge, ...files), { FLEET_ID_TOKEN: idTokenFor(300) });
    expect(ran).toMatchObject({ code: 1, err: expect.stringContaining('give it with --ca') });
    expect(seen).toEqual([]);
  });

  test('a redirect to sign-in is named, not followed', async () => {
    answer = { status: 302, body: '', headers: { location: 'https://app.example.com/oauth2/start?rd=x' } };
    const ran = await cli(halt(...certified()), { FLEET_ID_TOKEN: idTokenFor(300) });
    expect(ran.err).toContain('sign in again with login');
    expect(seen).toHaveLength(1);
  });

  test.each([
    ['nobody signed in', undefined, 1, 'you are not signed in'],
    ['a sign-in that ended', { idToken: idTokenFor(-5) }, 1, 'your sign-in has ended'],
    ['a damaged sign-in', '{', 1, 'is damaged'],
    [
      'a provider that is down',
      {
        idToken: idTokenFor(-5),
        refreshToken: 'r',
        clientId: 'c',
        tokenEndpoint: 'http://127.0.0.1:9/token',
      },
      1,
      'orch:halt --break-glass',
    ],
  ])('%s is said before anything is sent', async (_name, kept, code, words) => {
    if (kept !== undefined) writeFileSync(session, typeof kept === 'string' ? kept : JSON.stringify(kept));
    const ran = await cli(halt(...certified()));
    expect(ran.code).toBe(code);
    expect(ran.err).toContain(words);
    expect(seen).toEqual([]);
  });

  test.each([
    [['--edge', 'http://admin.example.com'], /begins with https/],
    [['--edge', 'https://x', '--base', 'http://y'], /not both/],
    [['--edge', 'https://x', '--cert', '/nowhere'], /together/],
    [['--edge', 'https://x', '--cert', '/nowhere', '--key', '/nowhere'], /--cert: \/nowhere cannot be read/],
  ])('wrong use %j is exit 2', async (args, words) => {
    const ran = await cli(halt(...args));
    expect(ran.code).toBe(2);
    expect(ran.err).toMatch(words);
  });
});

describe('the kept sign-in', () => {
  test('is refreshed when it is about to end; the new refresh token is kept, for this user alone', async () => {
    const fresh = idTokenFor(600);
    const forms: string[] = [];
    const provider = createHttpServer((request, response) => {
      void (async () => {
        let body = '';
        for await (const part of request.setEncoding('utf8')) body += part;
        forms.push(body);
        response.end(JSON.stringify({ id_token: fresh, refresh_token: 'second' }));
      })();
    });
    await listening(provider, 0);
    const tokenEndpoint = `http://127.0.0.1:${(provider.address() as AddressInfo).port}/token`;
    const kept = { idToken: idTokenFor(5), refreshToken: 'first', clientId: 'fleet-cli', tokenEndpoint };
    writeFileSync(session, JSON.stringify(kept));
    expect((await cli(halt(...certified()))).code).toBe(0);
    expect(forms).toEqual(['grant_type=refresh_token&refresh_token=first&client_id=fleet-cli']);
    expect(seen[0]?.headers.authorization).toBe(`Bearer ${fresh}`);
    expect(JSON.parse(readFileSync(session, 'utf8'))).toMatchObject({
      idToken: fresh,
      refreshToken: 'second',
    });
    expect(statSync(session).mode & 0o777).toBe(0o600);
  });

  test('is forgotten by logout', async () => {
    writeFileSync(session, '{}');
    expect((await cli(['logout'])).code).toBe(0);
    expect(existsSync(session)).toBe(false);
  });
});

describe('break-glass', () => {
  const socket = inFolder('glass.sock');
  const asked: { url: string | undefined; body: unknown }[] = [];
  let refusals: string[] = [];
  beforeAll(async () => {
    const glass = createHttpServer((request, response) => {
      void (async () => {
        let body = '';
        for await (const part of request.setEncoding('utf8')) body += part;
        asked.push({ url: request.url, body: JSON.parse(body) });
        const refusal = refusals.shift();
        if (refusal !== undefined) response.statusCode = 503;
        response.end(refusal ?? '{"confirmed":true}');
      })();
    });
    await listening(glass, socket);
  });

  test.each([
    ['orch:halt', '/halt'],
    ['orch:reduce', '/reduce'],
  ])('%s goes to the socket, with neither token nor edge', async (command, path) => {
    const args = [command, '--break-glass', '--reason', 'no sign-in', '--by', 'anna'];
    const ran = await cli(args, { BREAK_GLASS_SOCKET: socket, ADMIN_TOKEN: '', FLEET_EDGE_URL: 'https://x' });
    expect(ran).toMatchObject({ code: 0, err: '', out: 'confirmed  true\n' });
    expect(asked.at(-1)).toEqual({ url: path, body: { reason: 'no sign-in', by: 'anna' } });
    expect(seen).toEqual([]);
  });

  test('an orchestrator that does not lead for a moment is asked again', async () => {
    const asks = asked.length;
    refusals = Array(2).fill('{"code":"NOT_LEADER","detail":"another leads"}');
    const ran = await cli(halt('--break-glass'), { BREAK_GLASS_SOCKET: socket });
    expect(ran).toMatchObject({ code: 0, out: 'confirmed  true\n' });
    expect(ran.err).toBe('this orchestrator does not lead; asking again for 15 s\n');
    expect(asked.length - asks).toBe(3);
  });

  test('any other refusal is final', async () => {
    const asks = asked.length;
    refusals = ['{"code":"QUEUE_FULL","detail":"too many commands"}'];
    const ran = await cli(halt('--break-glass'), { BREAK_GLASS_SOCKET: socket });
    expect(ran).toMatchObject({ code: 1, err: expect.stringContaining('QUEUE_FULL') });
    expect(asked.length - asks).toBe(1);
  });

  test('there is none upwards, and none that sells', async () => {
    expect((await cli(['orch:unhalt', '--reason', 'x', '--break-glass'])).code).toBe(2);
    expect((await cli(halt('--break-glass', '--flatten'))).code).toBe(2);
  });

  test('outside of the container it says where to go', async () => {
    const ran = await cli(halt('--break-glass'), { BREAK_GLASS_SOCKET: inFolder('none.sock') });
    expect(ran).toMatchObject({
      code: 1,
      err: expect.stringContaining('inside the container of the orchestrator'),
    });
  });
});
