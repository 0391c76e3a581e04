import type { Report } from '@fleet/domain/statistics';
import { defineError } from '@fleet/shared/errors';
import { Piscina } from 'piscina';
import { CandleFileUnreadable, CandlesConflict } from '../candles/candle-errors.ts';
import type { FolderRequest } from '../candles/candle-folder.ts';
import type { SharedColumns } from '../candles/shared-columns.ts';
import type { ReportTask, TrialOutcome, TrialTask } from './trial.ts';
import type { WorkerAnswer, WorkerTask } from './trial-worker.ts';

export const TrialFailed = defineError({
  code: 'TRIAL_FAILED',
  title: 'A backtest of the study cannot be run',
  status: 422,
  retry: 'park',
  action: 'Read the message: correct the configuration or the candles, then request the study again.',
});

export const WorkerLost = defineError({
  code: 'TRIAL_WORKER_LOST',
  title: 'A worker thread died in the middle of a trial',
  status: 500,
  retry: 'park',
  action: 'Give the service more memory or request a shorter period, then request the study again.',
});

/** Threads are started by the first study and stay this long without one: their start costs more than a short trial. */
const IDLE_MS = 300_000;
/** Of a thread's own heap; candles lie outside of it, in memory that all threads share. */
const HEAP_MIB_MAX = 256;
const ATTEMPTS_MAX = 3;

export interface TrialPoolOptions {
  readonly threads: number;
  /** Priority of the threads, 0 (as this one) to 19 (lowest): the services beside it trade, and trials can wait. */
  readonly nice: number;
  /** After each trial: seconds that it took in its thread. */
  readonly onTrial?: (seconds: number) => void;
  /** An idle thread ended with an error; the next task starts another. */
  readonly onThreadError?: (error: unknown) => void;
}

/** Backtests on worker threads, at most one a thread; the rest waits in order. */
export class TrialPool {
  readonly threads: number;
  readonly #pool: Piscina<WorkerTask, WorkerAnswer>;
  readonly #onTrial: (seconds: number) => void;

  constructor({ threads, nice, onTrial = ignore, onThreadError = ignore }: TrialPoolOptions) {
    this.threads = threads;
    this.#onTrial = onTrial;
    this.#pool = new Piscina({
      filename: workerFile(),
      argv: [String(nice)],
      minThreads: 0,
      maxThreads: threads,
      idleTimeout: IDLE_MS,
      concurrentTasksPerWorker: 1,
      // Trials last milliseconds: a thread that blocks while it waits for the next one would save nothing.
      atomics: 'disabled',
      resourceLimits: { maxOldGenerationSizeMb: HEAP_MIB_MAX },
    });
    this.#pool.on('error', onThreadError);
  }

  get threadsRunning(): number {
    return this.#pool.threads.length;
  }

  async trial(task: TrialTask): Promise<TrialOutcome> {
    const { value, seconds } = await this.#run({ kind: 'trial', ...task });
    this.#onTrial(seconds);
    return value as TrialOutcome;
  }

  async report(task: ReportTask): Promise<Report> {
    return (await this.#run({ kind: 'report', ...task })).value as Report;
  }

  /** Candles of one symbol from the folder's files; null when there are none. */
  async load(request: FolderRequest): Promise<SharedColumns | null> {
    return (await this.#run({ kind: 'load', ...request })).value as SharedColumns | null;
  }

  /** Stops the threads at once; what was under way rejects. */
  async close(): Promise<void> {
    await this.#pool.destroy();
  }

  /** A task that its thread did not survive is tried again; it has no effect but its answer. */
  async #run(task: WorkerTask): Promise<Extract<WorkerAnswer, { ok: true }>> {
    for (let attempt = 1; ; attempt += 1) {
      try {
        const answer = await this.#pool.run(task);
        if (answer.ok) return answer;
        throw knownFault(answer);
      } catch (error) {
        if (!diedInTask(error)) throw error;
        if (attempt >= ATTEMPTS_MAX) throw new WorkerLost((error as Error).message, { cause: error });
      }
    }
  }
}

function ignore(): void {}

const FAULTS = new Map([CandleFileUnreadable, CandlesConflict].map((fault) => [fault.code, fault]));

function knownFault({ code, message }: Extract<WorkerAnswer, { ok: false }>): Error {
  const Fault = FAULTS.get(code) ?? TrialFailed;
  return new Fault(Fault === TrialFailed ? `${code}: ${message}` : message);
}

function diedInTask(error: unknown): boolean {
  return (error as NodeJS.ErrnoException).code === 'ERR_WORKER_OUT_OF_MEMORY';
}

/** Beside this module when run from source, beside the bundle when bundled. */
function workerFile(): string {
  const source = import.meta.url.endsWith('.ts');
  return new URL(source ? './trial-worker.ts' : './trial-worker.js', import.meta.url).href;
}
