export type { Catalog, CatalogEntry, Subscription } from './catalog.ts';
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
export { type StreamMetrics, silentStreamMetrics } from './stream-metrics.ts';
