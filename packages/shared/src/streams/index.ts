export { type PendingOfGroup, redisStreamAdmin, type StreamAdmin } from './admin.ts';
export type { Catalog, CatalogEntry, Subscription } from './catalog.ts';
export { type RedisConnectionOptions, redisFactory, whenReady } from './connection.ts';
export { type DeadLetter, isReadable } from './dead-letter.ts';
export {
  CONTROL_STREAM,
  compareEntryIds,
  deadLetterStream,
  groupName,
  inboxGroup,
  partitionOf,
  physicalKey,
} from './keys.ts';
export { LAG_UNKNOWN, streamMetrics } from './metrics.ts';
export type {
  BackoffOptions,
  Clock,
  RedisFactory,
  RedisPurpose,
  RunnerMode,
  RunnerOptions,
  RunnerStatus,
  StreamLogger,
  StreamStatus,
} from './options.ts';
export type { Parked } from './parked.ts';
export type {
  DecideContext,
  Decided,
  Input,
  LocalInput,
  NewEvent,
  Processor,
  RunnerControl,
  Scope,
  TableWrite,
} from './processor.ts';
export { backoffMs, type Ruling, ruleOn, type Verdict } from './retry.ts';
export { PartitionRunner } from './runner.ts';
export { runnerMetrics } from './runner-metrics.ts';
export {
  EntryParseError,
  EventRefusedError,
  KeyHeldError,
  LetterUnreadableError,
  NothingParkedError,
  NotLeaderError,
  PartitionCountError,
  QueueFullError,
  TableWriteError,
  WiringError,
} from './stream-errors.ts';
export { type StreamMetrics, silentStreamMetrics } from './stream-metrics.ts';
export { type Trimmed, type TrimOptions, trimStreams } from './trim.ts';
