import { envelopeFromFields } from '@fleet/domain/events/envelope';
import type { Catalog } from './catalog.ts';
import type { Input, LocalInput } from './processor.ts';
import { EntryParseError } from './stream-errors.ts';

/** How a submitted input, or a parked entry that was taken back, is answered. */
export interface Reply {
  resolve(result: unknown): void;
  reject(error: Error): void;
}

export type Work =
  | { readonly kind: 'input'; readonly input: Input }
  /** Acknowledged without effect: another run's, an unhandled type, a repetition. */
  | { readonly kind: 'skip' }
  /** A parked entry that a person gives up: recorded as applied without being decided. */
  | { readonly kind: 'drop' }
  /** Set aside without being decided (again). */
  | { readonly kind: 'fault'; readonly error: Error };

/** One place in a queue. */
export interface Item {
  readonly eventId: string;
  readonly key: string;
  readonly type: string;
  /** Logical stream; null for a local input. */
  readonly stream: string | null;
  /** Redis id; null for a local input and for a parked entry that was taken back. */
  readonly entryId: string | null;
  /** As read, to park them unchanged; empty for a local input. */
  readonly fields: readonly string[];
  /** Row of the parked entry that was taken back. */
  readonly parkedPosition: string | null;
  readonly reply: Reply | null;
  work: Work;
  /** What the last decision answered, for when its commit took effect and only the confirmation was lost. */
  result: unknown;
  /** May have been applied before: looked up before it is decided. */
  suspect: boolean;
  /** Failures that were the entry's own fault. */
  attempts: number;
  /** Failures of any kind, for the backoff. */
  tries: number;
  /** Monotonic time at which it first had to wait for another stream. */
  waitingSince: number | null;
  /** It was decided with waitExpired and still waits: nothing is due for it by time any more. */
  waitExpired: boolean;
}

export interface Reading {
  readonly run: string;
  readonly catalog: Catalog;
  readonly handles: ReadonlySet<string>;
}

export interface RawEntry {
  readonly stream: string;
  readonly entryId: string;
  readonly fields: readonly string[];
  readonly suspect: boolean;
}

/** Reads one stream entry. Never throws: what cannot be read becomes a fault that is set aside. */
export function itemOfEntry(raw: RawEntry, reading: Reading): Item {
  const read = readInput(raw, reading);
  return {
    ...read,
    stream: raw.stream,
    entryId: raw.entryId,
    fields: raw.fields,
    parkedPosition: null,
    reply: null,
    suspect: raw.suspect && read.work.kind !== 'skip',
    result: undefined,
    attempts: 0,
    tries: 0,
    waitingSince: null,
    waitExpired: false,
  };
}

export function itemOfLocal(local: LocalInput, reply: Reply): Item {
  const input: Input = {
    id: local.id,
    type: local.type,
    key: local.key,
    ts: local.ts,
    data: local.data,
    stream: null,
    causationId: local.causationId ?? null,
    requestId: local.requestId ?? local.id.slice(0, 200),
    traceparent: local.traceparent ?? '',
  };
  return {
    eventId: local.id,
    key: local.key,
    type: local.type,
    stream: null,
    entryId: null,
    fields: [],
    parkedPosition: null,
    reply,
    work: { kind: 'input', input },
    suspect: local.fresh !== true,
    result: undefined,
    attempts: 0,
    tries: 0,
    waitingSince: null,
    waitExpired: false,
  };
}

/** A parked entry on its way back; what made it unreadable may have been corrected meanwhile. */
export function itemOfParked(raw: RawEntry, position: string, reading: Reading, reply: Reply): Item {
  return { ...itemOfEntry(raw, reading), entryId: null, parkedPosition: position, reply, suspect: true };
}

type Read = Pick<Item, 'eventId' | 'key' | 'type' | 'work'>;

function readInput(raw: RawEntry, reading: Reading): Read {
  const known = fieldsByName(raw.fields);
  // Unreadable entries are told apart by their place in the stream.
  const head = {
    eventId: known.get('id') || `${raw.stream}/${raw.entryId}`,
    key: known.get('key') ?? '',
    type: known.get('type') ?? '',
  };
  const skip: Read = { ...head, work: { kind: 'skip' } };
  // Looked at before anything is parsed: another run's or an unhandled entry is nobody's fault.
  const run = known.get('run');
  if (run !== undefined && run !== reading.run) return skip;
  if (known.has('type') && !reading.handles.has(head.type)) return skip;
  try {
    return { ...head, work: { kind: 'input', input: parse(raw, reading.catalog) } };
  } catch (cause) {
    return { ...head, work: { kind: 'fault', error: unreadable(raw, cause) } };
  }
}

function parse(raw: RawEntry, catalog: Catalog): Input {
  const envelope = envelopeFromFields([...raw.fields]);
  const entry = catalog.entry(envelope.type);
  if (entry === undefined) throw new Error(`event type ${envelope.type} is not in the catalog`);
  if (entry.v !== envelope.v) throw new Error(`version ${envelope.v} came where version ${entry.v} is known`);
  if (entry.stream !== raw.stream) throw new Error(`${envelope.type} belongs on ${entry.stream}`);
  return {
    id: envelope.id,
    type: envelope.type,
    key: envelope.key,
    ts: envelope.ts,
    data: entry.parse(envelope.data),
    stream: raw.stream,
    causationId: envelope.causationId,
    requestId: envelope.requestId,
    traceparent: envelope.traceparent,
  };
}

function unreadable(raw: RawEntry, cause: unknown): Error {
  const why = cause instanceof Error ? cause.message : String(cause);
  return new EntryParseError(`${raw.stream} ${raw.entryId}: ${why}`, {
    context: { stream: raw.stream, entryId: raw.entryId },
    cause,
  });
}

function fieldsByName(fields: readonly string[]): Map<string, string> {
  const byName = new Map<string, string>();
  for (let i = 0; i + 1 < fields.length; i += 2) byName.set(fields[i] ?? '', fields[i + 1] ?? '');
  return byName;
}

/** Which request and trace an entry belongs to, under the names that every log line has for them. */
export function traceOf({ fields }: Pick<Item, 'fields'>): { traceId?: string; requestId?: string } {
  const sent = (name: string): string | undefined => {
    const index = fields.findIndex((field, place) => place % 2 === 0 && field === name);
    return index === -1 ? undefined : fields[index + 1];
  };
  const [traceId, requestId] = [sent('traceparent')?.split('-')[1], sent('requestId')];
  return {
    ...(traceId === undefined ? {} : { traceId }),
    ...(requestId === undefined ? {} : { requestId }),
  };
}
