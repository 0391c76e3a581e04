import { defineError } from '../errors/index.ts';

export const NotLeaderError = defineError({
  code: 'NOT_LEADER',
  title: 'This replica does not hold the lease of the partition',
  status: 503,
  retry: 'retry',
  action:
    'Repeat the request in a moment, at the replica whose /status says leader; a takeover lasts one lease.',
});

export const QueueFullError = defineError({
  code: 'QUEUE_FULL',
  title: 'Too many inputs wait to be decided',
  status: 503,
  retry: 'retry',
  action: 'Repeat the request later; look at lag, Postgres latency and the problem that /status names.',
});

export const EntryParseError = defineError({
  code: 'ENTRY_UNREADABLE',
  title: 'A stream entry does not fit the schema of its type and version',
  status: 500,
  retry: 'park',
  action:
    'Compare the versions of the writing and the reading service, then requeue or drop the dead letter.',
});

export const EventRefusedError = defineError({
  code: 'EVENT_REFUSED',
  title: 'A decision produced an event that its own schema refuses',
  status: 500,
  retry: 'park',
  action: 'This is a fault of the service that decided; correct it, then requeue the dead letter.',
});

export const KeyHeldError = defineError({
  code: 'KEY_HELD',
  title: 'An earlier entry of this key is parked',
  status: 409,
  retry: 'park',
  action: 'Requeue or drop the parked entries of the key; this one follows them in order.',
});

export const NothingParkedError = defineError({
  code: 'NOTHING_PARKED',
  title: 'No parked entry has this key or id',
  status: 404,
  retry: 'park',
  action: 'List the dead letters; another request may have taken the entry back already.',
});

export const LetterUnreadableError = defineError({
  code: 'LETTER_UNREADABLE',
  title: 'A dead letter is not as the services write them',
  status: 409,
  retry: 'park',
  action:
    'It is never taken back, and what its reader parked is not touched by it. Look who may write to its stream (redis/users.acl): one of them wrote it.',
});

export const WiringError = defineError({
  code: 'STREAM_WIRING',
  title: 'The stream consumer is not wired completely',
  status: 500,
  retry: 'crash',
  action: 'Correct handles, subscriptions or catalog as the message says.',
});

export const PartitionCountError = defineError({
  code: 'PARTITION_COUNT_CHANGED',
  title: 'STREAM_PARTITIONS differs from the recorded count and the streams are not drained',
  status: 503,
  retry: 'crash',
  action:
    'Start with the recorded count, stop the writers, wait until lag, pending and outbox are 0, then change it.',
});

export const TableWriteError = defineError({
  code: 'TABLE_WRITE_REFUSED',
  title: 'A processor returned rows that cannot become a statement',
  status: 500,
  retry: 'crash',
  action: 'This is a fault of the service: correct the rows that the message names.',
});
