import { setTimeout as sleep } from 'node:timers/promises';
import { isFleetError } from '@fleet/shared/errors';
import { type LocalInput, type RunnerControl, ruleOn } from '@fleet/shared/streams';
import type { LocalInputs, Settlement } from '../optimizer/inputs.ts';
import type { LeasedDriver } from '../optimizer/processor.ts';
import type { OptimizerState } from '../optimizer/state.ts';
import type { Study } from './study.ts';
import { type Book, runStudy, type StudyTools } from './study-run.ts';

export interface StudyDriverOptions {
  readonly tools: StudyTools;
  /** Epoch milliseconds. */
  readonly wall: () => number;
  readonly onFailure: (study: Study, error: unknown) => void;
}

interface Tenure {
  readonly control: RunnerControl;
  readonly over: AbortController;
  /** Of the study that is worked on. */
  current: { readonly studyId: string; readonly stop: AbortController } | null;
  wake: () => void;
}

const AGAIN_MS = 1_000;
/** A fault that is not known to be the study's own ends it when it comes so often in a row. */
const UNKNOWN_FAILURES_MAX = 3;

/**
 * Works on the open studies in order, one at a time with all threads.
 *
 * Modes: `idle` (no lease; enters by `release`, leaves by `take`), `waiting` (no open study; leaves by `wake`) and
 * `working`. The rows are the record of what is to be done: `take` goes on where they stand, so a crash or a lost lease
 * costs at most the trials that were under way.
 */
export class StudyDriver implements LeasedDriver {
  readonly #options: StudyDriverOptions;
  #tenure: Tenure | undefined;

  constructor(options: StudyDriverOptions) {
    this.#options = options;
  }

  take(control: RunnerControl): void {
    this.release();
    const tenure: Tenure = {
      control,
      over: new AbortController(),
      current: null,
      wake: () => undefined,
    };
    this.#tenure = tenure;
    void this.#work(tenure);
  }

  wake(): void {
    this.#tenure?.wake();
  }

  abandon(studyId: string): void {
    const current = this.#tenure?.current;
    if (current?.studyId === studyId) current.stop.abort(new Error('the study has ended'));
  }

  release(): void {
    this.#tenure?.over.abort(new Error('the lease is over'));
    this.#tenure?.wake();
    this.#tenure = undefined;
  }

  /** The study that is worked on. */
  get running(): string | null {
    return this.#tenure?.current?.studyId ?? null;
  }

  async #work(tenure: Tenure): Promise<void> {
    let failures = 0;
    while (!tenure.over.signal.aborted) {
      const woken = new Promise<void>((resolve) => {
        tenure.wake = resolve;
      });
      const study = nextStudy(tenure);
      if (study === null) {
        await Promise.race([woken, sleep(AGAIN_MS)]);
        continue;
      }
      failures = (await this.#one(tenure, study, failures)) ? 0 : failures + 1;
    }
  }

  /** True when the study has ended, however. Never rejects. */
  async #one(tenure: Tenure, study: Study, failures: number): Promise<boolean> {
    const stop = new AbortController();
    tenure.current = { studyId: study.id, stop };
    const signal = AbortSignal.any([tenure.over.signal, stop.signal]);
    const book = bookWith(tenure.control, study, this.#options.wall);
    try {
      await runStudy(study, this.#options.tools, book, signal);
      return true;
    } catch (error) {
      if (signal.aborted) return true;
      this.#options.onFailure(study, error);
      const failure = failureOf(error, failures);
      if (failure !== null) {
        const settled = { studyId: study.id, ...failure, candidate: null, report: null } as const;
        const stored = await book('study.settled', 'settled', settled).then(
          () => true,
          () => false,
        );
        if (stored) return true;
      }
      await sleep(AGAIN_MS, undefined, { signal: tenure.over.signal }).catch(() => undefined);
      return false;
    } finally {
      tenure.current = null;
    }
  }
}

/** The next one by order of request; null while there is none, and while the lease's renewal is late. */
function nextStudy({ control }: Tenure): Study | null {
  if (!control.holdsLease()) return null;
  const state = control.state() as OptimizerState | undefined;
  let next: Study | null = null;
  for (const study of state?.open.values() ?? [])
    if (next === null || study.position < next.position) next = study;
  return next;
}

/** An input's id says what it is: stored twice, it has its effect once. */
function bookWith(control: RunnerControl, study: Study, wall: () => number): Book {
  return async <Type extends keyof LocalInputs>(type: Type, part: string, data: LocalInputs[Type]) => {
    const input: LocalInput = {
      id: `study:${study.id}:${part}`,
      ...{ type, key: study.id, ts: new Date(wall()).toISOString(), data, requestId: study.requestId },
    };
    await control.submit(input);
  };
}

/** How a study ends by an error; null when it is tried again, because the fault is not its own. */
function failureOf(
  error: unknown,
  failures: number,
): Pick<Settlement, 'outcome' | 'code' | 'message'> | null {
  if (ruleOn(error).verdict === 'retry') return null;
  const message = error instanceof Error ? error.message : String(error);
  if (isFleetError(error)) return { outcome: 'failed', code: error.code, message };
  return failures + 1 < UNKNOWN_FAILURES_MAX
    ? null
    : { outcome: 'failed', code: 'STUDY_CRASHED', message: `unexpected: ${message}` };
}
