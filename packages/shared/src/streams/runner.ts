import { randomUUID } from 'node:crypto';
import type { Redis } from 'ioredis';
import { whenReady } from './connection.ts';
import { Housekeeping } from './housekeeping.ts';
import { type Item, itemOfEntry, itemOfLocal, type RawEntry } from './item.ts';
import { CONTROL_STREAM } from './keys.ts';
import { Leadership } from './leadership.ts';
import { Lease } from './lease.ts';
import { Observer } from './observer.ts';
import type { RunnerMode, RunnerOptions, RunnerStatus } from './options.ts';
import { listParked, type Parked } from './parked.ts';
import { ParkedReturn } from './parked-return.ts';
import { assertPartitionCount } from './partition-count.ts';
import type { LocalInput, RunnerControl } from './processor.ts';
import { ruleOn } from './retry.ts';
import { type Settings, settingsOf } from './settings.ts';
import { Signal } from './signal.ts';
import { NotLeaderError, QueueFullError } from './stream-errors.ts';

const READY_TIMEOUT_MS = 1_000;
/** Of a stop: then what a server has not answered is given up. */
const CUT_MS = 2_000;
/** Of a stop: then it returns, whatever still hangs; the whole has to stay below 5 s. */
const STOP_MS_MAX = 3_500;

/**
 * The one consumer of a partition of a service, or its hot spare.
 *
 * Modes: `idle` → start → `acquiring` (asks for the lease until it has it) → `loading` (state of the last commit) →
 * `recovering` (left-over events, groups) → `settling` (onLease; submitted inputs only) → `running`.
 * From any of them: lease lost → `acquiring`; a failed write or a spoilt state → `retrying`, `loading`; Redis lost →
 * `recovering`; stop → `stopping` (batch in hand, publish, release) → `stopped`. `#enter` alone writes the mode.
 */
export class PartitionRunner<State> implements RunnerControl {
  readonly #settings: Settings<State>;
  readonly #redis: Redis;
  readonly #lease: Lease;
  readonly #leadership: Leadership<State>;
  readonly #observer: Observer;
  readonly #housekeeping: Housekeeping;
  readonly #parked: ParkedReturn;
  readonly #wake = new Signal();
  #mode: RunnerMode = 'idle';
  #problem: string | null = null;
  #loop: Promise<void> | undefined;
  #stopping = false;
  #leading = false;
  #partitionsChecked = false;
  #lastTurnAt = 0;

