import { readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { freePort, type ManagedProcess, startProcess } from '../infrastructure/index.ts';
import type { ServiceProgram } from './service-program.ts';
import { until } from './until.ts';

type Headers = Readonly<Record<string, string>>;

export interface Answer {
  readonly status: number;
  /** The JSON of the answer; the test names its shape. */
  readonly body: never;
}

/** A service as its own process, and what a test asks it. Its `process` is stopped, or killed as by `kill -9`. */
export interface RunningService {
  readonly process: ManagedProcess;
  readonly url: string;
  /** All that it has logged. */
  log(): string;
  get(path: string, headers?: Headers): Promise<Answer>;
  post(path: string, body: unknown, headers?: Headers): Promise<Answer>;
  /** What `/status` says; empty while nothing answers. */
  status(): Promise<Readonly<Record<string, unknown>>>;
}

export interface StartOptions {
  readonly folder: string;
  readonly databaseUrl: string;
  readonly redisUrl: string;
  /** Laid over the program's. */
  readonly env?: Readonly<Record<string, string>>;
  /** In place of the program's. */
  readonly started?: ServiceProgram['started'] | undefined;
}

/**
 * Starts `src/main.ts` and waits until its start is over.
 * @throws Error with its log when the process ends instead.
 */
export async function startService(program: ServiceProgram, options: StartOptions): Promise<RunningService> {
  const { folder } = options;
  const port = await freePort();
  const logFile = join(folder, `${port}.log`);
  const process_ = await startProcess({
    name: basename(program.home),
    command: process.execPath,
    args: [join(program.home, 'src/main.ts')],
    logFile,
    env: {
      ...{ PORT: String(port), DATABASE_URL: options.databaseUrl, REDIS_URL: options.redisUrl },
      ...{ RUN_ID: program.run, CONFIG_DIR: join(folder, 'config') },
      ...program.env?.(folder),
      ...options.env,
    },
  });
  const service = asking(process_, `http://127.0.0.1:${port}`, logFile);
  const started = options.started ?? program.started ?? leads;
  await until(async () => {
    if (!process_.running()) throw new Error(`the service ended:\n${service.log()}`);
    return started(service);
  });
  return service;
}

function asking(process_: ManagedProcess, url: string, logFile: string): RunningService {
  const call = async (path: string, init: RequestInit) => {
    const response = await fetch(`${url}${path}`, init);
    return { status: response.status, body: (await response.json()) as never };
  };
  const get = (path: string, headers: Headers = {}) => call(path, { headers });
  return {
    ...{ process: process_, url, get },
    log: () => readFileSync(logFile, 'utf8'),
    post: (path, body, headers = {}) =>
      call(path, {
        method: 'POST',
        headers: { 'content-type': 'application/json', ...headers },
        body: JSON.stringify(body),
      }),
    status: async () => (await get('/status').catch(() => ({ body: {} }))).body,
  };
}

/** A stand-by is ready too: what the tests ask for needs the lease. */
async function leads(service: RunningService): Promise<boolean> {
  const { runners = [] } = (await service.status()) as { runners?: { leader: boolean; mode: string }[] };
  return runners.some(({ leader, mode }) => leader && mode === 'running');
}
