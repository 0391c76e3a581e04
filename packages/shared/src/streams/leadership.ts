import { setImmediate as nextTurn } from 'node:timers/promises';
import type { Redis } from 'ioredis';
import { redisRunId, whenReady } from './connection.ts';
import { Engine } from './engine.ts';
import { Interrupt } from './interrupt.ts';
import type { Item, RawEntry } from './item.ts';
import type { Lease } from './lease.ts';
import { markerKey, markerValue, publishLeftovers } from './leftovers.ts';
import type { RunnerMode } from './options.ts';
import type { RunnerControl } from './processor.ts';
import { Publisher } from './publisher.ts';
import type { StreamReader } from './reader.ts';
import { backoffMs, crashAction, ruleOn, saysRedisLost } from './retry.ts';
import type { Settings } from './settings.ts';
import type { Signal } from './signal.ts';
import { readersOf, sourcesOf } from './sources.ts';
import { ensureGroups } from './stream-groups.ts';
import { rewind, type StreamSource } from './stream-source.ts';

export interface LeadershipParts<State> {
  readonly settings: Settings<State>;
  readonly redis: Redis;
  readonly lease: Lease;
  readonly wake: Signal;
  readonly control: RunnerControl;
  itemOf(raw: RawEntry): Item;
  isStopping(): boolean;
  /** Repeating cannot help: the loop stops and the process ends. */
  crash(error: Error): void;
  enter(mode: RunnerMode): void;
  /** Each turn of the loop, for the watchdog. */
  beat(): void;
  /** What is wrong and being repeated; null when it is over. */
  problem(problem: string | null): void;
}

const READY_TIMEOUT_MS = 1_000;
const DRAIN_MS_MAX = 1_000;
/** So long without a failure, and the next one is a first one again. */
const CALM_MS = 10_000;

/**
 * What a leaseholder does until it loses the lease or stops: load → publish what was left over → onLease → read,
 * decide, commit, publish. A lost state goes back to load, a lost Redis to the left-over events.
 */
export class Leadership<State> {
  readonly engine: Engine<State>;
  readonly publisher: Publisher;
  readonly sources: readonly StreamSource[];
  readonly #parts: LeadershipParts<State>;
  #readers: StreamReader[] = [];
  #leaseLost = false;
  #redisLost = false;
  #needsLoad = true;
  #needsSettling = true;
  #attempt = 0;
  #lastRestAt = 0;
  #redisRunId = '';

