import { setTimeout as sleep } from 'node:timers/promises';
import { cycleId } from '@fleet/domain/orders';
import { ZodError, z } from 'zod';
import {
  type AdvanceAnswer,
  advanceAnswer,
  bookingStatus,
  type ControlStatus,
  type Cursor,
  controlStatus,
  cycleView,
  executorStatus,
  venueAccount,
} from './fleet-answers.ts';
import { askJson, HttpFailure } from './http-json.ts';
import { type StepView, waitsFor } from './quiet.ts';
import { RunFailure } from './run-failure.ts';
import type { ServiceUrls } from './services.ts';

export interface ReplayOptions {
  readonly urls: ServiceUrls;
  readonly controlUrl: string;
  /** Ends the replay after the step that is under way. */
  readonly stop: AbortSignal;
  /** Ends it at once: the fleet cannot go on. */
  readonly abort: AbortSignal;
  readonly onStep?: (answer: AdvanceAnswer, timing: StepTiming) => void;
  /** Milliseconds without any change in what is waited for. Default 60,000. */
  readonly patienceMs?: number;
}

/** Milliseconds of a step: the venue's part, and until the fleet was quiet. */
export interface StepTiming {
  readonly advance: number;
  readonly cycle: number;
  readonly quiet: number;
  readonly asked: number;
}

export interface ReplayEnd {
  /** True when the market is over, false when `stop` ended it. */
  readonly finished: boolean;
}

const PATIENCE_MS = 60_000;
/** How long the orchestrator holds a question about a cycle that is not settled yet. */
const CYCLE_WAIT_MS = 2_000;
const RETRY_MS = 50;
const POLL_MS_MIN = 1;
const POLL_MS_MAX = 20;

/**
 * The lock-step driver: one step of the market, then nothing until the fleet is quiet. A step that stays unquiet is
 * never passed over: it ends the replay with an error that names the cycle and what it waits for. Services that are
 * started again meanwhile are simply waited for.
 */
export class Replay {
  readonly #options: ReplayOptions;
  /** Why somebody gave no usable answer, by address; for the error that ends a replay. */
  readonly #faults = new Map<string, string>();
  #interval = '';
  #cursor: Cursor | null = null;

  constructor(options: ReplayOptions) {
    this.#options = options;
  }

  /** Plays to the end of the market, or until `stop`. What an earlier, cut replay left unquiet is waited for first. */
  async run(): Promise<ReplayEnd> {
    const status = await this.#begin();
    if (status.finished) return { finished: true };
    while (!this.#options.stop.aborted) {
      const begun = performance.now();
      const answer = await this.#advance();
      const advanced = performance.now();
      const timing = await this.untilQuiet(answer);
      this.#options.onStep?.(answer, { advance: advanced - begun, ...timing });
      this.#cursor = answer.cursor;
      if (answer.done) return { finished: true };
    }
    return { finished: false };
  }

