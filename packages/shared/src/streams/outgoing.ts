import { causedEventId, type Envelope, envelopeToFields } from '@fleet/domain/events/envelope';
import type { Catalog } from './catalog.ts';
import type { Item } from './item.ts';
import { deadLetterStream, partitionOf } from './keys.ts';
import type { Input, NewEvent } from './processor.ts';
import { EventRefusedError } from './stream-errors.ts';

/** An event on its way out, one for each partition that it is written to. */
export interface OutboxRow {
  readonly seq: number;
  readonly eventId: string;
  /** Logical stream. */
  readonly stream: string;
  /** Partition it is written to. */
  readonly target: number;
  /** Flat field and value list as XADD takes it. */
  readonly fields: readonly string[];
}

export interface Writer {
  readonly catalog: Catalog;
  readonly run: string;
  readonly source: string;
  readonly group: string;
  readonly partition: number;
  readonly partitions: number;
}

export type Unnumbered = Omit<OutboxRow, 'seq'>;

/**
 * The envelope of an event that `input` caused, in each partition it goes to.
 * @throws EventRefusedError when its type is unknown or its own schema refuses it: a producer validates first.
 */
export function rowsOfEvent(event: NewEvent, ordinal: number, input: Input, writer: Writer): Unnumbered[] {
  const entry = writer.catalog.entry(event.type);
  if (entry === undefined) throw new EventRefusedError(`event type ${event.type} is not in the catalog`);
  try {
    entry.parse(event.data);
  } catch (cause) {
    throw new EventRefusedError(`${event.type}: ${cause instanceof Error ? cause.message : cause}`, {
      cause,
    });
  }
  const envelope: Envelope = {
    id: event.id ?? causedEventId(input.id, ordinal, { source: writer.source, type: event.type }),
    type: event.type,
    v: entry.v,
    ts: event.ts,
    key: event.key,
    source: writer.source,
    run: writer.run,
    traceparent: input.traceparent,
    requestId: input.requestId,
    causationId: input.id,
    data: event.data,
  };
  const fields = envelopeToFields(envelope);
  return targets(entry.partitionBy, event.key, writer).map((target) => ({
    eventId: envelope.id,
    stream: entry.stream,
    target,
    fields,
  }));
}

function targets(partitionBy: 'symbol' | 'account' | 'all', key: string, writer: Writer): number[] {
  if (partitionBy === 'account') return [writer.partition];
  if (partitionBy === 'symbol') return [partitionOf(key, writer.partitions)];
  return Array.from({ length: writer.partitions }, (_, partition) => partition);
}

/** What a dead letter says: where it came from, what it was, what went wrong, how often, when. */
export function rowOfDeadLetter(
  item: Item,
  error: Error & { code?: unknown },
  at: string,
  writer: Writer,
): Unnumbered {
  const stream = item.stream ?? 'local';
  const fields = {
    stream,
    group: writer.group,
    partition: String(writer.partition),
    run: writer.run,
    entryId: item.entryId ?? '',
    eventId: item.eventId,
    key: item.key,
    type: item.type,
    payload: JSON.stringify(item.fields),
    code: typeof error.code === 'string' ? error.code : error.name,
    error: error.message,
    attempts: String(item.attempts),
    at,
  };
  return {
    eventId: item.eventId,
    stream: deadLetterStream(stream),
    target: writer.partition,
    fields: Object.entries(fields).flat(),
  };
}