  constructor(parts: LeadershipParts<State>) {
    const { settings, lease } = parts;
    this.#parts = parts;
    this.sources = sourcesOf(settings);
    this.publisher = this.#createPublisher();
    this.engine = new Engine({ settings, lease, publisher: this.publisher, sources: this.sources });
    parts.redis.on('ready', () => void this.#afterReconnect());
  }

  get readFailing(): boolean {
    return this.#readers.some((reader) => reader.failing);
  }

  loseLease(): void {
    this.#leaseLost = true;
    this.#parts.wake.notify();
  }

  /** Returns when leadership has ended and everything of it is closed; the lease is released where it is still ours. */
  async run(): Promise<void> {
    this.#redisLost = false;
    this.#needsLoad = true;
    this.#needsSettling = true;
    try {
      while (await this.#stretch()) this.#parts.beat();
    } finally {
      await this.#leave();
      this.#leaseLost = false;
    }
  }

  /** Reports an error and says how the loop goes on; ends the process where repeating cannot help. */
  judge(error: unknown): Interrupt {
    if (error instanceof Interrupt) return error;
    if (saysRedisLost(error)) return new Interrupt('redis-lost', { cause: error, pause: true });
    const { verdict, reason } = ruleOn(error);
    if (verdict !== 'crash') return new Interrupt('state-lost', { cause: error, pause: true });
    const action = crashAction(reason);
    this.#parts.settings.logger.error({ err: error, reason, action }, 'the process has to end');
    this.#parts.crash(error as Error);
    return new Interrupt('stop');
  }

  report(error: unknown, doing: string): void {
    const { reason } = ruleOn(error);
    const { metrics, logger } = this.#parts.settings;
    this.#parts.problem(`${doing}: ${reason}`);
    metrics.retried(reason);
    logger.warn({ err: error, reason, attempt: this.#attempt }, `${doing}: repeating`);
  }

  /** A pause that grows with each repetition and ends early for a stop or a lost lease. */
  async rest(): Promise<void> {
    const { clock, backoff } = this.#parts.settings;
    if (clock.monotonic() - this.#lastRestAt > CALM_MS) this.#attempt = 0;
    this.#attempt += 1;
    this.#parts.enter('retrying');
    const until = clock.monotonic() + backoffMs(this.#attempt, backoff);
    while (!this.#parts.isStopping() && !this.#leaseLost) {
      const left = until - clock.monotonic();
      this.#lastRestAt = clock.monotonic();
      if (left <= 0) return;
      this.#parts.beat();
      await this.#parts.wake.wait(left);
    }
  }

  /** Until something interrupts; false when leadership ends. */
  async #stretch(): Promise<boolean> {
    try {
      await this.#open();
      return await this.#work();
    } catch (error) {
      const interrupt = this.judge(error);
      if (interrupt.kind === 'stop' || interrupt.kind === 'lease-lost') return false;
      if (interrupt.kind === 'state-lost') this.#loseState();
      if (interrupt.cause !== undefined) this.report(interrupt.cause, interrupt.kind);
      if (interrupt.pause) await this.rest();
      return true;
    }
  }

  #loseState(): void {
    if (this.engine.state !== undefined && !this.#needsLoad) this.#parts.settings.processor.onLost?.();
    this.#needsLoad = true;
    this.#needsSettling = true;
  }

  async #open(): Promise<void> {
    await this.#restore();
    if (this.#needsSettling) await this.#settle();
    this.#needsSettling = false;
    if (this.#readers.length === 0) this.#startReaders();
    this.#parts.enter('running');
    this.#parts.problem(null);
  }

  /** State of the last commit in memory, everything committed in Redis, groups in place. */
  async #restore(): Promise<void> {
    const { lease, redis } = this.#parts;
    this.#checkLeading();
    if (this.#needsLoad) {
      this.#parts.enter('loading');
      // A write of ours that was never answered must not take effect after this load.
      if (!(await lease.fence())) throw new Interrupt('lease-lost');
      await this.engine.load();
      this.#needsLoad = false;
    }
    this.#parts.enter('recovering');
    await this.publisher.reset(false);
    await whenReady(redis, READY_TIMEOUT_MS);
    const published = await this.#publishLeftovers();
    const wasLost = this.#redisLost || published.redisChanged;
    this.#redisLost = false;
    if (wasLost) await this.#forgetRedis();
    await ensureGroups(redis, this.sources);
    this.engine.publishedTo(published.seq);
    this.publisher.resume(published.seq);
  }

  async #publishLeftovers() {
    const { settings, redis, lease } = this.#parts;
    const published = await publishLeftovers({
      ...settings,
      db: settings.pool,
      redis,
      mayContinue: () => lease.holds() && !this.#parts.isStopping(),
    });
    this.#redisRunId = published.redisRunId;
    if (published.rows > 0) settings.logger.info({ rows: published.rows }, 'left-over events published');
    return published;
  }

  /** What was read from the former Redis is read again; the inbox knows what of it was applied. */
  async #forgetRedis(): Promise<void> {
    const { logger } = this.#parts.settings;
    logger.warn({ runId: this.#redisRunId }, 'Redis is another or lost its streams: reading again');
    await this.#stopReaders();
    await this.publisher.reset(true);
    for (const source of this.sources) rewind(source);
  }

  /** Runs onLease while only submitted inputs are decided; again when the state was reloaded meanwhile. */
  async #settle(): Promise<void> {
    const { processor } = this.#parts.settings;
    if (processor.onLease === undefined) return;
    while (await this.#settleOnce()) processor.onLost?.();
  }

  /** True when the state was reloaded meanwhile. */
  async #settleOnce(): Promise<boolean> {
    const { processor } = this.#parts.settings;
    const { state } = this.engine;
    if (processor.onLease === undefined || state === undefined) return false;
    this.#parts.enter('settling');
    let settled = false;
    let reloaded = false;
    const settling = processor.onLease(state, this.#parts.control).finally(() => {
      settled = true;
      this.#parts.wake.notify();
    });
    settling.catch(() => {});
    while (!settled) reloaded = (await this.#turnReloading()) || reloaded;
    await settling;
    return reloaded;
  }

  /** True when the state had to be loaded again. */
  async #turnReloading(): Promise<boolean> {
    try {
      await this.#turn('submitted');
      return false;
    } catch (error) {
      const interrupt = this.judge(error);
      if (interrupt.kind === 'stop' || interrupt.kind === 'lease-lost') throw interrupt;
      if (interrupt.cause !== undefined) this.report(interrupt.cause, 'settling');
      if (interrupt.pause) await this.rest();
      this.#needsLoad = interrupt.kind === 'state-lost';
      await this.#restore();
      this.#parts.enter('settling');
      return interrupt.kind === 'state-lost';
    }
  }

  async #work(): Promise<never> {
    for (;;) {
      await this.#turn('all');
      for (const reader of this.#readers) reader.feed();
    }
  }

  async #turn(scope: 'submitted' | 'all'): Promise<void> {
    this.#checkLeading();
    if (this.#redisLost) throw new Interrupt('redis-lost', { pause: true });
    this.#parts.beat();
    if (await this.engine.pump(scope)) {
      await nextTurn();
      return;
    }
    await this.#parts.wake.wait(this.engine.idleMs());
    await this.engine.mark();
  }

  #checkLeading(): void {
    if (this.#parts.isStopping()) throw new Interrupt('stop');
    if (this.#leaseLost) throw new Interrupt('lease-lost');
  }

  #loseRedis(): void {
    this.#redisLost = true;
    this.#parts.wake.notify();
  }

  async #leave(): Promise<void> {
    const { lease } = this.#parts;
    const { logger, processor } = this.#parts.settings;
    if (this.#parts.isStopping()) this.#parts.enter('stopping');
    await this.#stopReaders();
    const isOurs = lease.holds() && !this.#leaseLost;
    if (isOurs) await this.#finish();
    await this.publisher.reset(true);
    if (this.engine.state !== undefined) processor.onLost?.();
    this.engine.clear();
    for (const source of this.sources) rewind(source);
    logger.info({ epoch: lease.epoch, released: isOurs }, 'lease left');
    if (isOurs)
      await lease.release().catch((error: unknown) => logger.warn({ err: error }, 'the lease will expire'));
    else lease.drop();
  }

  async #finish(): Promise<void> {
    try {
      await this.publisher.drained(DRAIN_MS_MAX);
      await this.engine.mark(true);
    } catch (error) {
      this.#parts.settings.logger.warn({ err: error }, 'what was not published is left to the next owner');
    }
  }

  #startReaders(): void {
    const { settings, redis, lease, wake } = this.#parts;
    this.#readers = readersOf(this.sources, settings, {
      commands: redis,
      leaseRemainingMs: () => lease.remainingMs(),
      itemOf: (raw) => this.#parts.itemOf(raw),
      onItems: () => wake.notify(),
      onRedisLost: () => this.#loseRedis(),
      onFatal: (error) => this.#fatal(error),
    });
    for (const reader of this.#readers) reader.start();
  }

