import { z } from 'zod';
import { uuidV5 } from '../ids/uuid.ts';

/**
 * What every stream entry carries. `data` is the event's own payload, validated by the schema of its
 * type and version; the rest is what transport, ordering and tracing need.
 */
export interface Envelope {
  /** UUIDv5 of run, type and natural key, so that a repetition has the same id. */
  readonly id: string;
  readonly type: string;
  /** Version of the payload's schema. */
  readonly v: number;
  /** Event time, ISO 8601 UTC. */
  readonly ts: string;
  /** The symbol or the account: what keeps order. */
  readonly key: string;
  /** The service that wrote it. */
  readonly source: string;
  /** The account's run: entries of another run have no effect. */
  readonly run: string;
  /** W3C trace context. */
  readonly traceparent: string;
  readonly requestId: string;
  /** Id of the event that caused this one, or null at the beginning of a chain. */
  readonly causationId: string | null;
  readonly data: unknown;
}

const FIELDS = [
  'id',
  'type',
  'v',
  'ts',
  'key',
  'source',
  'run',
  'traceparent',
  'requestId',
  'causationId',
  'data',
];

const headSchema = z.object({
  id: z.uuid(),
  type: z.string().min(1).max(100),
  v: z.string().regex(/^[1-9][0-9]{0,3}$/),
  ts: z.iso.datetime(),
  key: z.string().min(1).max(200),
  source: z.string().min(1).max(100),
  run: z.string().min(1).max(200),
  traceparent: z.string().max(100),
  requestId: z.string().max(200),
  causationId: z.string().max(200),
});

/** A stream entry that is no envelope: nothing in it can be trusted, it goes to the dead letters. */
export class MalformedEnvelopeError extends Error {
  readonly code = 'MALFORMED_ENVELOPE';
  override readonly name = 'MalformedEnvelopeError';
}

/** Flat field and value list as XADD takes it. */
export function envelopeToFields(envelope: Envelope): string[] {
  return [
    ...['id', envelope.id, 'type', envelope.type, 'v', String(envelope.v), 'ts', envelope.ts],
    ...['key', envelope.key, 'source', envelope.source, 'run', envelope.run],
    ...['traceparent', envelope.traceparent, 'requestId', envelope.requestId],
    ...['causationId', envelope.causationId ?? '', 'data', JSON.stringify(envelope.data)],
  ];
}

/**
 * Reads what XREADGROUP returned for one entry.
 * @throws MalformedEnvelopeError naming the field that is missing or wrong.
 */
export function envelopeFromFields(fields: readonly string[]): Envelope {
  const found: Record<string, string> = {};
  for (let i = 0; i + 1 < fields.length; i += 2) found[fields[i] as string] = fields[i + 1] as string;
  for (const name of FIELDS) {
    if (found[name] === undefined) throw new MalformedEnvelopeError(`stream entry has no field "${name}"`);
  }
  const head = headSchema.safeParse(found);
  if (!head.success) {
    const issue = head.error.issues[0];
    throw new MalformedEnvelopeError(`stream entry field "${issue?.path.join('.')}": ${issue?.message}`);
  }
  let data: unknown;
  try {
    data = JSON.parse(found['data'] as string);
  } catch (cause) {
    throw new MalformedEnvelopeError('stream entry field "data" is no JSON', { cause });
  }
  return { ...head.data, v: Number(head.data.v), causationId: head.data.causationId || null, data };
}

/** Id of an event that has a natural key (a bar: venue, symbol, interval, open time). */
export function eventId(run: string, type: string, naturalKey: string): string {
  return uuidV5(`${run}\n${type}\n${naturalKey}`);
}

/**
 * Id of the event number `ordinal` (from 0) that another event caused. Several services answer the same event, each
 * with its own: who speaks, and what, is part of the id.
 */
export function causedEventId(
  causeId: string,
  ordinal: number,
  { source, type }: { readonly source: string; readonly type: string },
): string {
  return uuidV5(`${causeId}\n${source}\n${type}\n${ordinal}`);
}
