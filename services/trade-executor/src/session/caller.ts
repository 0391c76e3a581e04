import { setTimeout as sleep } from 'node:timers/promises';
import type { TradingState } from '@fleet/domain/events';
import { type DeskOrder, refuseSubmit, type SubmitRefusal } from '@fleet/domain/execution';
import { type Intent, marketTime } from '../book/state.ts';
import type { LocalInputs } from '../inputs.ts';
import type { Truth } from '../reports/truth.ts';
import type { Answer, ExecutionVenue } from '../venue/port.ts';
import type { Submitter } from './submitter.ts';
import type { Truths } from './truths.ts';

export interface CallerParts {
  readonly venue: ExecutionVenue;
  readonly submitter: Submitter;
  readonly truths: Truths;
  /** The trading state as of now; null when it is missing, unreadable or another run's. */
  readonly readTradingState: () => Promise<TradingState | null>;
  readonly lockstep: boolean;
  readonly windowLeftMs: number;
  readonly wall: () => number;
  readonly onAnswer: (intent: Intent, answer: Answer, seconds: number) => void;
}

/** `unsure`: the request may or may not have gone out; queries have to settle it. */
export type Called = 'told' | 'unsure';

const STATE_POLL_MS = 5;
const UNTIMELY_PAUSE_MS = 50;
const UNTIMELY_PAUSE_MS_MAX = 1_000;
const TRUTH_RETRY_MS = 100;

/** Sends one intent's request, after the last look that is due right before it, and hands the answer in. */
export class Caller {
  readonly #parts: CallerParts;

  constructor(parts: CallerParts) {
    this.#parts = parts;
  }

  async call(intent: Intent, order: DeskOrder): Promise<Called> {
    const { submitter, wall, venue, windowLeftMs } = this.#parts;
    const refusal = intent.kind === 'cancel' ? null : await this.#lastLook(order);
    if (refusal !== null) {
      const reason = 'refused right before it was sent';
      await this.#submit('request.refused', intent, { intent: intent.id, code: refusal, reason });
      return 'told';
    }
    if (wall() > intent.timestamp + intent.recvWindow - windowLeftMs) {
      await this.#submit('request.late', intent, { intent: intent.id });
      return 'told';
    }
    // Nothing may come between this look at the lease and the request.
    if (!submitter.holdsLease()) return 'unsure';
    const began = wall();
    let answer: Answer;
    try {
      answer = await venue[intent.kind](intent.request);
    } catch (error) {
      const reason = error instanceof Error ? error.message.slice(0, 280) : 'not sendable';
      await this.#submit('request.refused', intent, {
        intent: intent.id,
        code: 'REQUEST_NOT_SENDABLE',
        reason,
      });
      return 'told';
    }
    this.#parts.onAnswer(intent, answer, (wall() - began) / 1_000);
    await this.#answered(intent, answer);
    return 'told';
  }

  /** In lock-step a state key that is missing or behind is waited for; live it refuses. */
  async #lastLook(order: DeskOrder): Promise<SubmitRefusal | null> {
    if (order.purpose === 'stop' || order.purpose === 'emergency') return null;
    const { submitter, readTradingState, lockstep, wall } = this.#parts;
    for (;;) {
      const trading = await readTradingState();
      submitter.signal.throwIfAborted();
      const { account } = submitter.state;
      const refusal = refuseSubmit(order, trading, account.epoch, marketTime(submitter.state, wall()));
      const behind = trading === null || trading.epoch < account.epoch || order.stateEpoch > trading.epoch;
      if (refusal === null || !lockstep || !behind) return refusal;
      await sleep(STATE_POLL_MS, undefined, { signal: submitter.signal });
    }
  }

  async #answered(intent: Intent, answer: Answer): Promise<void> {
    const { signal } = this.#parts.submitter;
    if (answer.kind === 'untimely') {
      const pause = Math.min(UNTIMELY_PAUSE_MS * 2 ** (intent.attempt - 1), UNTIMELY_PAUSE_MS_MAX);
      await sleep(pause, undefined, { signal });
    }
    const truth = await this.#truthOfRefusedCancel(intent, answer);
    await this.#submit('request.answered', intent, { intent: intent.id, answer, truth });
  }

  /** The order whose cancel was refused has mostly just filled: its truth comes before anything else of the symbol. */
  async #truthOfRefusedCancel(intent: Intent, answer: Answer): Promise<Truth | null> {
    const refused =
      (answer.kind === 'rejected' && intent.kind === 'cancel') || answer.kind === 'cancel-failed';
    if (!refused) return null;
    const { truths, submitter } = this.#parts;
    const canceled = intent.cancelClientOrderId ?? intent.clientOrderId;
    for (;;) {
      try {
        return await truths.of(intent.symbol, canceled);
      } catch {
        await sleep(TRUTH_RETRY_MS, undefined, { signal: submitter.signal });
      }
    }
  }

  async #submit<Type extends 'request.answered' | 'request.refused' | 'request.late'>(
    type: Type,
    intent: Intent,
    data: LocalInputs[Type],
  ): Promise<void> {
    const { submitter, wall } = this.#parts;
    const time = marketTime(submitter.state, wall());
    const { symbol: key, clientOrderId: order } = intent;
    await submitter.submit(type, data, { key, time, natural: String(intent.id), fresh: true, order });
  }
}