  async #stopReaders(): Promise<void> {
    const readers = this.#readers;
    this.#readers = [];
    await Promise.all(readers.map((reader) => reader.stop()));
  }

  #createPublisher(): Publisher {
    const { settings, redis, wake } = this.#parts;
    const { logger, backoff, metrics, run } = settings;
    return new Publisher({
      redis,
      logger,
      backoff,
      markerKey: (target) => markerKey(settings, target),
      markerValue: (seq) => markerValue(run, seq),
      mayPublish: (failure) => this.#mayPublish(failure),
      onProgress: () => wake.notify(),
      onRetry: (reason) => metrics.retried(reason),
      onFatal: (error) => this.#fatal(error),
    });
  }

  async #mayPublish(failure: unknown): Promise<boolean> {
    const { lease, redis } = this.#parts;
    if (!lease.holds()) return false;
    if (!saysRedisLost(failure) && (await redisRunId(redis)) === this.#redisRunId) return true;
    this.#loseRedis();
    return false;
  }

  /** An idle publisher would not notice that Redis came back with less than it had. */
  async #afterReconnect(): Promise<void> {
    if (this.#readers.length === 0) return;
    const known = this.#redisRunId;
    const runId = await redisRunId(this.#parts.redis).catch(() => known);
    if (runId !== known && known === this.#redisRunId) this.#loseRedis();
  }

  #fatal(error: Error): void {
    this.judge(error);
    this.loseLease();
  }
}