  async #begin(): Promise<ControlStatus> {
    const status = await this.#persist('where it stands', () =>
      this.#ask(this.#control('status'), controlStatus),
    );
    this.#interval = status.interval;
    this.#cursor = status.cursor;
    if (status.cursor !== null)
      await this.untilQuiet({ ...status.cursor, cycle: status.cursor.step === 'close' });
    return status;
  }

  /** With the cursor in hand a repeated question gets the same answer: a lost one moves nothing twice. */
  #advance(): Promise<AdvanceAnswer> {
    const body = { after: this.#cursor };
    return this.#persist('the next step', async () =>
      advanceAnswer.parse(await askJson(this.#control('advance'), { method: 'POST', body })),
    );
  }

  /** Resolves when nothing of a step is left to do; see `waitsFor`. */
  async untilQuiet(
    step: Pick<AdvanceAnswer, 'openTime' | 'step' | 'cycle'>,
  ): Promise<Omit<StepTiming, 'advance'>> {
    const begun = performance.now();
    const patience = new Patience(this.#options.patienceMs ?? PATIENCE_MS);
    let settledAt = begun;
    for (let asked = 1, pollMs = POLL_MS_MIN; ; asked += 1) {
      this.#options.abort.throwIfAborted();
      const cycle = step.cycle ? await this.#cycle(step.openTime) : undefined;
      if (asked === 1) settledAt = performance.now();
      const words = waitsFor(await this.#view(cycle));
      const now = performance.now();
      if (words.length === 0) return { cycle: settledAt - begun, quiet: now - settledAt, asked };
      if (patience.isOver(words.join('\n'))) throw this.#stuck(step, words);
      const silent = words.some((word) => word.endsWith('does not answer'));
      await sleep(silent ? RETRY_MS : pollMs);
      pollMs = Math.min(POLL_MS_MAX, pollMs * 2);
    }
  }

  async #view(cycle: StepView['cycle']): Promise<StepView> {
    const { urls } = this.#options;
    const [venue, executor, portfolio, risk] = await Promise.all([
      this.#tryAsk(this.#control('account'), venueAccount),
      this.#tryAsk(`${urls['trade-executor']}/status`, executorStatus),
      this.#tryAsk(`${urls['portfolio-manager']}/status`, bookingStatus),
      this.#tryAsk(`${urls['risk-manager']}/status`, bookingStatus),
    ]);
    return { venue, executor, portfolio, risk, cycle };
  }

  #cycle(openTime: number): Promise<StepView['cycle']> {
    const id = encodeURIComponent(cycleId(this.#interval, openTime));
    return this.#tryAsk(
      `${this.#options.urls.orchestrator}/cycles/${id}?waitMs=${CYCLE_WAIT_MS}`,
      cycleView,
      CYCLE_WAIT_MS + 3_000,
    );
  }

  async #ask<Schema extends z.ZodType>(
    url: string,
    schema: Schema,
    timeoutMs?: number,
  ): Promise<z.output<Schema>> {
    return schema.parse(await askJson(url, timeoutMs === undefined ? {} : { timeoutMs }));
  }

  /** Null while the service is away, starting (its status has no figures yet), or does not know the thing asked for. */
  async #tryAsk<Schema extends z.ZodType>(
    url: string,
    schema: Schema,
    timeoutMs?: number,
  ): Promise<z.output<Schema> | null> {
    try {
      const answer = await this.#ask(url, schema, timeoutMs);
      this.#faults.delete(url);
      return answer;
    } catch (error) {
      this.#faults.set(url, faultText(error));
      return null;
    }
  }

  /** Asks the simulator until it answers: it may be on its way up again. A refusal is final. */
  async #persist<Answer>(what: string, ask: () => Promise<Answer>): Promise<Answer> {
    const patience = new Patience(this.#options.patienceMs ?? PATIENCE_MS);
    for (;;) {
      this.#options.abort.throwIfAborted();
      try {
        return await ask();
      } catch (error) {
        const final = !(error instanceof HttpFailure) || (error.status >= 400 && error.status < 500);
        if (final || patience.isOver('')) throw simulatorFailed(what, error);
        await sleep(RETRY_MS);
      }
    }
  }

  #control(name: string): string {
    return `${this.#options.controlUrl}/control/${name}`;
  }

  #stuck(step: Pick<AdvanceAnswer, 'openTime' | 'step'>, words: readonly string[]): RunFailure {
    const seconds = (this.#options.patienceMs ?? PATIENCE_MS) / 1_000;
    const id = cycleId(this.#interval, step.openTime);
    const lines = [...words, ...[...this.#faults].map(([url, fault]) => `${url}: ${fault}`)];
    return new RunFailure(
      `the replay stands still at the ${step.step} step of cycle ${id}: for ${seconds} s it has waited for\n  ${lines.join('\n  ')}`,
      'read the logs of the services named; started again, the demo goes on at this step',
    );
  }
}

function faultText(error: unknown): string {
  if (error instanceof ZodError) return `its answer lacks what a replay needs: ${z.prettifyError(error)}`;
  return error instanceof Error ? error.message : String(error);
}

function simulatorFailed(what: string, error: unknown): RunFailure {
  const words = error instanceof Error ? error.message : String(error);
  return new RunFailure(`the simulator does not say ${what}: ${words}`, 'read simulator.log', error);
}

/** Over when the same thing has been waited for too long. */
class Patience {
  readonly #limitMs: number;
  #words: string | undefined;
  #since = performance.now();

  constructor(limitMs: number) {
    this.#limitMs = limitMs;
  }

  isOver(words: string): boolean {
    const now = performance.now();
    if (words !== this.#words) {
      this.#words = words;
      this.#since = now;
    }
    return now - this.#since > this.#limitMs;
  }
}
