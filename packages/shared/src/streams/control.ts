import type { Redis } from 'ioredis';
import { CONTROL_STREAM, physicalKey } from './keys.ts';

/** What an operator asks of the runner that owns a parked entry. */
export interface ControlRequest {
  readonly type: 'dlq.requeue.requested' | 'dlq.drop.requested';
  /** The consumer group that parked it. */
  readonly group: string;
  /** Event id of a parked entry, or its key. */
  readonly idOrKey: string;
}

/** Every runner of the partition reads it; the one whose group it names obeys. */
export async function sendControl(redis: Redis, partition: number, request: ControlRequest): Promise<string> {
  const { type, group, idOrKey } = request;
  const data = JSON.stringify({ group, idOrKey });
  const id = await redis.xadd(physicalKey(CONTROL_STREAM, partition), '*', 'type', type, 'data', data);
  return id ?? '';
}

/** Undefined for anything that is no request: it is acknowledged and has no effect. */
export function controlRequest(fields: readonly string[]): ControlRequest | undefined {
  const type = fields[fields.indexOf('type') + 1];
  if (type !== 'dlq.requeue.requested' && type !== 'dlq.drop.requested') return undefined;
  try {
    const data: unknown = JSON.parse(fields[fields.indexOf('data') + 1] ?? '');
    if (typeof data !== 'object' || data === null) return undefined;
    const { group, idOrKey } = data as Record<string, unknown>;
    if (typeof group !== 'string' || typeof idOrKey !== 'string') return undefined;
    return { type, group, idOrKey };
  } catch {
    return undefined;
  }
}
