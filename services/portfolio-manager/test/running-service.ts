import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { catalog, envelopeFromFields, envelopeToFields } from '@fleet/domain/events';
import { migrate } from '@fleet/shared/postgres';
import {
  freePort,
  type ManagedProcess,
  startProcess,
  type TestDatabase,
  type TestRedis,
} from '@fleet/testkit/infrastructure';
import { CONFIG, type Fed, PORTFOLIO_YAML, RUN } from './inputs.ts';

const SERVICE = join(import.meta.dirname, '..');
const MIGRATIONS = join(SERVICE, 'migrations');

/** Schema, role and a folder for configuration and logs; `clean` takes them away. */
export async function prepare(database: TestDatabase) {
  const role = `role_${database.name}`;
  const rolePassword = 'portfolio-password-of-the-test';
  await migrate({ adminUrl: database.url, schema: 'portfolio', role, rolePassword, dirs: [MIGRATIONS] });
  const folder = mkdtempSync(join(tmpdir(), 'portfolio-int-'));
  cpSync(CONFIG, join(folder, 'config'), { recursive: true });
  writeFileSync(join(folder, 'config/portfolio.yaml'), PORTFOLIO_YAML);
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

export interface PortfolioService {
  readonly process: ManagedProcess;
  log(): string;
  status(): Promise<Readonly<Record<string, unknown>>>;
  get(path: string): Promise<{ readonly status: number; readonly body: never }>;
  post(path: string, body: unknown): Promise<{ readonly status: number; readonly body: never }>;
}

export interface StartOptions {
  readonly folder: string;
  readonly databaseUrl: string;
  readonly redisUrl: string;
  readonly env?: Record<string, string>;
}

/** The service as its own process, leading. */
export async function startService(options: StartOptions): Promise<PortfolioService> {
  const port = await freePort();
  const logFile = join(options.folder, `${port}.log`);
  const process_ = await startProcess({
    name: 'portfolio-manager',
    command: process.execPath,
    args: [join(SERVICE, 'src/main.ts')],
    logFile,
    env: {
      PORT: String(port),
      DATABASE_URL: options.databaseUrl,
      REDIS_URL: options.redisUrl,
      RUN_ID: RUN,
      CONFIG_DIR: join(options.folder, 'config'),

      ...options.env,
    },
  });
  const log = () => readFileSync(logFile, 'utf8');
  const call = async (path: string, init?: RequestInit) => {
    const response = await fetch(`http://127.0.0.1:${port}${path}`, init);
    return { status: response.status, body: (await response.json()) as never };
  };
  const status = async () =>
    (await call('/status').catch(() => ({ body: {} }))).body as Record<string, unknown>;
  await until(async () => {
    if (!process_.running()) throw new Error(`the service ended:\n${log()}`);
    const { runners = [] } = (await status()) as { runners?: { leader: boolean; mode: string }[] };
    return runners.some(({ leader, mode }) => leader && mode === 'running');
  });
  const headers = { 'content-type': 'application/json' };
  return {
    process: process_,
    log,
    status,
    get: (path) => call(path),
    post: (path, body) => call(path, { method: 'POST', headers, body: JSON.stringify(body) }),
  };
}

/** Polls until the check passes; the test's own time-out bounds it. */
export async function until(check: () => Promise<boolean>): Promise<void> {
  while (!(await check())) await new Promise((resolve) => setTimeout(resolve, 10));
}

/** Writes events as their services would; each to its stream. */
export async function write(redis: TestRedis, events: readonly Fed[]): Promise<void> {
  const pipeline = redis.client.pipeline();
  for (const { id, type, key, data } of events) {
    const stream = catalog.entry(type)?.stream ?? '';
    const envelope = {
      ...{ id, type, v: 1, ts: '2024-08-05T00:00:00.000Z', key, source: 'test', run: RUN, requestId: 'test' },
      ...{ traceparent: '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01', causationId: null, data },
    };
    pipeline.xadd(`${stream}:{0}`, '*', ...envelopeToFields(envelope));
  }
  await pipeline.exec();
}

/** What the service has said on a stream, in order. What a crash had it say twice carries the same id and counts once. */
export async function said(redis: TestRedis, stream: string) {
  const entries = await redis.client.xrange(`${stream}:{0}`, '-', '+');
  const byId = new Map<string, { readonly type: string; readonly data: unknown }>();
  for (const [, fields] of entries) {
    const { id, type, data } = envelopeFromFields(fields);
    if (!byId.has(id)) byId.set(id, { type, data });
  }
  return [...byId.values()];
}
