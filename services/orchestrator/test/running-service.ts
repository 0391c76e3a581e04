import { cpSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { catalog, envelopeToFields, eventId } from '@fleet/domain/events';
import { migrate } from '@fleet/shared/postgres';
import {
  checkout,
  freePort,
  type ManagedProcess,
  startProcess,
  type TestDatabase,
  type TestRedis,
} from '@fleet/testkit/infrastructure';
import { type Fed, RUN } from './feed.ts';

const SERVICE = join(import.meta.dirname, '..');
export const ADMIN_TOKEN = 'admin-token-of-the-test';

export interface Answer {
  readonly status: number;
  readonly body: never;
}

export interface RunningOrchestrator {
  readonly process: ManagedProcess;
  readonly url: string;
  log(): string;
  get(path: string, headers?: Record<string, string>): Promise<Answer>;
  post(path: string, body: unknown, headers?: Record<string, string>): Promise<Answer>;
}

/** Schema, role and a folder for configuration and logs; `clean` takes them away. */
export async function prepare(database: TestDatabase) {
  const role = `role_${database.name}`;
  const rolePassword = 'orchestrator-password-of-the-test';
  const dirs = [join(SERVICE, 'migrations')];
  await migrate({ adminUrl: database.url, schema: 'orchestrator', role, rolePassword, dirs });
  const folder = mkdtempSync(join(tmpdir(), 'orchestrator-int-'));
  cpSync(join(checkout, 'config'), join(folder, 'config'), { recursive: true });
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

export interface StartOptions {
  readonly folder: string;
  readonly databaseUrl: string;
  readonly redisUrl: string;
  readonly env?: Record<string, string>;
  /** A replica that stands by is waited for no further than its listener. */
  readonly standby?: boolean;
}

/** The service as its own process, leading (or standing by). */
export async function startOrchestrator(options: StartOptions): Promise<RunningOrchestrator> {
  const port = await freePort();
  const logFile = join(options.folder, `${port}.log`);
  const process_ = await startProcess({
    name: 'orchestrator',
    command: process.execPath,
    args: [join(SERVICE, 'src/main.ts')],
    logFile,
    env: {
      PORT: String(port),
      DATABASE_URL: options.databaseUrl,
      REDIS_URL: options.redisUrl,
      RUN_ID: RUN,
      CONFIG_DIR: join(options.folder, 'config'),
      ADMIN_TOKEN,
      ...options.env,
    },
  });
  const url = `http://127.0.0.1:${port}`;
  const log = () => readFileSync(logFile, 'utf8');
  const call = async (path: string, init?: RequestInit) => {
    const response = await fetch(`${url}${path}`, init);
    return { status: response.status, body: (await response.json()) as never };
  };
  const get = (path: string, headers: Record<string, string> = {}) => call(path, { headers });
  const wanted = options.standby ? 'acquiring' : 'running';
  await until(async () => {
    if (!process_.running()) throw new Error(`the service ended:\n${log()}`);
    const { body } = await get('/status').catch(() => ({ body: {} }));
    const { runners = [] } = body as { runners?: { mode: string }[] };
    return runners.some(({ mode }) => mode === wanted) && (await get('/ready')).status === 200;
  });
  const post = (path: string, body: unknown, headers: Record<string, string> = {}) =>
    call(path, {
      method: 'POST',
      headers: { 'content-type': 'application/json', ...headers },
      body: JSON.stringify(body),
    });
  return { process: process_, url, log, get, post };
}

/** Polls until the check passes; the test's own time-out bounds it. */
export async function until(check: () => Promise<boolean>): Promise<void> {
  while (!(await check())) await new Promise((resolve) => setTimeout(resolve, 20));
}

let written = 0;

/** Writes an event as its service would. */
export async function write(redis: TestRedis, ...fed: readonly Fed[]): Promise<void> {
  for (const { type, stream, data, at } of fed) {
    written += 1;
    catalog.entry(type)?.parse(data);
    const envelope = {
      ...{ id: eventId(RUN, type, `test-${written}`), type, v: 1, ts: new Date(at).toISOString() },
      ...{ key: RUN, source: 'test', run: RUN, requestId: 'test', causationId: null, data },
      traceparent: '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01',
    };
    await redis.client.xadd(`${stream}:{0}`, '*', ...envelopeToFields(envelope));
  }
}

/** Events of a stream that the service has written, oldest first. */
export async function read<Data>(
  redis: TestRedis,
  stream: string,
): Promise<{ readonly id: string; readonly type: string; readonly data: Data }[]> {
  const entries = await redis.client.xrange(`${stream}:{0}`, '-', '+');
  return entries.map(([, fields]) => {
    const of = (name: string) => fields[fields.indexOf(name) + 1] ?? '';
    return { id: of('id'), type: of('type'), data: JSON.parse(of('data')) as Data };
  });
}
