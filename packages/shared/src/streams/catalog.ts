/** One event type as the services hand it in: the kit itself knows none. */
export interface CatalogEntry {
  readonly type: string;
  readonly v: number;
  /** Logical stream name, without partition. */
  readonly stream: string;
  /** `symbol`: by the hash of the event's key; `account`: the writer's own partition; `all`: a copy to every one. */
  readonly partitionBy: 'symbol' | 'account' | 'all';
  /** Throws with a readable message when the payload does not fit the schema. */
  parse(data: unknown): unknown;
}

export interface Catalog {
  entry(type: string): CatalogEntry | undefined;
  /** Group names that should exist on a stream (of a partition, where that matters); trimming waits for all of them. */
  groupsOf(stream: string, partition?: number): readonly string[];
  readonly streams: readonly string[];
}

/**
 * `own`: the runner's partition of the stream under the group itself. `all`: every partition of it (an account
 * partition's owner reads all symbol partitions), under `<group>.<partition>` when there is more than one.
 */
export interface Subscription {
  readonly stream: string;
  readonly partitions: 'own' | 'all';
}
