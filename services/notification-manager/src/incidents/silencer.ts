import { type RetryDelays, retryDelayMs } from '../delivery/retry-plan.ts';
import type { SetSilence, SilenceResult } from './alertmanager-client.ts';
import type { Silence } from './incident.ts';
import { SILENCE_MS_MAX } from './limits.ts';
import type { SilenceTried } from './press.ts';

export interface SilencerOptions {
  readonly set: SetSilence;
  readonly delays: RetryDelays;
  /** Epoch milliseconds, wall time. */
  readonly wall: () => number;
  /** Resolves after the time; rejects when the signal is aborted. */
  readonly sleep: (ms: number, signal: AbortSignal) => Promise<void>;
  readonly random: () => number;
  readonly onTried: (silence: Silence, result: SilenceResult) => void;
}

type Submit = (tried: SilenceTried) => Promise<unknown>;

interface Tenure {
  readonly pending: () => readonly Silence[];
  readonly submit: Submit;
  readonly over: AbortController;
  readonly working: Set<string>;
}

/**
 * Sets the silences that are asked for, each until it is set, refused or too old. The rows are the record: what a
 * crash leaves pending is set by the next tenure of the lease, and looked for in Alertmanager before.
 */
export class Silencer {
  readonly #options: SilencerOptions;
  #tenure: Tenure | undefined;

  constructor(options: SilencerOptions) {
    this.#options = options;
  }

  take(pending: Tenure['pending'], submit: Submit): void {
    this.release();
    this.#tenure = { pending, submit, over: new AbortController(), working: new Set() };
    this.look();
  }

  /** Begins with what is pending and not in work. */
  look(): void {
    const tenure = this.#tenure;
    if (tenure === undefined) return;
    for (const silence of tenure.pending()) {
      if (tenure.working.has(silence.id)) continue;
      tenure.working.add(silence.id);
      void this.#work(tenure, silence)
        .catch(() => undefined) // the lease is over, or the booking failed: the row is pending still
        .finally(() => tenure.working.delete(silence.id));
    }
  }

  release(): void {
    this.#tenure?.over.abort(new Error('the lease is over'));
    this.#tenure = undefined;
  }

  async #work(tenure: Tenure, silence: Silence): Promise<void> {
    const { set, wall, sleep, delays, random, onTried } = this.#options;
    const { signal } = tenure.over;
    for (let attempts = silence.attempts + 1; ; attempts += 1) {
      const result = await set(silence, signal);
      signal.throwIfAborted();
      onTried(silence, result);
      const late = result.kind === 'retry' && wall() - silence.requestedAt > SILENCE_MS_MAX;
      await this.#book(
        tenure,
        triedOf(silence, attempts, late ? { kind: 'refused', error: result.error } : result),
      );
      if (late || result.kind !== 'retry') return;
      const wait = { kind: 'retry', error: result.error, afterMs: null, needsPerson: false } as const;
      await sleep(retryDelayMs(wait, attempts, delays, random()), signal);
    }
  }

  /** The outcome stands: it is booked again until it is stored or the tenure ends. */
  async #book({ submit, over }: Tenure, tried: SilenceTried): Promise<void> {
    for (;;) {
      try {
        await submit(tried);
        return;
      } catch {
        over.signal.throwIfAborted();
        await this.#options.sleep(this.#options.delays.retrySecondsMin * 1_000, over.signal);
      }
    }
  }
}

function triedOf({ id }: Silence, attempts: number, result: SilenceResult): SilenceTried {
  const tried = { silenceId: id, attempts, error: null, alertmanagerId: null };
  switch (result.kind) {
    case 'done':
      return { ...tried, status: 'done', alertmanagerId: result.alertmanagerId };
    case 'retry':
      return { ...tried, status: 'pending', error: result.error };
    case 'refused':
      return { ...tried, status: 'failed', error: result.error };
  }
}
