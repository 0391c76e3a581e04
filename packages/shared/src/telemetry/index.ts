export { type ClockSkewOptions, clockSkewMetric } from './clock-skew.ts';
export {
  createLogger,
  LOG_LEVELS,
  type Logger,
  type LoggerOptions,
  type LogLevel,
  silentLogger,
} from './logger.ts';
export {
  createMetrics,
  DURATION_BUCKETS_SECONDS,
  type Gauge,
  type GaugeDefinition,
  type HistogramDefinition,
  type HttpArea,
  type HttpOutcome,
  type MetricDefinition,
  type Metrics,
  type MetricsOptions,
} from './metrics.ts';
export {
  childTraceparent,
  formatTraceparent,
  newTraceparent,
  parseTraceparent,
  type Traceparent,
} from './traceparent.ts';
