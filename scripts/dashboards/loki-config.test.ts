import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { z } from 'zod';

const text = readFileSync(join(import.meta.dirname, '../../loki/loki.yml'), 'utf8');

const duration = z.string().regex(/^\d+(ms|s|m|h)$/);
const size = z.string().regex(/^\d+(KB|MB)$/);
const count = z.int().positive();
const megabytes = z.number().positive().max(64);
const path = z.string().regex(/^\/loki(\/[a-z]+)?$/);

/** Keys of Loki 3.7 that are used, each with what it may be; Loki itself refuses to start with another key. */
const LOKI = z.strictObject({
  // One tenant: without it Alloy's lines and Grafana's questions would need a name.
  auth_enabled: z.literal(false),
  server: z.strictObject({
    http_listen_address: z.literal('0.0.0.0'),
    http_listen_port: z.literal(3100),
    grpc_listen_address: z.literal('127.0.0.1'),
    grpc_listen_port: z.literal(9095),
    log_level: z.enum(['info', 'warn', 'error']),
    log_format: z.literal('json'),
  }),
  common: z.strictObject({
    instance_addr: z.literal('127.0.0.1'),
    path_prefix: z.literal('/loki'),
    replication_factor: z.literal(1),
    ring: z.strictObject({ kvstore: z.strictObject({ store: z.literal('inmemory') }) }),
    storage: z.strictObject({
      filesystem: z.strictObject({ chunks_directory: path, rules_directory: path }),
    }),
  }),
  schema_config: z.strictObject({
    configs: z.tuple([
      z.strictObject({
        from: z.string().regex(/^\d{4}-\d\d-\d\d$/),
        store: z.literal('tsdb'),
        object_store: z.literal('filesystem'),
        schema: z.literal('v13'),
        // The store wants tables of a day.
        index: z.strictObject({ prefix: z.literal('index_'), period: z.literal('24h') }),
      }),
    ]),
  }),
  ingester: z.strictObject({
    wal: z.strictObject({ enabled: z.literal(true), dir: path, flush_on_shutdown: z.literal(true) }),
    chunk_encoding: z.enum(['snappy', 'gzip', 'zstd']),
    chunk_idle_period: duration,
    max_chunk_age: duration,
  }),
  compactor: z.strictObject({
    working_directory: path,
    compaction_interval: duration,
    // Without it nothing is ever deleted, whatever the periods say.
    retention_enabled: z.literal(true),
    retention_delete_delay: duration,
    delete_request_store: z.literal('filesystem'),
  }),
  limits_config: z.strictObject({
    retention_period: z.literal('720h'),
    deletion_mode: z.literal('disabled'),
    retention_stream: z.tuple([
      z.strictObject({
        selector: z.literal('{level=~"warn|error|fatal"}'),
        priority: z.literal(1),
        period: z.literal('2160h'),
      }),
    ]),
    allow_structured_metadata: z.literal(true),
    max_structured_metadata_size: size,
    max_structured_metadata_entries_count: count.max(64),
    max_line_size: size,
    max_line_size_truncate: z.literal(true),
    max_label_names_per_series: count.max(15),
    max_label_value_length: count.max(2048),
    max_global_streams_per_user: count.max(10_000),
    ingestion_rate_mb: megabytes,
    ingestion_burst_size_mb: megabytes,
    per_stream_rate_limit: size,
    per_stream_rate_limit_burst: size,
    reject_old_samples: z.literal(true),
    reject_old_samples_max_age: z.literal('168h'),
    creation_grace_period: duration,
    // The longest retention and an hour.
    max_query_length: z.literal('2161h'),
    max_query_parallelism: count.max(32),
    max_query_series: count.max(5_000),
    max_entries_limit_per_query: count.max(10_000),
    query_timeout: duration,
    split_queries_by_interval: duration,
    discover_service_name: z.tuple([]),
    discover_log_levels: z.literal(false),
    volume_enabled: z.literal(true),
  }),
  query_range: z.strictObject({
    results_cache: z.strictObject({
      cache: z.strictObject({
        embedded_cache: z.strictObject({ enabled: z.boolean(), max_size_mb: megabytes }),
      }),
    }),
  }),
  frontend: z.strictObject({ max_outstanding_per_tenant: count, encoding: z.literal('protobuf') }),
  querier: z.strictObject({ max_concurrent: count.max(32) }),
  pattern_ingester: z.strictObject({ enabled: z.literal(false) }),
  analytics: z.strictObject({ reporting_enabled: z.literal(false) }),
});

function holds(changed: string): boolean {
  try {
    return LOKI.safeParse(parse(changed)).success;
  } catch {
    return false;
  }
}

describe('loki/loki.yml', () => {
  it('has the keys that Loki knows, with values that it takes', () => {
    expect(LOKI.parse(parse(text))).toBeDefined();
  });

  it.each([
    ['auth_enabled: false', 'auth_enabled: fals'],
    ['auth_enabled: false', 'auth_enabled: true'],
    ['store: inmemory', 'store: consul'],
    ['store: tsdb', 'store: boltdb-shipper'],
    ['schema: v13', 'schema: v12'],
    ['period: 24h', 'period: 1h'],
    ['retention_period: 720h', 'retention_period: 1h'],
    ['retention_period: 720h', 'retention_period: 720'],
    ['period: 2160h', 'period: 1h'],
    ['retention_enabled: true', 'retention_enabled: false'],
    ['  retention_enabled: true\n', ''],
    ['deletion_mode: disabled', 'deletion_mode: filter-and-delete'],
    ['server:\n', 'server:\n  an_unknown_key: 1\n'],
    ['\nquerier:', '\nqueriers:'],
    ['\nquerier:', '\nsomething_else: {}\nquerier:'],
    ['grpc_listen_address: 127.0.0.1', 'grpc_listen_address: 0.0.0.0'],
    ['http_listen_port: 3100', 'http_listen_port: 3101'],
    ['max_global_streams_per_user: 1000', 'max_global_streams_per_user: 0'],
    ['ingestion_rate_mb: 8', 'ingestion_rate_mb: 8MB'],
    ['query_timeout: 60s', 'query_timeout: 60'],
    ['allow_structured_metadata: true', 'allow_structured_metadata: false'],
    ['reporting_enabled: false', 'reporting_enabled: true'],
    ['compactor:\n', 'compactor\n'],
  ])('is refused when %j is %j', (from, to) => {
    expect(text).toContain(from);
    expect(holds(text.replace(from, to))).toBe(false);
  });
});
