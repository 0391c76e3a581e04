/** What the kit reports. `metrics.ts` implements it with prom-client; `silentStreamMetrics` ignores it. */
export interface StreamMetrics {
  pending(stream: string, partition: number, entries: number): void;
  /** Seconds since the oldest entry that was read and not acknowledged was written; 0 when there is none. */
  oldestPendingAge(stream: string, partition: number, seconds: number): void;
  /** Entries not yet read; null when Redis cannot tell, which is an alarm and not 0. */
  lag(stream: string, partition: number, entries: number | null): void;
  deadLetters(stream: string, partition: number, entries: number): void;
  /** Time of one batch from the first decision to the commit's answer. */
  batchCommitted(entries: number, seconds: number): void;
  retried(reason: string): void;
  /** Seconds since the oldest unpublished outbox row was committed; 0 when there is none. */
  outboxAge(partition: number, seconds: number): void;
  parkedKeys(partition: number, keys: number): void;
  /** The lease is gone: what was last seen of the streams is another replica's to tell. */
  lost(): void;
}

export const silentStreamMetrics: StreamMetrics = {
  pending() {},
  oldestPendingAge() {},
  lag() {},
  deadLetters() {},
  batchCommitted() {},
  retried() {},
  outboxAge() {},
  parkedKeys() {},
  lost() {},
};
