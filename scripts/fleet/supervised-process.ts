import { setTimeout as sleep } from 'node:timers/promises';
import {
  type ManagedProcess,
  type ProcessExit,
  type ProcessSpec,
  startProcess,
  stopRecorded,
} from '@fleet/testkit/infrastructure';
import { lastLines, logLength } from './log-tail.ts';
import { RunFailure } from './run-failure.ts';

/** What a supervisor does after an exit that nobody asked for. */
export type AfterExit =
  | { readonly kind: 'restart'; readonly delayMs: number }
  | { readonly kind: 'give-up'; readonly why: string };

export interface ExitHistory {
  /** Exits in a row without a life longer than `SETTLED_MS` between them. */
  readonly failures: number;
  /** It has done its job at least once. */
  readonly wasReady: boolean;
}

export const BACKOFF_MS_MIN = 200;
export const BACKOFF_MS_MAX = 5_000;
/** sysexits.h EX_TEMPFAIL: the service asks for a fresh process, for there is a new run to work on. */
const EXIT_NEW_RUN = 75;
/** sysexits.h EX_CONFIG: starting it again changes nothing. */
const EXIT_CONFIG = 78;
const START_FAILURES_MAX = 5;
/** A process that lived so long begins with the shortest backoff again. */
const SETTLED_MS = 10_000;

/** As Compose would, but for a refused configuration and a start that never succeeds: those end the demo. */
export function afterExit(code: number | null, history: ExitHistory): AfterExit {
  if (code === EXIT_CONFIG) return { kind: 'give-up', why: 'refuses its configuration' };
  if (code === EXIT_NEW_RUN) return { kind: 'restart', delayMs: 0 };
  if (!history.wasReady && history.failures >= START_FAILURES_MAX)
    return { kind: 'give-up', why: `ended ${history.failures} times while starting` };
  const doublings = Math.min(16, Math.max(0, history.failures - 1));
  return { kind: 'restart', delayMs: Math.min(BACKOFF_MS_MAX, BACKOFF_MS_MIN * 2 ** doublings) };
}

export interface SupervisedOptions {
  readonly spec: Omit<ProcessSpec, 'onExit' | 'pidFile'> & { readonly pidFile: string };
  /** The process cannot run, and with it the fleet. */
  readonly onGiveUp: (failure: RunFailure) => void;
  readonly onRestart: (name: string, exit: ProcessExit, delayMs: number) => void;
  /** The first start's environment or arguments may differ from every later one's. */
  readonly restartArgs?: readonly string[];
}

/** One process that is started again when it dies, until `stop`. */
export class SupervisedProcess {
  readonly name: string;
  restarts = 0;
  #options: SupervisedOptions;
  #current: ManagedProcess | undefined;
  #stopping = false;
  #wake = new AbortController();
  #history = { failures: 0, wasReady: false };
  #startedAt = 0;
  #logFrom = 0;
  #life: Promise<void> = Promise.resolve();

  constructor(options: SupervisedOptions) {
    this.#options = options;
    this.name = options.spec.name;
  }

  get pid(): number | undefined {
    return this.#current?.running() === true ? this.#current.pid : undefined;
  }

  get running(): boolean {
    return this.pid !== undefined;
  }

  /** Ends what an earlier, killed run left, and starts. */
  async start(): Promise<void> {
    await stopRecorded(this.#options.spec.pidFile);
    this.#current = await this.#spawn(this.#options.spec.args);
    this.#life = this.#watch(this.#current);
  }

  wasReady(): void {
    this.#history.wasReady = true;
  }

  async stop(): Promise<void> {
    this.#stopping = true;
    this.#wake.abort();
    await this.#current?.stop();
    await this.#life;
  }

  async #watch(first: ManagedProcess): Promise<void> {
    let process = first;
    for (;;) {
      const exit = await process.exited;
      if (this.#stopping) return;
      const lived = performance.now() - this.#startedAt;
      this.#history.failures = lived > SETTLED_MS ? 1 : this.#history.failures + 1;
      const next = afterExit(exit.code, this.#history);
      if (next.kind === 'give-up') return this.#options.onGiveUp(this.#failure(next.why));
      this.#options.onRestart(this.name, exit, next.delayMs);
      await sleep(next.delayMs, undefined, { signal: this.#wake.signal }).catch(() => undefined);
      if (this.#stopping) return;
      this.restarts += 1;
      process = await this.#spawn(this.#options.restartArgs ?? this.#options.spec.args);
      this.#current = process;
      if (this.#stopping) await process.stop();
    }
  }

  async #spawn(args: readonly string[] | undefined): Promise<ManagedProcess> {
    this.#startedAt = performance.now();
    this.#logFrom = logLength(this.#options.spec.logFile);
    return startProcess({ ...this.#options.spec, ...(args === undefined ? {} : { args }) });
  }

  #failure(why: string): RunFailure {
    const { logFile } = this.#options.spec;
    return new RunFailure(
      `${this.name} ${why}. It said:\n${lastLines(logFile, this.#logFrom)}`,
      `mend what it names, then start again; its whole log is ${logFile}`,
    );
  }
}
