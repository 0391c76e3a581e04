import { catalog, type OrderAuthorised, orderAuthorised } from '@fleet/domain/events';
import {
  type Input,
  type LocalInput,
  type NewEvent,
  NotLeaderError,
  type Processor,
  type RunnerControl,
} from '@fleet/shared/streams';
import type { ExecutorState } from '../src/book/state.ts';
import { MemoryTables } from './memory-tables.ts';

/** What becomes of a commit: the process may die before it, or after it and before anybody hears of it. */
export type Fate = 'lives' | 'dies-before' | 'dies-after';

interface Waiting {
  readonly input: Input;
  readonly resolve: (result: unknown) => void;
  readonly reject: (error: Error) => void;
}

/** One lease after the other over tables in memory: decides, commits or dies, and starts again. */
export class MemoryRunner {
  readonly tables = new MemoryTables();
  readonly events: NewEvent[] = [];
  readonly #processor: Processor<ExecutorState>;
  readonly #fateOf: () => Fate;
  readonly #inbox = new Set<string>();
  readonly #stream: Input[] = [];
  #life: Life | null = null;
  deaths = 0;

  constructor(processor: Processor<ExecutorState>, fateOf: () => Fate) {
    this.#processor = processor;
    this.#fateOf = fateOf;
  }

  get state(): ExecutorState | null {
    return this.#life?.state ?? null;
  }

  get settled(): boolean {
    return this.#life?.settled === true && this.#stream.length === 0 && this.#life.queue.length === 0;
  }

  async live(): Promise<void> {
    const state = await this.#processor.load(this.tables.db, { run: 'run', partition: 0, epoch: 1 });
    const life: Life = { state, queue: [], settled: false, alive: true };
    this.#life = life;
    const lease = this.#processor.onLease?.(state, this.#control(life)) ?? Promise.resolve();
    lease.then(
      () => {
        life.settled = true;
        this.#work(life);
      },
      () => undefined,
    );
  }

  authorise(id: string, data: OrderAuthorised): void {
    this.#stream.push(inputOf({ id, type: orderAuthorised.type, key: 'k', ts: '', data }, 'exec.orders'));
    if (this.#life !== null) this.#work(this.#life);
  }

  stop(): void {
    if (this.#life !== null) this.#life.alive = false;
    this.#processor.onLost?.();
    this.#life = null;
  }

  #control(life: Life): RunnerControl {
    return {
      submit: (local) =>
        new Promise((resolve, reject) => {
          if (!life.alive) return reject(new NotLeaderError());
          life.queue.push({ input: inputOf(local, null), resolve, reject });
          queueMicrotask(() => this.#work(life));
        }),
      state: () => {
        if (!life.alive) throw new NotLeaderError();
        return life.state;
      },
      holdsLease: () => life.alive,
    };
  }

  #work(life: Life): void {
    while (life.alive && life.queue.length > 0) this.#local(life, life.queue.shift() as Waiting);
    while (life.alive && life.settled && this.#stream.length > 0) {
      const [input] = this.#stream;
      if (input === undefined || !this.#commit(life, input).taken) return;
      if (this.#inbox.has(input.id)) this.#stream.shift();
    }
  }

  #local(life: Life, { input, resolve, reject }: Waiting): void {
    const { taken, result } = this.#commit(life, input);
    if (!life.alive) reject(new NotLeaderError());
    else if (taken) resolve(result);
    else reject(new Error(`${input.type} was not taken`));
  }

  #commit(life: Life, input: Input): { taken: boolean; result?: unknown } {
    if (this.#inbox.has(input.id)) return { taken: true };
    const context = { wallNow: Date.now(), waitExpired: false };
    const decided = this.#processor.decide(life.state, input, context);
    if (decided.kind !== 'done') return { taken: false };
    for (const event of decided.events ?? []) catalog.entry(event.type)?.parse(event.data);
    const fate = this.#fateOf();
    if (fate !== 'dies-before') {
      this.tables.write(this.#processor.rows(life.state));
      this.#inbox.add(input.id);
      this.events.push(...(decided.events ?? []));
    }
    if (fate !== 'lives') {
      this.#die(life);
      return { taken: true };
    }
    this.#processor.afterCommit?.(decided.effects ?? [], life.state);
    return { taken: true, result: decided.result };
  }

  #die(life: Life): void {
    life.alive = false;
    this.deaths += 1;
    this.#life = null;
    this.#processor.onLost?.();
    for (const { reject } of life.queue.splice(0)) reject(new NotLeaderError());
    setTimeout(() => void this.live(), 1);
  }
}

interface Life {
  readonly state: ExecutorState;
  readonly queue: Waiting[];
  settled: boolean;
  alive: boolean;
}

function inputOf(local: LocalInput, stream: string | null): Input {
  const { id, type, key, ts, data } = local;
  return { id, type, key, ts, data, stream, causationId: null, requestId: '', traceparent: '' };
}
