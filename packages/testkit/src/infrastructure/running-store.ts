import { InfrastructureError } from './infrastructure-error.ts';
import type { ManagedProcess } from './managed-process.ts';

export interface RunningStore {
  readonly url: string;
  readonly port: number;
  /** Undefined when the store is not ours (REDIS_URL or DATABASE_URL is set). */
  readonly process: ManagedProcess | undefined;
  /** Ends it cleanly; does nothing to a store that is not ours. */
  stop(): Promise<void>;
  /** SIGKILL. @throws InfrastructureError for a store that is not ours. */
  kill(): Promise<void>;
}

export function ours(url: string, port: number, server: ManagedProcess): RunningStore {
  return {
    url,
    port,
    process: server,
    stop: async () => void (await server.stop()),
    kill: async () => void (await server.kill()),
  };
}

export function notOurs(url: string, variable: string, defaultPort: number): RunningStore {
  return {
    url,
    port: Number(new URL(url).port || defaultPort),
    process: undefined,
    stop: () => Promise.resolve(),
    kill: () =>
      Promise.reject(
        new InfrastructureError(
          `${variable} names a server that was not started here`,
          `unset ${variable} for this`,
        ),
      ),
  };
}
