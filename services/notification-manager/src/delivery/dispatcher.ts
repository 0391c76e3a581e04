import type { SlackPlace } from '../incidents/incident.ts';
import type { Attempted } from '../notifying/inputs.ts';
import type { Delivery } from '../notifying/notify-state.ts';
import type { NotificationPolicy } from '../notifying/policy.ts';
import { retryDelayMs } from './retry-plan.ts';
import type { PostResult, SlackPoster } from './slack-poster.ts';

/** Books an attempt under the lease. Rejects when the lease is gone; then another replica sends. */
export type Settle = (attempted: Attempted) => Promise<void>;
/** The message that a reply or an update belongs to, as far as Slack has taken it. */
export type ThreadOf = (delivery: Delivery) => SlackPlace | null;

export interface DispatcherOptions {
  readonly post: SlackPoster;
  readonly delivery: NotificationPolicy['delivery'];
  /** Epoch milliseconds, wall time. */
  readonly wall: () => number;
  /** Resolves after the time; rejects when the signal is aborted. */
  readonly sleep: (ms: number, signal: AbortSignal) => Promise<void>;
  readonly random: () => number;
  readonly onAttempt: (delivery: Delivery, result: PostResult | { readonly kind: 'expired' }) => void;
  readonly onSettleFailed: (error: unknown) => void;
}

interface Tenure {
  readonly settle: Settle;
  readonly threadOf: ThreadOf;
  readonly over: AbortController;
  /** Aborted: what is under way is finished and booked, nothing new begins. */
  readonly ending: AbortController;
  /** By channel, in order of position; a channel is present while its loop runs. */
  readonly queues: Map<string, Delivery[]>;
  readonly known: Set<string>;
  readonly loops: Set<Promise<void>>;
}

const SETTLE_AGAIN_MS = 1_000;
/** Below the time that a service has for draining. */
const FINISH_MS_MAX = 1_500;

/**
 * Sends what is owed, one message at a time and in order per channel, channels side by side.
 *
 * Modes: `idle` (no lease; enters by `release`, leaves by `take`), `sending` (a tenure of the lease) and `ending` (after
 * `finish`, until what was under way is booked). A message
 * that cannot be delivered holds back those behind it in its channel, never another channel and never the streams.
 * The rows in Postgres are the record: `take` brings all that is still pending, so a crash loses nothing. What was
 * posted and not yet booked is remembered here, so that a new tenure of the same process books it instead of posting
 * it twice.
 */
export class Dispatcher {
  readonly #options: DispatcherOptions;
  readonly #inFlight = new Map<string, Promise<PostResult>>();
  #tenure: Tenure | undefined;

  constructor(options: DispatcherOptions) {
    this.#options = options;
  }

  /** Begins a tenure with everything that is pending. */
  take(pending: readonly Delivery[], settle: Settle, threadOf: ThreadOf = () => null): void {
    this.release();
    const [over, ending] = [new AbortController(), new AbortController()];
    this.#tenure = { settle, threadOf, over, ending, queues: new Map(), known: new Set(), loops: new Set() };
    for (const delivery of pending.toSorted((left, right) => left.position - right.position))
      this.enqueue(delivery);
  }

  /** One more, already committed. Without a tenure it is left to the next `take`. */
  enqueue(delivery: Delivery): void {
    const tenure = this.#tenure;
    if (tenure === undefined || tenure.known.has(delivery.id)) return;
    tenure.known.add(delivery.id);
    const queue = tenure.queues.get(delivery.channel);
    if (queue !== undefined) {
      queue.push(delivery);
      return;
    }
    tenure.queues.set(delivery.channel, [delivery]);
    const loop = this.#drain(tenure, delivery.channel);
    tenure.loops.add(loop);
    void loop.finally(() => tenure.loops.delete(loop));
  }

  /** Ends the tenure: no new post begins. One that is under way is awaited by the next tenure. */
  release(): void {
    this.#tenure?.over.abort(new Error('the lease is over'));
    this.#tenure = undefined;
  }

