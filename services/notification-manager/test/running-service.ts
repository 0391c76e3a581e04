import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { envelopeToFields, eventId } from '@fleet/domain/events';
import { migrate } from '@fleet/shared/postgres';
import {
  freePort,
  type ManagedProcess,
  startProcess,
  type TestDatabase,
  type TestRedis,
} from '@fleet/testkit/infrastructure';

const SERVICE = join(import.meta.dirname, '..');
export const RUN = 'notify-test';
export const ADMIN_TOKEN = 'admin-token-of-the-test';

const POLICY = `minimumSeverity: info
channels: { info: '#info', warning: '#alerts', critical: '#critical' }
dedupeWindowSeconds: { default: 600, byCode: {} }
delivery: { retrySecondsMin: 0.01, retrySecondsMax: 0.05, deliverWithinHours: 24, backlogMax: 500 }
`;

export interface Stores {
  readonly database: TestDatabase;
  readonly redis: TestRedis;
}

export interface NotifyService {
  readonly process: ManagedProcess;
  readonly log: () => string;
  get(path: string): Promise<{ readonly status: number; readonly body: never }>;
  post(
    path: string,
    body: unknown,
    headers?: Record<string, string>,
  ): Promise<{ status: number; body: never }>;
}

/** Schema, role and a folder for configuration and logs; `clean` takes them away. */
export async function prepare({ database }: Stores) {
  const role = `role_${database.name}`;
  const rolePassword = 'notify-password-of-the-test';
  const dirs = [join(SERVICE, 'migrations')];
  await migrate({ adminUrl: database.url, schema: 'notify', role, rolePassword, dirs });
  const folder = mkdtempSync(join(tmpdir(), 'notify-int-'));
  mkdirSync(join(folder, 'config'));
  writeFileSync(join(folder, 'config/notifications.yaml'), POLICY);
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
}

/** The service as its own process, ready. */
export async function startService(options: StartOptions): Promise<NotifyService> {
  const port = await freePort();
  const logFile = join(options.folder, `${port}.log`);
  const process_ = await startProcess({
    name: 'notification-manager',
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
  const log = () => readFileSync(logFile, 'utf8');
  const call = async (path: string, init?: RequestInit) => {
    const response = await fetch(`http://127.0.0.1:${port}${path}`, init);
    return { status: response.status, body: (await response.json()) as never };
  };
  await until(async () => {
    if (!process_.running()) throw new Error(`the service ended:\n${log()}`);
    // A stand-by is ready too: what the tests ask for needs the lease.
    const { body } = await call('/status').catch(() => ({ body: {} }));
    const { runners = [] } = body as { runners?: { leader: boolean; mode: string }[] };
    return runners.some(({ leader, mode }) => leader && mode === 'running');
  });
  return {
    process: process_,
    log,
    get: (path) => call(path),
    post: (path, body, headers = {}) =>
      call(path, {
        method: 'POST',
        headers: { 'content-type': 'application/json', ...headers },
        body: JSON.stringify(body),
      }),
  };
}

/** Polls until the check passes; the test's own time-out bounds it. */
export async function until(check: () => Promise<boolean>): Promise<void> {
  while (!(await check())) await new Promise((resolve) => setTimeout(resolve, 20));
}

/** Writes a `notification.raised` as any service would. */
export async function raise(
  redis: TestRedis,
  data: { readonly dedupeKey: string; readonly severity?: string; readonly title?: string },
  name = data.dedupeKey,
): Promise<void> {
  const payload = {
    severity: 'warning',
    code: 'TEST_RAISED',
    title: `Title ${name}`,
    text: 'Text.',
    figures: { n: 1 },
  };
  const envelope = {
    id: eventId(RUN, 'notification.raised', name),
    type: 'notification.raised',
    v: 1,
    ts: '2024-08-05T00:00:00.000Z',
    key: 'account',
    source: 'test',
    run: RUN,
    traceparent: '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01',
    requestId: 'test',
    causationId: null,
    data: { ...payload, raisedBy: 'test', ...data },
  };
  await redis.client.xadd('notify.events:{0}', '*', ...envelopeToFields(envelope));
}
