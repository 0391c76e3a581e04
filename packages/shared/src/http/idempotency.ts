import { createHash } from 'node:crypto';
import { defineError } from '../errors/index.ts';

export const IdempotencyKeyRequired = defineError({
  code: 'IDEMPOTENCY_KEY_REQUIRED',
  title: 'This route needs an Idempotency-Key',
  status: 400,
  retry: 'park',
  action:
    'Send the header Idempotency-Key with a value of your own for this action, and the same value when repeating it.',
});
export const IdempotencyKeyInvalid = defineError({
  code: 'IDEMPOTENCY_KEY_INVALID',
  title: 'The Idempotency-Key is not usable',
  status: 400,
  retry: 'park',
  action: 'Send 1 to 255 visible ASCII characters, e.g. a UUID.',
});
export const IdempotencyConflict = defineError({
  code: 'IDEMPOTENCY_KEY_CONFLICT',
  title: 'This Idempotency-Key was used for another request',
  status: 409,
  retry: 'park',
  action: 'Use a new key for a new action; repeat an action with exactly its first route and body.',
});
export const IdempotencyInProgress = defineError({
  code: 'IDEMPOTENCY_IN_PROGRESS',
  title: 'The first request with this Idempotency-Key is still running',
  status: 409,
  retry: 'retry',
  action: 'Repeat the request with the same key after a moment (Retry-After) to get its answer.',
});
export const IdempotencyInterrupted = defineError({
  code: 'IDEMPOTENCY_INTERRUPTED',
  title: 'The first request with this Idempotency-Key was cut off; whether it took effect is not known',
  status: 409,
  retry: 'park',
  action: 'Look whether the effect is there; if it is not, send the request again with a new key.',
});
export const IdempotencyStoreUnavailable = defineError({
  code: 'IDEMPOTENCY_STORE_UNAVAILABLE',
  title: 'The Idempotency-Key could not be recorded, so nothing was done',
  status: 503,
  retry: 'retry',
  action: 'Repeat the request with the same key when the database of the service is back.',
});

/** The answer that a repetition gets. `body` is JSON text; absent for an answer without one. */
export interface StoredAnswer {
  readonly status: number;
  readonly body?: string;
}

export type IdempotencyBegin =
  | { readonly state: 'new' }
  | ({ readonly state: 'done' } & StoredAnswer)
  | { readonly state: 'in-progress' }
  | { readonly state: 'conflict' }
  /** Begun, neither finished nor abandoned, and older than the lease: its process died. */
  | { readonly state: 'interrupted' };

/** Where keys are kept. `begin` decides atomically between concurrent callers: exactly one gets `new`. */
export interface IdempotencyStore {
  begin(key: string, fingerprint: string): Promise<IdempotencyBegin>;
  finish(key: string, answer: StoredAnswer): Promise<void>;
  /** Forgets a key whose request is known to have done nothing. */
  abandon(key: string): Promise<void>;
}

export interface IdempotencyTimes {
  /** Milliseconds after which an unfinished request counts as cut off; must exceed every handler's time. */
  readonly leaseMs?: number;
  /** Milliseconds that an answer is kept. */
  readonly retentionMs?: number;
}

export const IDEMPOTENCY_LEASE_MS = 60_000;
export const IDEMPOTENCY_RETENTION_MS = 48 * 3_600_000;

const KEY = /^[\x21-\x7e]{1,255}$/;

export function assertKey(key: string): void {
  if (!KEY.test(key)) throw new IdempotencyKeyInvalid();
}

/** SHA-256 over route and content; the order of a body's fields does not count. */
export function requestFingerprint(
  route: string,
  input: Readonly<Record<'params' | 'query' | 'body', unknown>>,
): string {
  const content = JSON.stringify([route, input.params, input.query, input.body], sortKeys);
  return createHash('sha256').update(content).digest('hex');
}

function sortKeys(_key: string, value: unknown): unknown {
  if (typeof value === 'bigint') return value.toString();
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return value;
  return Object.fromEntries(Object.entries(value).sort(([left], [right]) => (left < right ? -1 : 1)));
}
