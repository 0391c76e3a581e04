import { setTimeout as sleep } from 'node:timers/promises';
import { safeError } from '@fleet/shared/errors';
import type { RunnerControl } from '@fleet/shared/streams';
import type { Logger } from '@fleet/shared/telemetry';
import { BEFORE_ALL, type ExactBar } from '../bar-set/decide.ts';
import type { LeasedFeed } from '../signals/processor.ts';
import type { AnalystScope, AnalystState } from '../signals/state.ts';
import type { BarVenue } from '../venue/port.ts';
import type { BarHistory } from './bar-history.ts';
import { beginFeed, type PublisherOptions, SetPublisher } from './set-publisher.ts';
import { type SessionOptions, VenueSession } from './venue-session.ts';

export interface VenueFeedOptions {
  readonly scope: AnalystScope;
  readonly venue: BarVenue;
  readonly history: BarHistory;
  readonly logger: Logger;
  readonly times: Pick<SessionOptions, 'graceMs' | 'probeMs'> & { readonly retryMsMax: number };
  readonly monotonic: () => number;
  readonly observer: FeedObserver;
}

/** What metrics and the watch over silence want to know. */
export interface FeedObserver extends Pick<PublisherOptions, 'onPublishSeconds' | 'onRefused'> {
  readonly onRepaired: SessionOptions['onRepaired'];
  readonly onConnected: (connected: boolean) => void;
  readonly onHeard: (bar: ExactBar) => void;
}

export type FeedMode = 'stopped' | 'opening' | 'repairing' | 'following' | 'waiting';

const RETRY_MS_MIN = 100;

/**
 * The venue's connection while this replica holds the lease. Modes, written by #run alone:
 *
 *   stopped ─start→ opening ─confirmed→ repairing ─caught up→ following
 *   opening, repairing, following ─failure→ waiting ─delay→ opening;  any ─stop→ stopped
 *
 * Every connection begins again after what is committed, so nothing that was in hand has to be saved.
 */
export class VenueFeed implements LeasedFeed {
  readonly #options: VenueFeedOptions;
  #leased = new AbortController();
  #mode: FeedMode = 'stopped';
  #problem: string | null = null;
  #opened = false;

  constructor(options: VenueFeedOptions) {
    this.#options = options;
    this.#leased.abort();
  }

  get mode(): FeedMode {
    return this.#mode;
  }

  /** Why it does not follow, as far as it is known. */
  get problem(): string | null {
    return this.#problem;
  }

  start(control: RunnerControl): void {
    this.stop();
    this.#leased = new AbortController();
    void this.#run(control, this.#leased.signal);
  }

  stop(): void {
    this.#leased.abort(new Error('the lease is gone'));
    this.#mode = 'stopped';
  }

  async #run(control: RunnerControl, signal: AbortSignal): Promise<void> {
    let failures = 0;
    while (!signal.aborted) {
      try {
        await this.#connect(control, signal, () => {
          failures = 0;
        });
      } catch (error) {
        if (signal.aborted) return;
        this.#fail(error, failures);
        failures += 1;
      }
      const delayMs = Math.min(RETRY_MS_MIN * 2 ** Math.min(failures, 10), this.#options.times.retryMsMax);
      await sleep(delayMs, undefined, { signal }).catch(() => undefined);
    }
  }

  #fail(err: unknown, failures: number): void {
    const { logger, observer } = this.#options;
    this.#mode = 'waiting';
    this.#problem = safeError(err).message;
    observer.onConnected(false);
    if (failures === 0) logger.warn({ err }, 'the market data feed is down; trying again');
  }

  async #connect(control: RunnerControl, signal: AbortSignal, onFollowing: () => void): Promise<void> {
    const { venue, logger, observer } = this.#options;
    this.#mode = 'opening';
    if (!this.#opened) await venue.open();
    this.#opened = true;
    let session: VenueSession | null = null;
    const early: ExactBar[] = [];
    const following = await venue.follow((bar) => {
      if (signal.aborted) return;
      observer.onHeard(bar);
      if (session === null) early.push(bar);
      else session.hear(bar);
    });
    const over = new AbortController();
    let running: Promise<void> = Promise.resolve();
    try {
      if (signal.aborted) return;
      this.#mode = 'repairing';
      const publisher = await this.#publisher(control);
      session = this.#session(publisher);
      await session.repair('connect');
      for (const bar of early) session.hear(bar);
      if (signal.aborted) return;
      this.#follow(onFollowing);
      logger.info({ venue: venue.name, from: publisher.nextOpenTime }, 'following the market');
      running = session.run(AbortSignal.any([signal, over.signal]));
      await Promise.race([following.ended, running]);
    } finally {
      over.abort();
      await following.stop();
      // Two sessions at once would submit the same sets.
      await running.catch(() => undefined);
    }
  }

  #follow(onFollowing: () => void): void {
    this.#mode = 'following';
    this.#problem = null;
    this.#options.observer.onConnected(true);
    onFollowing();
  }

  #session(publisher: SetPublisher): VenueSession {
    const { scope, venue, times, monotonic, observer } = this.#options;
    const { assignments, intervalMs } = scope;
    const symbols = assignments.map(({ symbol }) => symbol);
    const { onRepaired } = observer;
    return new VenueSession({ ...times, venue, symbols, intervalMs, monotonic, onRepaired }, publisher);
  }

  async #publisher(control: RunnerControl): Promise<SetPublisher> {
    const { scope, history, monotonic, observer, venue } = this.#options;
    const options = { scope, control, history, monotonic, ...pick(observer) };
    const committed = (): number | null => (control.state() as AnalystState).cursor;
    if (committed() === null) await beginFeed(options, (await venue.lastClosed()) ?? BEFORE_ALL);
    return new SetPublisher(options, committed() ?? BEFORE_ALL);
  }
}

function pick({ onPublishSeconds, onRefused }: FeedObserver) {
  return { onPublishSeconds, onRefused };
}
