import {
  IDEMPOTENCY_LEASE_MS,
  IDEMPOTENCY_RETENTION_MS,
  type IdempotencyBegin,
  type IdempotencyStore,
  type IdempotencyTimes,
  type StoredAnswer,
} from './idempotency.ts';

interface Entry {
  readonly fingerprint: string;
  readonly begunAt: number;
  readonly answer?: StoredAnswer;
}

export interface MemoryIdempotencyOptions extends IdempotencyTimes {
  /** Milliseconds, rising; `performance.now` when absent. */
  readonly now?: () => number;
  readonly entriesMax?: number;
}

const ENTRIES_MAX = 10_000;

/** Keys in the memory of one process: for tests, and for a service without lasting effects. Oldest keys go first. */
export function memoryIdempotencyStore(options: MemoryIdempotencyOptions = {}): IdempotencyStore {
  const { now = () => performance.now(), entriesMax = ENTRIES_MAX } = options;
  const { leaseMs = IDEMPOTENCY_LEASE_MS, retentionMs = IDEMPOTENCY_RETENTION_MS } = options;
  const entries = new Map<string, Entry>();
  return {
    async begin(key, fingerprint) {
      const entry = entries.get(key);
      if (entry !== undefined && now() - entry.begunAt < retentionMs)
        return stateOf(entry, fingerprint, now() - entry.begunAt, leaseMs);
      entries.delete(key);
      entries.set(key, { fingerprint, begunAt: now() });
      const oldest = entries.keys().next().value;
      if (entries.size > entriesMax && oldest !== undefined) entries.delete(oldest);
      return { state: 'new' };
    },
    async finish(key, answer) {
      const entry = entries.get(key);
      if (entry !== undefined) entries.set(key, { ...entry, answer });
    },
    async abandon(key) {
      entries.delete(key);
    },
  };
}

function stateOf(entry: Entry, fingerprint: string, ageMs: number, leaseMs: number): IdempotencyBegin {
  if (entry.fingerprint !== fingerprint) return { state: 'conflict' };
  if (entry.answer !== undefined) return { state: 'done', ...entry.answer };
  return { state: ageMs < leaseMs ? 'in-progress' : 'interrupted' };
}
