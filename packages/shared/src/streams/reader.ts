import type { Redis } from 'ioredis';
import { whenReady } from './connection.ts';
import type { Item, RawEntry } from './item.ts';
import type { BackoffOptions, RedisFactory, StreamLogger } from './options.ts';
import { Pause } from './pause.ts';
import { backoffMs, ruleOn, saysRedisLost } from './retry.ts';
import { Signal } from './signal.ts';
import { reReadPending, type StreamSource } from './stream-source.ts';

export interface ReaderOptions {
  /** All of one group and one partition: one command reads them together. */
  readonly sources: readonly StreamSource[];
  readonly group: string;
  readonly consumer: string;
  readonly factory: RedisFactory;
  readonly commands: Redis;
  readonly logger: StreamLogger;
  readonly backoff: BackoffOptions;
  readonly blockMs: number;
  readonly count: number;
  readonly queueMax: number;
  readonly watchdogMs: number;
  /** Milliseconds for which nobody else can hold the lease. */
  leaseRemainingMs(): number;
  itemOf(raw: RawEntry): Item;
  onItems(): void;
  onRedisLost(): void;
  onRetry(reason: string): void;
  onFatal(error: Error): void;
}

type Reply = [key: string, entries: [id: string, fields: string[] | null][]][] | null;

/** The server ends a read before the lease can: else it could hand entries to a consumer that was replaced. */
const LEASE_MARGIN_MS = 200;
const FULL_WAIT_MS = 20;
const STOP_GRACE_MS = 500;
const READY_TIMEOUT_MS = 1_000;

/**
 * Reads the streams of one group into bounded queues: first what this consumer was handed and never acknowledged, then
 * what is new, in a blocking read on a connection of its own. Streams that had no room when that read began are read
 * beside it, without blocking, when room returns (`feed`).
 */
export class StreamReader {
  readonly #options: ReaderOptions;
  readonly #room = new Signal();
  readonly #pause = new Pause();
  #connection: Redis | undefined;
  #clientId: number | undefined;
  #stopped = false;
  #loop: Promise<void> | undefined;
  #feeding: Promise<void> | undefined;
  #blocking = false;
  #failing = false;

  constructor(options: ReaderOptions) {
    this.#options = options;
  }

  get failing(): boolean {
    return this.#failing;
  }

  start(): void {
    this.#stopped = false;
    this.#loop = this.#run();
  }