  /**
   * For a stop in good order: resolves when what was under way is booked, or after FINISH_MS_MAX (a Slack that does
   * not answer). The lease must still be held.
   */
  async finish(): Promise<void> {
    const tenure = this.#tenure;
    if (tenure === undefined) return;
    tenure.ending.abort(new Error('the service is stopping'));
    const late = this.#options.sleep(FINISH_MS_MAX, tenure.over.signal).catch(() => undefined);
    await Promise.race([Promise.all(tenure.loops), late]);
    this.release();
  }

  get waiting(): number {
    let count = 0;
    for (const queue of this.#tenure?.queues.values() ?? []) count += queue.length;
    return count;
  }

  /** When the delivery that has waited longest was committed, in epoch milliseconds; null when none waits. */
  get oldestAt(): number | null {
    const waiting = [...(this.#tenure?.queues.values() ?? [])].flat().map(({ createdAt }) => createdAt);
    return waiting.length === 0 ? null : waiting.reduce((oldest, at) => Math.min(oldest, at));
  }

  async #drain(tenure: Tenure, channel: string): Promise<void> {
    const queue = tenure.queues.get(channel) ?? [];
    try {
      for (let head = queue[0]; head !== undefined; head = queue[0]) {
        await this.#deliver(tenure, head);
        queue.shift();
        tenure.known.delete(head.id);
      }
    } catch (error) {
      if (!tenure.over.signal.aborted && !tenure.ending.signal.aborted) throw error;
    } finally {
      tenure.queues.delete(channel);
    }
  }

  /** Until it is sent, refused or expired. Rejects when the tenure ends or is to end. */
  async #deliver(tenure: Tenure, delivery: Delivery): Promise<void> {
    const ended = AbortSignal.any([tenure.over.signal, tenure.ending.signal]);
    for (let attempts = delivery.attempts + 1; ; attempts += 1) {
      ended.throwIfAborted();
      const result = this.#isExpired(delivery)
        ? ({ kind: 'expired' } as const)
        : await this.#post(tenure, delivery);
      tenure.over.signal.throwIfAborted();
      this.#options.onAttempt(delivery, result);
      await this.#settle(tenure, attemptOf(delivery, attempts, result));
      this.#inFlight.delete(delivery.id);
      if (result.kind !== 'retry') return;
      const delay = retryDelayMs(result, attempts, this.#options.delivery, this.#options.random());
      await this.#options.sleep(delay, ended);
    }
  }

  /** The post of an earlier tenure that is not booked yet, or a new one. */
  #post(tenure: Tenure, delivery: Delivery): Promise<PostResult> {
    const under = this.#inFlight.get(delivery.id);
    if (under !== undefined) return under;
    const posted = this.#options.post(delivery, tenure.threadOf(delivery));
    this.#inFlight.set(delivery.id, posted);
    return posted;
  }

  /** The outcome stands: it is booked again until it is stored or the tenure ends. */
  async #settle(tenure: Tenure, attempted: Attempted): Promise<void> {
    for (;;) {
      try {
        await tenure.settle(attempted);
        return;
      } catch (error) {
        tenure.over.signal.throwIfAborted();
        this.#options.onSettleFailed(error);
        await this.#options.sleep(SETTLE_AGAIN_MS, tenure.over.signal);
      }
    }
  }

  #isExpired({ id, createdAt }: Delivery): boolean {
    const ageMs = this.#options.wall() - createdAt;
    return ageMs > this.#options.delivery.deliverWithinHours * 3_600_000 && !this.#inFlight.has(id);
  }
}

function attemptOf(
  { id }: Delivery,
  attempts: number,
  result: PostResult | { readonly kind: 'expired' },
): Attempted {
  const attempted = { deliveryId: id, attempts, error: null, slackTs: null, slackChannel: null };
  switch (result.kind) {
    case 'sent':
      return { ...attempted, status: 'sent', slackTs: result.ts, slackChannel: result.channel };
    case 'retry':
      return { ...attempted, status: 'pending', error: result.error };
    case 'refused':
      return { ...attempted, status: 'failed', error: result.error };
    case 'expired':
      return { ...attempted, status: 'expired', error: 'not delivered in time' };
  }
}
