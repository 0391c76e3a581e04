import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { formatCandleText } from '@fleet/domain/candles';
import { catalog, envelopeFromFields, envelopeToFields, eventId } from '@fleet/domain/events';
import { migrate } from '@fleet/shared/postgres';
import {
  freePort,
  type ManagedProcess,
  startProcess,
  type TestDatabase,
  type TestRedis,
} from '@fleet/testkit/infrastructure';
import { FILES, marketText, SYMBOLS } from './study-fixture.ts';

const SERVICE = join(import.meta.dirname, '..');
export const RUN = 'optimizer-test';
const ADMIN_TOKEN = 'admin-token-of-the-test';

/** Schema, role, configuration, candle files of `days` and a folder for logs; `clean` takes them away. */
export async function prepare(database: TestDatabase, days: number) {
  const role = `role_${database.name}`;
  const rolePassword = 'optimizer-password-of-the-test';
  const dirs = [join(SERVICE, 'migrations')];
  await migrate({ adminUrl: database.url, schema: 'optimizer', role, rolePassword, dirs });
  const folder = mkdtempSync(join(tmpdir(), 'optimizer-int-'));
  for (const name of ['config', 'candles']) mkdirSync(join(folder, name));
  for (const [name, content] of Object.entries(FILES)) {
    // JSON is YAML too.
    writeFileSync(join(folder, 'config', `${name}.yaml`), JSON.stringify(content));
  }
  for (const symbol of SYMBOLS) {
    const text = formatCandleText(marketText(symbol, days));
    writeFileSync(join(folder, 'candles', `${symbol}-1m-made-up.csv.gz`), gzipSync(text));
  }
  const url = new URL(database.url);
  url.username = role;
  url.password = rolePassword;
  const clean = async () => {
    rmSync(folder, { recursive: true, force: true });
    await database.pool.query(`drop owned by ${role}`);
    await database.pool.query(`drop role ${role}`);
  };
  return { folder, databaseUrl: url.href, clean };
}

export interface OptimizerService {
  readonly process: ManagedProcess;
  readonly log: () => string;
  get(path: string): Promise<{ readonly status: number; readonly body: never }>;
  post(path: string, body: unknown): Promise<{ readonly status: number; readonly body: never }>;
  /** With the admin token. */
  admin(path: string, body: unknown): Promise<{ readonly status: number; readonly body: never }>;
  metrics(): Promise<string>;
}

export interface StartOptions {
  readonly folder: string;
  readonly databaseUrl: string;
  readonly redisUrl: string;
  readonly env?: Record<string, string>;
}

/** The service as its own process, leading. */
export async function startService(options: StartOptions): Promise<OptimizerService> {
  const port = await freePort();
  const logFile = join(options.folder, `${port}.log`);
  const process_ = await startProcess({
    name: 'parameter-optimizer',
    command: process.execPath,
    args: [join(SERVICE, 'src/main.ts')],
    logFile,
    env: {
      ...{ PORT: String(port), DATABASE_URL: options.databaseUrl, REDIS_URL: options.redisUrl },
      ...{ RUN_ID: RUN, CONFIG_DIR: join(options.folder, 'config'), ADMIN_TOKEN },
      ...{ CANDLES_DIR: join(options.folder, 'candles'), OPTIMIZER_NICE: '0' },
      ...options.env,
    },
  });
  const log = () => readFileSync(logFile, 'utf8');
  const url = `http://127.0.0.1:${port}`;
  const call = async (path: string, init?: RequestInit) => {
    const response = await fetch(`${url}${path}`, init);
    return { status: response.status, body: (await response.json()) as never };
  };
  const post = (path: string, body: unknown, headers: Record<string, string> = {}) =>
    call(path, {
      method: 'POST',
      headers: { 'content-type': 'application/json', ...headers },
      body: JSON.stringify(body),
    });
  await until(async () => {
    if (!process_.running()) throw new Error(`the service ended:\n${log()}`);
    const { body } = await call('/status').catch(() => ({ body: {} }));
    const { runners = [] } = body as { runners?: { leader: boolean; mode: string }[] };
    return runners.some(({ leader, mode }) => leader && mode === 'running');
  });
  return {
    ...{ process: process_, log, get: (path) => call(path), post: (path, body) => post(path, body) },
    admin: (path, body) => post(path, body, { 'x-admin-token': ADMIN_TOKEN }),
    metrics: async () => (await fetch(`${url}/metrics`)).text(),
  };
}

/** Polls until the check passes; the test's own time-out bounds it. */
export async function until(check: () => Promise<boolean>): Promise<void> {
  while (!(await check())) await new Promise((resolve) => setTimeout(resolve, 20));
}

/** Writes a `study.requested` as any service would. */
export async function requestByEvent(redis: TestRedis, data: { readonly studyId: string }): Promise<void> {
  const envelope = {
    ...{ id: eventId(RUN, 'study.requested', data.studyId), type: 'study.requested', v: 1, key: RUN },
    ...{ ts: '2024-01-05T00:00:00.000Z', source: 'test', run: RUN, requestId: 'test', causationId: null },
    traceparent: '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01',
    data,
  };
  await redis.client.xadd('opt.requests:{0}', '*', ...envelopeToFields(envelope));
}

/** Every event of a stream once, as its readers take it, parsed by the catalog. */
export async function eventsOn(redis: TestRedis, stream: string) {
  const entries = await redis.client.xrange(`${stream}:{0}`, '-', '+');
  const byId = new Map(
    entries.map(([, fields]) => envelopeFromFields(fields)).map((envelope) => [envelope.id, envelope]),
  );
  return [...byId.values()].map(({ type, data, key }) => {
    return { type, key, data: catalog.entry(type)?.parse(data) as Record<string, unknown> };
  });
}