  /** Returns when no read can hand out anything more: only then may another own the consumer name. */
  async stop(): Promise<void> {
    this.#stopped = true;
    this.#room.notify();
    this.#pause.end();
    const connection = this.#connection;
    // A server that does not answer: BLOCK has passed there when this cuts the connection.
    const cut = setTimeout(() => connection?.disconnect(), this.#options.blockMs + STOP_GRACE_MS);
    if (this.#blocking) await this.#unblock();
    await this.#loop;
    await this.#feeding;
    clearTimeout(cut);
    this.#connection?.disconnect();
    this.#connection = undefined;
  }

  /** Reads, without blocking, what has room and is not covered by the read under way. */
  feed(): void {
    this.#room.notify();
    if (this.#stopped || this.#feeding !== undefined || !this.#blocking) return;
    if (!this.#options.sources.some((source) => !source.reading && this.#hasRoom(source))) return;
    this.#feeding = this.#readAside()
      .catch((error: unknown) => this.#options.logger.debug({ err: error }, 'reading beside failed'))
      .finally(() => {
        this.#feeding = undefined;
      });
  }

  async #run(): Promise<void> {
    for (let attempt = 0; !this.#stopped; ) {
      try {
        await this.#once();
        attempt = 0;
        this.#failing = false;
      } catch (error) {
        if (this.#stopped) return;
        this.#failing = true;
        if (this.#isOver(error)) return;
        attempt += 1;
        await this.#replaceConnection();
        await this.#pause.for(backoffMs(attempt, this.#options.backoff));
      }
    }
  }

  /** True when this reader has nothing more to do here: somebody else acts on it. */
  #isOver(error: unknown): boolean {
    const { verdict, reason } = ruleOn(error);
    this.#options.onRetry(reason);
    if (saysRedisLost(error)) {
      this.#options.onRedisLost();
      return true;
    }
    if (verdict === 'crash') {
      this.#options.onFatal(error as Error);
      return true;
    }
    this.#options.logger.warn({ err: error, reason }, 'reading failed, repeating');
    return false;
  }

  async #once(): Promise<void> {
    const blockMs = Math.min(this.#options.blockMs, this.#options.leaseRemainingMs() - LEASE_MARGIN_MS);
    if (blockMs < 1) return this.#room.wait(FULL_WAIT_MS);
    await this.#feeding;
    for (const source of this.#open('pending')) await this.#readOne(source);
    if (this.#stopped || this.#open('pending').length > 0) return;
    const open = this.#open('new');
    if (open.length === 0) return this.#room.wait(FULL_WAIT_MS);
    await this.#readBlocking(open, Math.ceil(blockMs));
  }

  #open(phase: 'pending' | 'new'): StreamSource[] {
    return this.#options.sources.filter(
      (source) => source.phase === phase && !source.reading && this.#hasRoom(source),
    );
  }

  #hasRoom(source: StreamSource): boolean {
    return source.queue.length + this.#options.count <= this.#options.queueMax;
  }

  async #readAside(): Promise<void> {
    for (const source of [...this.#open('pending'), ...this.#open('new')]) await this.#readOne(source);
  }

  /** One page of one stream on the shared connection, without blocking. */
  async #readOne(source: StreamSource): Promise<void> {
    source.reading = true;
    const { group, consumer, count, commands } = this.#options;
    const from = source.phase === 'pending' ? source.lastId : '>';
    try {
      const reply = (await commands.xreadgroup(
        ...(['GROUP', group, consumer, 'COUNT', count, 'STREAMS', source.key, from] as const),
      )) as Reply;
      this.#accept([source], reply, from);
    } catch (error) {
      reReadPending(source);
      throw error;
    } finally {
      source.reading = false;
    }
  }

  async #readBlocking(sources: readonly StreamSource[], blockMs: number): Promise<void> {
    const connection = await this.#connected();
    if (this.#stopped) return;
    for (const source of sources) source.reading = true;
    this.#blocking = true;
    const { group, consumer, count } = this.#options;
    const keys = sources.map((source) => source.key);
    const places = keys.map(() => '>');
    try {
      const read = connection.xreadgroup(
        ...(['GROUP', group, consumer, 'COUNT', count, 'BLOCK', blockMs, 'STREAMS'] as const),
        ...[...keys, ...places],
      ) as Promise<Reply>;
      this.#accept(sources, await this.#answered(read, blockMs), '>');
    } catch (error) {
      for (const source of sources) reReadPending(source);
      throw error;
    } finally {
      this.#blocking = false;
      for (const source of sources) source.reading = false;
    }
  }

  /** The client's own blocking timeout would report an empty answer; this one says that there was none. */
  async #answered(read: Promise<Reply>, blockMs: number): Promise<Reply> {
    let timer: NodeJS.Timeout | undefined;
    const watchdog = new Promise<never>((_, reject) => {
      const error = new Error('blocking read was not answered');
      timer = setTimeout(() => reject(error), blockMs + this.#options.watchdogMs);
    });
    read.catch(() => {});
    return Promise.race([read, watchdog]).finally(() => clearTimeout(timer));
  }

  #accept(sources: readonly StreamSource[], reply: Reply, from: string): void {
    const byKey = new Map(reply ?? []);
    let arrived = 0;
    for (const source of sources) {
      const entries = byKey.get(source.key) ?? [];
      arrived += entries.length;
      for (const [entryId, fields] of entries) this.#push(source, entryId, fields);
      if (from !== '>') {
        if (entries.length === 0) source.phase = 'new';
      } else if (entries.length < this.#options.count) source.suspect = false;
    }
    if (arrived > 0) this.#options.onItems();
  }

  #push(source: StreamSource, entryId: string, fields: string[] | null): void {
    source.lastId = entryId;
    const { stream, suspect } = source;
    const item = this.#options.itemOf({ stream, entryId, fields: fields ?? [], suspect });
    if (fields === null) {
      this.#options.logger.error({ stream: source.key, entryId }, 'a pending entry was trimmed: it is lost');
      item.work = { kind: 'skip' };
    }
    source.queue.push(item);
  }

  async #connected(): Promise<Redis> {
    if (this.#connection === undefined) {
      const connection = this.#options.factory('blocking');
      this.#connection = connection;
      this.#clientId = undefined;
    }
    const connection = this.#connection;
    await whenReady(connection, READY_TIMEOUT_MS);
    this.#clientId ??= await connection.client('ID');
    return connection;
  }

  /** The old connection's read may still be handed entries: it is ended at the server before the next one. */
  async #replaceConnection(): Promise<void> {
    const { commands, blockMs } = this.#options;
    const clientId = this.#clientId;
    this.#connection?.disconnect();
    this.#connection = undefined;
    this.#clientId = undefined;
    for (const source of this.#options.sources) reReadPending(source);
    if (clientId === undefined) return;
    try {
      await commands.call('CLIENT', 'KILL', 'ID', String(clientId));
    } catch {
      // No permission, no Redis, or it is gone already: then the read ends by its own BLOCK.
      await this.#pause.for(blockMs);
    }
  }

  async #unblock(): Promise<void> {
    if (this.#clientId === undefined) return;
    try {
      await this.#options.commands.client('UNBLOCK', this.#clientId);
    } catch (error) {
      this.#options.logger.debug({ err: error }, 'the read ends by its own BLOCK');
    }
  }
}
