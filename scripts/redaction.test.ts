import { execFile } from 'node:child_process';
import { generateKeyPairSync, randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { instrumentsSchema } from '@fleet/domain/instruments';
import { venueConfigSchema } from '@fleet/domain/matching';
import { loadSyntheticMarket, startSimulator } from '@fleet/exchange-simulator';
import { ConfigError, loadYaml } from '@fleet/shared/config';
import { FleetError, redactText, safeError } from '@fleet/shared/errors';
import { createServiceApp, endpoint, memoryIdempotencyStore } from '@fleet/shared/http';
import { createLogger, createMetrics, type Logger } from '@fleet/shared/telemetry';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { failureText, RunFailure } from './fleet/run-failure.ts';

/** What must reach no log, as it stands in prose, and the part of it that is looked for. Made anew at each run. */
interface Sample {
  readonly name: string;
  readonly text: string;
  readonly needles: readonly string[];
}

const made = (length = 24): string => randomBytes(length).toString('hex');
const base64url = (value: object): string => Buffer.from(JSON.stringify(value)).toString('base64url');

function sample(name: string, write: (secret: string) => string): Sample {
  const secret = made();
  return { name, text: write(secret), needles: [secret] };
}

function idToken(): Sample {
  const parts = [
    base64url({ alg: 'RS256', kid: made(4) }),
    base64url({ sub: made(8), aud: 'fleet' }),
    made(32),
  ];
  return {
    name: 'an ID token',
    text: `the token ${parts.join('.')} is over`,
    needles: [parts[1] ?? '', parts[2] ?? ''],
  };
}

function pemKey(): Sample {
  const pem = generateKeyPairSync('ed25519').privateKey.export({ type: 'pkcs8', format: 'pem' }).toString();
  return { name: 'a PEM key', text: `read ${pem}`, needles: [pem.split('\n')[1] ?? ''] };
}

const SECRETS: readonly Sample[] = [
  sample('a bearer token', (secret) => `Authorization: Bearer ${secret}`),
  sample('an unknown scheme', (secret) => `authorization: Token ${secret}`),
  sample(
    'basic credentials',
    (secret) => `got Basic ${Buffer.from(secret).toString('base64')} and Basic ${secret}`,
  ),
  sample(
    'a password in an address of Postgres',
    (secret) => `postgres://fleet:${secret}@postgres:5432/fleet`,
  ),
  sample('a password in an address of Redis', (secret) => `connecting to redis://:${secret}@redis:6379`),
  sample('a password', (secret) => `password=${secret}`),
  sample('the admin token', (secret) => `X-Admin-Token: ${secret}`),
  sample("the edge's secret", (secret) => `X-Edge-Secret: ${secret}`),
  sample("a service's secret", (secret) => `"x-service-secret":"${secret}"`),
  sample('several cookies', (secret) => `Cookie: theme=dark; _oauth2_proxy=${secret}; x=${secret}`),
  sample('a cookie that is set', (secret) => `Set-Cookie: _oauth2_proxy=${secret}; Secure; HttpOnly`),
  sample('a Slack token', (secret) => `posting with ${['xoxb', '123', secret].join('-')}`),
  sample('a Slack webhook', (secret) => `POST https://hooks.slack.com/services/T01/B02/${secret}`),
  sample('a Slack signature', (secret) => `X-Slack-Signature: v0=${secret}`),
  sample('a key of the exchange', (secret) => `X-MBX-APIKEY: ${secret}`),
  sample('a signed request', (secret) => `GET /api/v3/account?timestamp=1&signature=${secret}`),
  sample('a key of Anthropic', (secret) => `using ${['sk', 'ant', secret].join('-')}`),
  sample('a token of GitHub', (secret) => `clone with ${['ghp', secret].join('_')}`),
  sample('a client secret', (secret) => `client_id=fleet&client_secret=${secret}`),
  sample('a refresh token', (secret) => `{"refresh_token":"${secret}"}`),
  idToken(),
  pemKey(),
];

const PEOPLE: readonly Sample[] = [
  {
    name: 'an e-mail address',
    text: 'sent to anna.berg@example.com today',
    needles: ['anna.berg', 'example.com'],
  },
  {
    name: 'one with a tag',
    text: 'no operator is called <Kim+ops@sub.example.co.uk>',
    needles: ['Kim+ops', 'example.co'],
  },
];

const CONFIG = join(import.meta.dirname, '../config');
const { instruments } = loadYaml(join(CONFIG, 'instruments.yaml'), instrumentsSchema);
const VENUE = loadYaml(join(CONFIG, 'venue.yaml'), venueConfigSchema);
const MARKET = loadSyntheticMarket(instruments, { symbols: ['BTCUSDT'], interval: '1m', seed: 'redaction' });

type Sink = (text: string) => Promise<string> | string;

function logged(use: (logger: Logger) => void, service = 'redaction'): string {
  const lines: string[] = [];
  use(createLogger({ service, level: 'trace', destination: { write: (line: string) => lines.push(line) } }));
  return lines.join('');
}

function vendorError(text: string): Error {
  const error = new Error(`request failed: ${text}`, { cause: new Error(text) });
  return Object.assign(error, {
    response: { status: 500, data: text, headers: { authorization: text } },
    body: text,
  });
}

/** Every way by which the fleet says something to a log or a terminal. */
const SINKS: readonly (readonly [name: string, sink: Sink])[] = [
  ['the logger, as its message', (text) => logged((log) => log.info(text))],
  ['the logger, in a field', (text) => logged((log) => log.warn({ url: text, deep: { list: [text] } }, 'x'))],
  ['the logger, in a child', (text) => logged((log) => log.child({ context: text }).error('x'))],
  ['the logger, as an error', (text) => logged((log) => log.error({ err: vendorError(text) }, 'x'))],
  ['the serialiser of errors', (text) => JSON.stringify(safeError(vendorError(text)))],
  [
    'the serialiser, of a named error',
    (text) =>
      JSON.stringify(safeError(new FleetError(text, { code: 'X_Y', context: { text }, cause: text }))),
  ],
  [
    'a refused configuration',
    (text) => new ConfigError('environment', [{ name: 'SOME_URL', problem: 'is wrong', got: text }]).message,
  ],
  ['the words of a service that could not start', (text) => redactText(safeError(new Error(text)).message)],
  ['the words of a script', (text) => failureText(new RunFailure(text, `do not use ${text}`))],
  ['the words of a script, of an error nobody foresaw', (text) => failureText(new Error(text))],
  ['the requests of a service', requestLog],
  ['the requests of the simulator', simulatorLog],
];

/** Header, query, path and body of requests that fail, and the answer, which a client writes into its own log. */
async function requestLog(text: string): Promise<string> {
  const lines: string[] = [];
  const fails = endpoint({
    method: 'post',
    path: '/things/{id}',
    summary: 'Fails',
    params: z.object({ id: z.string() }),
    body: z.object({ text: z.string() }),
    idempotent: false,
    handle: (_deps: object, { body }) => {
      throw vendorError(body.text);
    },
  });
  const app = createServiceApp<object>({
    ...{ service: 'things', version: '1.0.0', description: 'Things', host: '127.0.0.1', port: 0, deps: {} },
    logger: createLogger({
      service: 'things',
      level: 'trace',
      destination: { write: (line: string) => lines.push(line) },
    }),
    metrics: createMetrics({ service: 'things', version: '1.0.0', defaultMetrics: false }),
    adminToken: 'the-admin-token-of-this-test',
    endpoints: [fails],
    health: () => Promise.resolve({ dependencies: [] }),
    ready: () => Promise.resolve({ ready: true, missing: [] }),
    status: () => Promise.resolve({}),
    audit: () => undefined,
    idempotency: memoryIdempotencyStore(),
  });
  const server = createServer(app.app).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const sent = oneLine(text);
  const headers = {
    'content-type': 'application/json',
    authorization: sent,
    cookie: sent,
    'x-admin-token': sent,
  };
  const address = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const place = encodeURIComponent(text);
  const post = { method: 'POST', headers, body: JSON.stringify({ text }) };
  const answers = [
    await fetch(`${address}/things/${place}`, post),
    await fetch(`${address}/things/1?q=${place}`, post),
    await fetch(`${address}/nothing/${place}`, { headers }),
  ];
  expect(answers.map(({ status }) => status)).toEqual([500, 400, 404]);
  const said = await Promise.all(answers.map((answer) => answer.text()));
  await closed(server);
  return [...lines, ...said].join('');
}

async function simulatorLog(text: string): Promise<string> {
  const lines: string[] = [];
  const simulator = await startSimulator({
    market: MARKET,
    venue: VENUE,
    account: { key: 'account-of-this-test', secret: made() },
    logger: createLogger({
      service: 'exchange-simulator',
      level: 'trace',
      destination: { write: (line: string) => lines.push(line) },
    }),
  });
  const signed = `${simulator.url}/api/v3/account?timestamp=${Date.now()}&signature=${encodeURIComponent(text)}`;
  const asked = {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ speed: text }),
  };
  const answers = [
    await fetch(signed, { headers: { 'x-mbx-apikey': oneLine(text) } }),
    await fetch(`${simulator.controlUrl}/control/speed`, asked),
  ];
  expect(answers.map(({ ok }) => ok)).toEqual([false, false]);
  await simulator.close();
  return lines.join('');
}

