import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { type Envelope, envelopeToFields, eventId } from '@fleet/domain/events/envelope';
import { createPool, migrate } from '@fleet/shared/postgres';
import {
  type Catalog,
  type Input,
  PartitionRunner,
  type Processor,
  redisFactory,
} from '@fleet/shared/streams';
import { startPostgres, startRedis } from '@fleet/testkit/infrastructure';
import { Redis } from 'ioredis';
import type { Pool } from 'pg';
import { z } from 'zod';

/**
 * Events a second of one consumer of the stream kit (parse, schema, state in memory, inbox, state, outbox and lease
 * check in one Postgres statement, publication, acknowledgement) beside a bare consumer of the same entries in the
 * same run (XREADGROUP, JSON.parse, XACK). node bench/streams.ts [entries] [runs]
 */
const ENTRIES = Number(process.argv[2] ?? 30_000);
const RUNS = Number(process.argv[3] ?? 5);
const BATCHES = [64, 256];
const BARE_COUNT = 256;
const KEYS = 20;
const KEY = 'bench.in:{0}';

const filled = z.object({
  orderId: z.string(),
  symbol: z.string(),
  price: z.string(),
  quantity: z.string(),
  n: z.number(),
});

const entry = (type: string, stream: string) =>
  ({ type, v: 1, stream, partitionBy: 'account', parse: (data: unknown) => filled.parse(data) }) as const;
const entries = [entry('order.seen', 'bench.in'), entry('order.counted', 'bench.out')];
const catalog: Catalog = {
  entry: (type) => entries.find((each) => each.type === type),
  streams: ['bench.in', 'bench.out'],
  groupsOf: () => [],
};

interface State {
  readonly totals: Map<string, number>;
  readonly changed: Set<string>;
  count: number;
}

const processor: Processor<State> = {
  load: async () => ({ totals: new Map(), changed: new Set(), count: 0 }),
  decide(state, input: Input) {
    state.totals.set(input.key, (state.totals.get(input.key) ?? 0) + 1);
    state.changed.add(input.key);
    state.count += 1;
    return {
      kind: 'done',
      events: [{ type: 'order.counted', key: input.key, ts: input.ts, data: input.data }],
    };
  },
  rows(state) {
    const rows = [...state.changed].map((symbol) => ({ symbol, total: state.totals.get(symbol) ?? 0 }));
    state.changed.clear();
    return [{ table: 'bench.totals', key: ['symbol'], rows }];
  },
};

const nothing = () => {};

async function measureKit(redisUrl: string, pool: Pool, run: string, batchMax: number): Promise<number> {
  const runner = new PartitionRunner<State>({
    service: 'bench',
    partition: 0,
    partitions: 1,
    run,
    catalog,
    subscriptions: [{ stream: 'bench.in', partitions: 'own' }],
    handles: ['order.seen'],
    processor,
    pool,
    redis: redisFactory({ url: redisUrl, connectionName: 'bench' }),
    clock: { wall: () => Date.now(), monotonic: () => performance.now() },
    logger: { debug: nothing, info: nothing, warn: console.warn, error: console.error },
    joinWaitMs: 1_000,
    lockstep: true,
    batchMax,
  });
  await runner.start();
  while (runner.status().mode !== 'running') await sleep(1);
  const began = performance.now();
  while (runner.view((state) => state.count) < ENTRIES || runner.status().outboxUnpublished > 0)
    await sleep(2);
  const seconds = (performance.now() - began) / 1_000;
  await runner.stop();
  return ENTRIES / seconds;
}

async function measureBare(redis: Redis): Promise<number> {
  await redis.xgroup('CREATE', KEY, 'bare', '0');
  const began = performance.now();
  for (let read = 0; read < ENTRIES; ) {
    const reply = (await redis.xreadgroup(
      ...(['GROUP', 'bare', 'c', 'COUNT', BARE_COUNT, 'STREAMS', KEY, '>'] as const),
    )) as [string, [string, string[]][]][];
    const ids: string[] = [];
    for (const [id, fields] of reply[0]?.[1] ?? []) {
      JSON.parse(fields.at(-1) ?? '');
      ids.push(id);
    }
    await redis.xack(KEY, 'bare', ...ids);
    read += ids.length;
  }
  return ENTRIES / ((performance.now() - began) / 1_000);
}

async function fill(redis: Redis, run: string): Promise<void> {
  await redis.flushdb();
  for (let n = 0; n < ENTRIES; ) {
    const pipeline = redis.pipeline();
    for (const end = Math.min(n + 500, ENTRIES); n < end; n += 1)
      pipeline.xadd(KEY, '*', ...fieldsOf(n, run));
    await pipeline.exec();
  }
}

function fieldsOf(n: number, run: string): string[] {
  const envelope: Envelope = {
    id: eventId(run, 'order.seen', String(n)),
    type: 'order.seen',
    v: 1,
    ts: '2024-01-01T00:00:00.000Z',
    key: `SYM${n % KEYS}`,
    source: 'bench',
    run,
    traceparent: '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01',
    requestId: 'bench',
    causationId: null,
    data: { orderId: `order-${n}`, symbol: `SYM${n % KEYS}`, price: '42000.10', quantity: '0.01500', n },
  };
  return envelopeToFields(envelope);
}

function median(values: readonly number[]): number {
  return values.toSorted((left, right) => left - right)[Math.floor(values.length / 2)] ?? 0;
}

async function measure(redisUrl: string, databaseUrl: string): Promise<void> {
  await migrate({ adminUrl: databaseUrl, schema: 'bench', role: 'bench', rolePassword: 'bench', dirs: [] });
  const pool = createPool({ connectionString: databaseUrl, applicationName: 'bench' });
  const redis = new Redis(redisUrl);
  const rates = new Map<string, number[]>();
  const note = (name: string, rate: number) => rates.set(name, [...(rates.get(name) ?? []), rate]);
  try {
    await pool.query('CREATE TABLE bench.totals (symbol text PRIMARY KEY, total int NOT NULL)');
    for (let i = 0; i < RUNS; i += 1) {
      for (const batchMax of BATCHES) {
        const run = `bench-${i}-${batchMax}`;
        await fill(redis, run);
        note(`kit, batch ${batchMax}`, await measureKit(redisUrl, pool, run, batchMax));
      }
      note('bare', await measureBare(redis));
    }
  } finally {
    redis.disconnect();
    await pool.end();
  }
  report(rates);
}

function report(rates: ReadonlyMap<string, readonly number[]>): void {
  const bare = median(rates.get('bare') ?? []);
  for (const [name, values] of rates) {
    const all = values.map((value) => Math.round(value)).join(' ');
    const ratio = (median(values) / bare).toFixed(2);
    console.log(
      `${name}: ${Math.round(median(values))} events/s (median of ${values.length}: ${all}), ${ratio} of bare`,
    );
  }
}

const dir = await mkdtemp(join(tmpdir(), 'bench-streams-'));
const redisServer = await startRedis({ dir: join(dir, 'redis') });
const postgres = await startPostgres({ dir: join(dir, 'postgres') });
try {
  await measure(redisServer.url, postgres.url);
} finally {
  await redisServer.stop();
  await postgres.stop();
  await rm(dir, { recursive: true, force: true });
}
