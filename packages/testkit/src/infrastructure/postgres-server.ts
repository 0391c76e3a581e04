import { existsSync, readFileSync, rmSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import pg from 'pg';
import { freePort } from './free-port.ts';
import { InfrastructureError } from './infrastructure-error.ts';
import { startProcess } from './managed-process.ts';
import { invocation } from './postgres-account.ts';
import { type Cluster, openCluster } from './postgres-cluster.ts';
import { describeProcess, type SignalStep, stopProcess, stopRecorded } from './process-record.ts';
import { notOurs, ours, type RunningStore } from './running-store.ts';
import { logLength, ServerExited, waitForAnswer } from './server-start.ts';

export interface StartPostgresOptions {
  /** Data, password, log and process record. Starting again on the same folder continues with its data. */
  readonly dir: string;
  /** Default: a free one. */
  readonly port?: number;
  /** Default 200. */
  readonly connectionsMax?: number;
  readonly env?: NodeJS.ProcessEnv;
  /** Told what is being done, one line at a time. */
  readonly onProgress?: (line: string) => void;
}

const START_TIMEOUT_MS = 120_000; // recovery after a crash is part of it
const VERSION_MIN = 150_000;
const PREDECESSOR_TRIES = 100;
const PREDECESSOR_WAIT_MS = 100;
/** SIGINT is a fast shutdown, SIGQUIT an immediate one that leaves recovery to the next start. */
const END_STEPS: readonly SignalStep[] = [
  { signal: 'SIGINT', waitMs: 10_000 },
  { signal: 'SIGQUIT', waitMs: 5_000 },
  { signal: 'SIGKILL', waitMs: 5_000 },
];

/**
 * A Postgres 18 bound to 127.0.0.1, with fsync, user `postgres`, a password of its own. With DATABASE_URL in the
 * environment nothing is started: that one is asked whether it answers. A Postgres that an earlier, killed run left
 * on this folder is ended first.
 */
export async function startPostgres(options: StartPostgresOptions): Promise<RunningStore> {
  const given = (options.env ?? process.env)['DATABASE_URL'];
  if (given !== undefined && given !== '') return await useGivenPostgres(given);
  const dir = resolve(options.dir);
  if (!existsSync(join(dir, 'data'))) options.onProgress?.('postgres: making the data folder');
  const cluster = await openCluster(dir);
  await endPredecessor(cluster);
  const port = options.port ?? (await freePort());
  for (let tries = 1; ; tries += 1) {
    try {
      return await startServer(cluster, port, options.connectionsMax ?? 200);
    } catch (error) {
      if (tries === PREDECESSOR_TRIES || !isHeldByPredecessor(error)) throw error;
      await sleep(PREDECESSOR_WAIT_MS);
    }
  }
}

/** Children of a postmaster that was killed notice its death a moment later and hold the folder until then. */
function isHeldByPredecessor(error: unknown): boolean {
  return error instanceof ServerExited && /pre-existing shared memory block/.test(error.log);
}

async function startServer(cluster: Cluster, port: number, connectionsMax: number): Promise<RunningStore> {
  const logFile = join(cluster.dir, 'postgres.log');
  const logFrom = logLength(logFile);
  const args = ['-D', cluster.data, ...settings(port, connectionsMax)];
  const server = await startProcess({
    name: 'postgres',
    ...invocation(cluster.account, cluster.postgres, args),
    cwd: '/',
    env: { LC_ALL: 'C' },
    logFile,
    pidFile: recordFile(cluster),
    stopSignal: 'SIGINT',
    exitSignal: 'SIGQUIT',
  });
  const url = `postgres://postgres:${cluster.password}@127.0.0.1:${port}/postgres`;
  await waitForAnswer({
    process: server,
    logFile,
    logFrom,
    timeoutMs: START_TIMEOUT_MS,
    answers: () => acceptsConnections(url),
  });
  return ours(url, port, server);
}

function settings(port: number, connectionsMax: number): string[] {
  return Object.entries({
    port: String(port),
    listen_addresses: '127.0.0.1',
    unix_socket_directories: '',
    fsync: 'on',
    max_connections: String(connectionsMax),
    timezone: 'UTC',
    log_timezone: 'UTC',
  }).flatMap(([name, value]) => ['-c', `${name}=${value}`]);
}

/** The password is this folder's alone, so another Postgres on the port does not answer in its place. */
async function acceptsConnections(url: string): Promise<boolean> {
  const client = new pg.Client({ connectionString: url, connectionTimeoutMillis: 5_000 });
  client.on('error', () => undefined); // connect() below rejects with it
  try {
    await client.connect();
    return true;
  } catch {
    return false;
  } finally {
    await client.end().catch(() => undefined);
  }
}

async function endPredecessor(cluster: Cluster): Promise<void> {
  await stopRecorded(recordFile(cluster), END_STEPS);
  const lockFile = join(cluster.data, 'postmaster.pid');
  const pid = existsSync(lockFile) ? Number.parseInt(readFileSync(lockFile, 'utf8'), 10) : Number.NaN;
  if (Number.isNaN(pid)) return;
  const record = describeProcess('postgres', pid);
  if (record !== undefined && servesFolder(pid, cluster.data)) await stopProcess(record, END_STEPS);
  rmSync(lockFile, { force: true }); // its process is gone, or the pid is by now another program's
}

function servesFolder(pid: number, data: string): boolean {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'utf8').split('\0').includes(data);
  } catch {
    return false;
  }
}

function recordFile(cluster: Cluster): string {
  return join(cluster.dir, 'postgres.pid');
}

async function useGivenPostgres(url: string): Promise<RunningStore> {
  const client = new pg.Client({ connectionString: url, connectionTimeoutMillis: 10_000 });
  client.on('error', () => undefined); // connect() below rejects with it
  try {
    await client.connect();
    const { rows } = await client.query<{ server_version_num: string }>('show server_version_num');
    const version = Number(rows[0]?.server_version_num);
    if (version < VERSION_MIN) throw new Error(`it is version ${version}, 15 or newer is needed`);
  } catch (error) {
    throw new InfrastructureError(
      `DATABASE_URL is set, but that Postgres cannot be used: ${(error as Error).message}`,
      'start it, correct DATABASE_URL, or unset it and one is started here',
      error,
    );
  } finally {
    await client.end().catch(() => undefined);
  }
  return notOurs(url, 'DATABASE_URL', 5432);
}
