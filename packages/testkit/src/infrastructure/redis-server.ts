import { mkdirSync } from 'node:fs';
import { connect } from 'node:net';
import { join, resolve } from 'node:path';
import { Redis } from 'ioredis';
import { freePort } from './free-port.ts';
import { InfrastructureError } from './infrastructure-error.ts';
import { startProcess } from './managed-process.ts';
import { stopRecorded } from './process-record.ts';
import { type EnsureRedisOptions, ensureRedis } from './redis-binary.ts';
import { notOurs, ours, type RunningStore } from './running-store.ts';
import { logLength, waitForAnswer } from './server-start.ts';

export interface StartRedisOptions extends EnsureRedisOptions {
  /** Data, log and process record. Starting again on the same folder continues with its data. */
  readonly dir: string;
  /** Default: a free one. */
  readonly port?: number;
  /** Append-only file, synced every second. Default true. */
  readonly appendonly?: boolean;
  /** File of its users; without it everybody may do everything. */
  readonly aclFile?: string;
  /** Number of databases. Default 16. */
  readonly databases?: number;
}

const START_TIMEOUT_MS = 60_000;

/**
 * A Redis bound to 127.0.0.1 with `noeviction`. With REDIS_URL in the environment nothing is started: that one is
 * asked whether it answers. A Redis that an earlier, killed run left on this folder is ended first.
 */
export async function startRedis(options: StartRedisOptions): Promise<RunningStore> {
  const given = (options.env ?? process.env)['REDIS_URL'];
  if (given !== undefined && given !== '') return await useGivenRedis(given);
  const binary = await ensureRedis(options);
  const dir = resolve(options.dir);
  mkdirSync(dir, { recursive: true });
  const pidFile = join(dir, 'redis.pid');
  const logFile = join(dir, 'redis.log');
  await stopRecorded(pidFile);
  const port = options.port ?? (await freePort());
  const logFrom = logLength(logFile);
  const server = await startProcess({
    name: 'redis',
    command: binary.server,
    args: redisArguments(options, dir, port),
    env: binary.env,
    logFile,
    pidFile,
    exitSignal: 'SIGTERM',
  });
  await waitForAnswer({
    process: server,
    logFile,
    logFrom,
    timeoutMs: START_TIMEOUT_MS,
    answers: () => answersPing(port, server.pid),
  });
  return ours(`redis://127.0.0.1:${port}`, port, server);
}

function redisArguments(options: StartRedisOptions, dir: string, port: number): string[] {
  return Object.entries({
    bind: '127.0.0.1',
    port: String(port),
    dir,
    appendonly: options.appendonly === false ? 'no' : 'yes',
    appendfsync: 'everysec',
    save: '',
    'maxmemory-policy': 'noeviction',
    databases: String(options.databases ?? 16),
    ...(options.aclFile === undefined ? {} : { aclfile: resolve(options.aclFile) }),
  }).flatMap(([name, value]) => [`--${name}`, value]);
}

/** True when the Redis with this pid answers (another may hold the port). While it reads its file PING says -LOADING. */
function answersPing(port: number, pid: number): Promise<boolean> {
  return new Promise((settle) => {
    const socket = connect({ host: '127.0.0.1', port });
    let answer = '';
    socket.setTimeout(1_000, () => socket.destroy());
    socket.once('error', () => settle(false));
    socket.once('close', () =>
      settle(answer.startsWith('+PONG') && answer.includes(`process_id:${pid}\r\n`)),
    );
    socket.on('data', (data) => {
      answer += data.toString();
    });
    socket.once('connect', () => socket.write('PING\r\nINFO server\r\nQUIT\r\n'));
  });
}

async function useGivenRedis(url: string): Promise<RunningStore> {
  const client = new Redis(url, { lazyConnect: true, maxRetriesPerRequest: 0, retryStrategy: () => null });
  client.on('error', () => undefined); // connect() below rejects with it
  try {
    await client.connect();
    const info = await client.info('server');
    const version = /redis_version:(\S+)/.exec(info)?.[1] ?? '0';
    if (Number.parseInt(version, 10) < 7) throw new Error(`it is version ${version}, 7 or newer is needed`);
  } catch (error) {
    throw new InfrastructureError(
      `REDIS_URL is set, but that Redis cannot be used: ${(error as Error).message}`,
      'start it, correct REDIS_URL, or unset it and one is started here',
      error,
    );
  } finally {
    client.disconnect();
  }
  return notOurs(url, 'REDIS_URL', 6379);
}
