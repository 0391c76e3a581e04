import type { RunningService } from './running-service.ts';

/** What differs between one service's tests and another's. */
export interface ServiceProgram {
  /** The service's own folder, which holds `src/main.ts` and `migrations`; its last part is its name. */
  readonly home: string;
  readonly schema: string;
  readonly run: string;
  /** Puts what the service reads into the folder: its configuration into `config`, and the files that `env` names. */
  readonly furnish?: (folder: string) => void;
  /** Laid over PORT, DATABASE_URL, REDIS_URL, RUN_ID and CONFIG_DIR. */
  readonly env?: (folder: string) => Readonly<Record<string, string>>;
  /** When a start is over. Default: the service leads its partition and its runner runs. */
  readonly started?: (service: RunningService) => Promise<boolean>;
}
