import type { Queryable } from '../postgres/queryable.ts';

/** One thing to decide on: a stream entry, or something local (a venue message, a timer, a request). */
export interface Input {
  readonly id: string;
  readonly type: string;
  readonly key: string;
  /** Event time, ISO 8601 UTC. */
  readonly ts: string;
  /** As the catalog's `parse` returned it; of local inputs as submitted. */
  readonly data: unknown;
  /** Logical stream name; null for a local input. */
  readonly stream: string | null;
  readonly causationId: string | null;
  readonly requestId: string;
  readonly traceparent: string;
}

export interface NewEvent {
  readonly type: string;
  readonly key: string;
  readonly ts: string;
  readonly data: unknown;
  /** Id from a natural key; without it one of the cause, this service, the type and the ordinal (from 0). */
  readonly id?: string;
}

export type Decided =
  | {
      readonly kind: 'done';
      readonly events?: readonly NewEvent[];
      readonly effects?: readonly unknown[];
      readonly result?: unknown;
    }
  | { readonly kind: 'wait'; readonly for: string }
  | { readonly kind: 'reject'; readonly error: Error };

export interface DecideContext {
  /** Milliseconds since 1970 of the injected wall clock. */
  readonly wallNow: number;
  /** joinWaitMs have passed for this entry; never true in lock-step. */
  readonly waitExpired: boolean;
}

export interface Scope {
  readonly run: string;
  readonly partition: number;
  readonly epoch: number;
}

export interface TableWrite {
  /** `schema.table` */
  readonly table: string;
  /** Columns of the unique key; the last row of a key wins. */
  readonly key: readonly string[];
  /** All rows of one write name the same columns; of a delete only those of the key count. */
  readonly rows: readonly Readonly<Record<string, unknown>>[];
  /** `upsert` when absent. `ignore` keeps a row that is already there. */
  readonly mode?: 'upsert' | 'ignore' | 'insert' | 'delete';
}

/**
 * What a service hands the kit. `decide` and `rows` are synchronous and know no I/O; only the kit awaits.
 */
export interface Processor<State> {
  /** Once per lease, and after a failed write. */
  load(db: Queryable, scope: Scope): Promise<State>;
  /** Changes `state` only when it returns `done`; `wait` and `reject` leave it untouched. A throw has it reloaded. */
  decide(state: State, input: Input, context: DecideContext): Decided;
  /** The parts changed since the last call, whose marks it clears. */
  rows(state: State): readonly TableWrite[];
  /**
   * After each load and after left-over outbox rows were published, before any stream is read. Only submitted inputs
   * are decided until it settles. `state` may be reloaded meanwhile: `control.state()` is the current one.
   */
  onLease?(state: State, control: RunnerControl): Promise<void>;
  /** After the commit that carried them, in commit order, never for an uncommitted batch. Must not throw. */
  afterCommit?(effects: readonly unknown[], state: State): void;
  /** The lease is lost, or the state was thrown away after a failed write (`load` and `onLease` follow then). */
  onLost?(): void;
}

export interface LocalInput {
  /** Unique within the run: an id that was committed before changes nothing. */
  readonly id: string;
  readonly type: string;
  readonly key: string;
  readonly ts: string;
  readonly data: unknown;
  readonly requestId?: string;
  readonly traceparent?: string;
  readonly causationId?: string | null;
  /** The caller knows that the id was never submitted before: saves the look-up. A mistake costs a reload. */
  readonly fresh?: boolean;
}

export interface RunnerControl {
  /**
   * Resolves with `Decided.result` after the commit (undefined for an id that an earlier commit holds); rejects with
   * the decision's own error, or with NotLeaderError when the lease is lost first.
   */
  submit(input: LocalInput): Promise<unknown>;
  state(): unknown;
  /** By the monotonic clock against the lease's local deadline: true means that nobody else can hold it now. */
  holdsLease(): boolean;
}