/** As a header may hold it. */
function oneLine(text: string): string {
  return text.replaceAll(/[^\x20-\x7e]/g, ' ');
}

async function closed(server: Server): Promise<void> {
  server.closeAllConnections();
  server.close();
  await once(server, 'close');
}

describe.each([...SECRETS, ...PEOPLE].map((each) => [each.name, each] as const))(
  '%s',
  (_name, { text, needles }) => {
    it.each(SINKS)('is not said by %s', async (_sink, sink) => {
      const said = await sink(text);
      for (const needle of needles) expect(said).not.toContain(needle);
    });
  },
);

describe('what has to be said', () => {
  it('is said by every way', async () => {
    const silent = [];
    for (const [name, sink] of SINKS) {
      // The simulator writes no line for a request that it refuses.
      if (name === 'the requests of the simulator') continue;
      if (!(await sink('the word mandarin')).includes('mandarin')) silent.push(name);
    }
    expect(silent).toEqual([]);
  });

  it.each(['identity', 'actor', 'by'])('is who did something, in the field %s of an audit line', (field) => {
    const line = logged((log) => log.info({ audit: { [field]: 'anna@example.com' } }, 'audit'));
    expect(line).toContain('anna@example.com');
    const [secret] = SECRETS;
    expect(logged((log) => log.info({ [field]: secret?.text }, 'x'))).not.toContain(secret?.needles[0]);
  });
});

describe('ops_cli', () => {
  it('prints no token that it sends, whatever comes back', async () => {
    const token = made();
    const server = createServer((request, response) => {
      const detail = `you sent ${JSON.stringify(request.headers)}`;
      response.writeHead(503, { 'content-type': 'application/problem+json' });
      response.end(JSON.stringify({ code: 'NOT_NOW', detail, title: detail }));
    }).listen(0, '127.0.0.1');
    await once(server, 'listening');
    const base = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    const env = { PATH: process.env['PATH'], FLEET_STATE_FILE: '/nowhere/state.json', ADMIN_TOKEN: token };
    const said = await new Promise<string>((resolve) => {
      const args = [
        join(import.meta.dirname, 'ops_cli.js'),
        'orch:halt',
        '--reason',
        'drill',
        '--base',
        base,
      ];
      execFile(process.execPath, args, { env }, (_error, out, err) => resolve(out + err));
    });
    await closed(server);
    expect(said).toContain('you sent');
    expect(said).not.toContain(token);
  });
});
