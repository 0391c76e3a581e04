import { setTimeout as sleep } from 'node:timers/promises';
import { type RunningStore, startPostgres, startRedis } from '@fleet/testkit/infrastructure';
import type { FleetHome } from './fleet-home.ts';
import { ensureAclFile } from './secrets.ts';
import { BACKOFF_MS_MAX, BACKOFF_MS_MIN } from './supervised-process.ts';

export interface StoreOptions {
  readonly home: FleetHome;
  readonly say: (line: string) => void;
}

/** Eight services with pools of eight, and the runner itself. */
const POSTGRES_CONNECTIONS = 120;

export interface Stores {
  readonly redis: KeptStore;
  readonly postgres: KeptStore;
  stop(): Promise<void>;
}

/** Redis and Postgres on the home's folders, or those that REDIS_URL and DATABASE_URL name. */
export async function startStores({ home, say }: StoreOptions): Promise<Stores> {
  const redis = new KeptStore('redis', say, (port) =>
    startRedis({
      dir: home.redis,
      aclFile: ensureAclFile(home),
      onProgress: say,
      ...(port === undefined ? {} : { port }),
    }),
  );
  const postgres = new KeptStore('postgres', say, (port) =>
    startPostgres({
      dir: home.postgres,
      connectionsMax: POSTGRES_CONNECTIONS,
      onProgress: say,
      ...(port === undefined ? {} : { port }),
    }),
  );
  const stop = async () => {
    await Promise.all([redis.stop(), postgres.stop()]);
  };
  const outcomes = await Promise.allSettled([redis.start(), postgres.start()]);
  const failed = outcomes.find((outcome) => outcome.status === 'rejected');
  if (failed === undefined) return { redis, postgres, stop };
  await stop();
  throw failed.reason;
}

/** A store that is started again on its port and folder when it dies, unless it is not ours. */
export class KeptStore {
  readonly name: string;
  /** How often it ended by itself and was started again. */
  restarts = 0;
  #say: (line: string) => void;
  #begin: (port?: number) => Promise<RunningStore>;
  #current: RunningStore | undefined;
  #stopping = false;
  #wake = new AbortController();
  #life: Promise<void> = Promise.resolve();

  constructor(name: string, say: (line: string) => void, begin: (port?: number) => Promise<RunningStore>) {
    this.name = name;
    this.#say = say;
    this.#begin = begin;
  }

  async start(): Promise<void> {
    this.#current = await this.#begin();
    this.#life = this.#watch(this.#current);
  }

  /** Does not change while the fleet lives: it comes back on the same port. */
  get url(): string {
    if (this.#current === undefined) throw new Error(`${this.name} has not been started`);
    return this.#current.url;
  }

  get pid(): number | undefined {
    return this.#current?.process?.pid;
  }

  async stop(): Promise<void> {
    this.#stopping = true;
    this.#wake.abort();
    await this.#current?.stop();
    await this.#life;
  }

  async #watch(first: RunningStore): Promise<void> {
    let store = first;
    for (let delayMs = BACKOFF_MS_MIN; store.process !== undefined; ) {
      await store.process.exited;
      while (!this.#stopping) {
        this.#say(`${this.name} ended by itself; starting it again`);
        try {
          store = await this.#begin(store.port);
          this.#current = store;
          this.restarts += 1;
          delayMs = BACKOFF_MS_MIN;
          break;
        } catch (error) {
          this.#say(`${this.name}: ${(error as Error).message}`);
          await sleep(delayMs, undefined, { signal: this.#wake.signal }).catch(() => undefined);
          delayMs = Math.min(BACKOFF_MS_MAX, delayMs * 2);
        }
      }
      if (this.#stopping) {
        await this.#current?.stop();
        return;
      }
    }
  }
}
