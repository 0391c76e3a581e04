import { catalog, type Envelope, envelopeFromFields, envelopeToFields } from '@fleet/domain/events';
import type { TestRedis } from '../infrastructure/index.ts';

/** An event as a test has another service say it. */
export interface WrittenEvent {
  readonly id: string;
  readonly type: string;
  readonly data: unknown;
  /** Default: the run. */
  readonly key?: string;
  /** ISO 8601 UTC. Default: 2024-08-05, midnight. */
  readonly ts?: string;
}

const HEAD = {
  source: 'test',
  requestId: 'test',
  traceparent: '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01',
  causationId: null,
};

/**
 * Writes events as their services would, each to the stream the catalog names, in one round trip.
 * @throws Error for a type that the catalog does not have, before anything is written.
 */
export async function writeEvents(
  redis: TestRedis,
  run: string,
  events: readonly WrittenEvent[],
): Promise<void> {
  const pipeline = redis.client.pipeline();
  for (const { id, type, data, key = run, ts = '2024-08-05T00:00:00.000Z' } of events) {
    const entry = catalog.entry(type);
    if (entry === undefined) throw new Error(`${type} is not in the catalog: name a type that is`);
    const envelope = { ...HEAD, id, type, v: entry.v, ts, key, run, data };
    pipeline.xadd(`${entry.stream}:{0}`, '*', ...envelopeToFields(envelope));
  }
  for (const [error] of (await pipeline.exec()) ?? []) if (error !== null) throw error;
}

/** Every entry of a stream, oldest first, repetitions too. */
export async function entriesOn(redis: TestRedis, stream: string): Promise<Envelope[]> {
  const entries = await redis.client.xrange(`${stream}:{0}`, '-', '+');
  return entries.map(([, fields]) => envelopeFromFields(fields));
}

/** The events of a stream as its readers take them: what a crash had a service say twice carries one id and counts once. */
export async function eventsOn(redis: TestRedis, stream: string): Promise<Envelope[]> {
  const byId = new Map<string, Envelope>();
  for (const envelope of await entriesOn(redis, stream))
    if (!byId.has(envelope.id)) byId.set(envelope.id, envelope);
  return [...byId.values()];
}