  /** @throws WiringError listing every fault of the options. Connects to Redis; close it with stop(). */
  constructor(options: RunnerOptions<State>) {
    const settings = settingsOf(options);
    this.#settings = settings;
    this.#redis = settings.redis('commands');
    this.#lease = new Lease({ ...settings, holder: randomUUID() });
    this.#leadership = this.#createLeadership();
    this.#observer = new Observer(this.#redis, settings.clock, settings.metrics);
    this.#housekeeping = new Housekeeping({
      settings,
      redis: this.#redis,
      lease: this.#lease,
      onLeaseLost: () => this.#leadership.loseLease(),
      observe: () => this.#observe(),
    });
    this.#parked = this.#createParkedReturn();
  }

  /**
   * Begins to ask for the lease; does not wait for it.
   * @throws PartitionCountError when the recorded partition count differs and something is still to do under it.
   */
  async start(): Promise<void> {
    if (this.#mode !== 'idle') return;
    this.#enter('acquiring');
    this.#beat();
    try {
      await this.#checkPartitions();
    } catch (error) {
      if (ruleOn(error).verdict === 'crash') {
        this.#close();
        throw error;
      }
      this.#leadership.report(error, 'start');
    }
    this.#loop = this.#run();
  }

  /** Batch in hand, publish, acknowledge, release the lease, close. The pool stays open: it is not the runner's. */
  async stop(): Promise<void> {
    this.#stopping = true;
    this.#wake.notify();
    const cut = setTimeout(() => this.#cutConnections(), CUT_MS);
    let returning: NodeJS.Timeout | undefined;
    const late = new Promise<void>((resolve) => {
      returning = setTimeout(resolve, STOP_MS_MAX);
    });
    await Promise.race([this.#loop, late]);
    clearTimeout(cut);
    clearTimeout(returning);
    this.#close();
  }

  async submit(input: LocalInput): Promise<unknown> {
    if (!this.#leading) throw new NotLeaderError();
    const { engine } = this.#leadership;
    if (engine.submitted >= this.#settings.submitMax) throw new QueueFullError();
    return await new Promise<unknown>((resolve, reject) => {
      engine.submit(itemOfLocal(input, { resolve, reject }));
      this.#wake.notify();
    });
  }

  /** Current state. @throws NotLeaderError without lease or before the load. */
  state(): State {
    return this.view((state) => state);
  }

  /** For queries: reads the state in memory, which may be one batch ahead of the record. @throws NotLeaderError */
  view<Result>(read: (state: State) => Result): Result {
    const { state } = this.#leadership.engine;
    if (!this.#leading || state === undefined) throw new NotLeaderError();
    return read(state);
  }

  holdsLease(): boolean {
    return this.#leading && this.#lease.holds();
  }

  /** Parked entries of this service and partition, in the order in which they would be taken back. */
  async parked(limit = 100): Promise<Parked[]> {
    return listParked(this.#settings.pool, this.#settings, { limit });
  }

  /**
   * Takes a key's parked entries back, in order, under their original ids; entries that arrive meanwhile follow.
   * Given an event id, its whole key is taken back, for order's sake.
   * @returns how many. @throws the error of the entry that failed again: it and what follows stay parked.
   */
  async requeue(idOrKey: string): Promise<number> {
    return this.#parked.takeBack(idOrKey, 'requeue');
  }

  /** Gives up a key's parked entries: they count as applied, and the key goes on. @returns how many. */
  async drop(idOrKey: string): Promise<number> {
    return this.#parked.takeBack(idOrKey, 'drop');
  }

  status(): RunnerStatus {
    const { partition, run } = this.#settings;
    const { engine, publisher, sources } = this.#leadership;
    const problem = this.#currentProblem();
    const streams = sources.map(
      ({ key, queue }) => [key, { ...this.#observer.of(key), blockedFor: queue.blockedFor }] as const,
    );
    return {
      mode: this.#mode,
      ready: problem === null && (this.#mode === 'running' || this.#mode === 'acquiring'),
      problem,
      leader: this.holdsLease(),
      epoch: this.#lease.epoch,
      run,
      partition,
      streams: Object.fromEntries(streams),
      outboxUnpublished: publisher.unpublishedRows,
      lastCommitAt: engine.lastCommitAt,
      parkedKeys: [...engine.held],
      inFlight: engine.inFlight,
    };
  }

  #enter(mode: RunnerMode): void {
    if (this.#mode === mode) return;
    this.#settings.logger.debug({ from: this.#mode, to: mode, epoch: this.#lease.epoch }, 'runner mode');
    this.#mode = mode;
  }

  #beat(): void {
    this.#lastTurnAt = this.#settings.clock.monotonic();
  }

  #close(): void {
    this.#redis.disconnect();
    this.#lease.close();
    this.#enter('stopped');
  }

  /** What is not released now expires; what is not published now is the next owner's. */
  #cutConnections(): void {
    this.#settings.logger.warn({}, 'stopping: a server does not answer, its connection is cut');
    this.#redis.disconnect();
    this.#lease.cut();
  }

  #currentProblem(): string | null {
    if (this.#problem !== null) return this.#problem;
    if (this.#leadership.publisher.failing) return 'publishing to Redis fails and is repeated';
    if (this.#leadership.readFailing) return 'reading from Redis fails and is repeated';
    const silentMs = this.#settings.clock.monotonic() - this.#lastTurnAt;
    const isActive = this.#mode !== 'idle' && this.#mode !== 'stopped';
    if (isActive && silentMs > this.#settings.watchdogMs) return `loop stuck for ${Math.round(silentMs)} ms`;
    return null;
  }

  async #run(): Promise<void> {
    while (!this.#stopping) {
      this.#beat();
      try {
        await this.#checkPartitions();
        this.#enter('acquiring');
        const taken = await this.#lease.acquire();
        this.#problem = null;
        if (taken) await this.#lead();
        else await this.#wake.wait(this.#settings.leaseMs / 3);
      } catch (error) {
        await this.#afterFailure(error);
      }
    }
    this.#enter('stopping');
  }

  async #afterFailure(error: unknown): Promise<void> {
    if (this.#leadership.judge(error).kind === 'stop') return;
    this.#leadership.report(error, 'acquiring the lease');
    await this.#leadership.rest();
  }

  async #lead(): Promise<void> {
    const { logger, partition } = this.#settings;
    logger.info({ epoch: this.#lease.epoch, partition }, 'lease acquired');
    this.#leading = true;
    this.#housekeeping.start();
    try {
      await this.#leadership.run();
    } finally {
      this.#housekeeping.stop();
      this.#leading = false;
      this.#settings.metrics.lost();
    }
  }

  async #checkPartitions(): Promise<void> {
    if (this.#partitionsChecked) return;
    await whenReady(this.#redis, READY_TIMEOUT_MS);
    await assertPartitionCount({ ...this.#settings, db: this.#settings.pool, redis: this.#redis });
    this.#partitionsChecked = true;
  }

  #createLeadership(): Leadership<State> {
    return new Leadership({
      settings: this.#settings,
      redis: this.#redis,
      lease: this.#lease,
      wake: this.#wake,
      control: this,
      itemOf: (raw) => this.#itemOf(raw),
      isStopping: () => this.#stopping,
      crash: (error) => {
        this.#stopping = true;
        this.#settings.onCrash(error);
      },
      enter: (mode) => this.#enter(mode),
      beat: () => this.#beat(),
      problem: (problem) => {
        this.#problem = problem;
      },
    });
  }

  #createParkedReturn(): ParkedReturn {
    const { pool, run, catalog, handled, group, logger } = this.#settings;
    return new ParkedReturn({
      db: pool,
      scope: this.#settings,
      group,
      reading: { run, catalog, handles: handled },
      logger,
      submit: (item) => {
        if (!this.#leading) throw new NotLeaderError();
        this.#leadership.engine.takeBack(item);
        this.#wake.notify();
      },
    });
  }

  #itemOf(raw: RawEntry): Item {
    const { run, catalog, handled } = this.#settings;
    const item = itemOfEntry(raw, { run, catalog, handles: handled });
    if (raw.stream === CONTROL_STREAM) {
      this.#parked.obey(raw);
      item.work = { kind: 'skip' };
    }
    return item;
  }

  async #observe(): Promise<void> {
    const { metrics, clock, partition } = this.#settings;
    const { publisher, engine, sources } = this.#leadership;
    const { oldestAt } = publisher;
    metrics.outboxAge(partition, oldestAt === null ? 0 : (clock.monotonic() - oldestAt) / 1_000);
    metrics.parkedKeys(partition, engine.held.size);
    if (this.#redis.status === 'ready') await this.#observer.look(sources);
    // What came back after the lease was lost.
    if (!this.#leading) metrics.lost();
  }
}
