import { afterAll, afterEach, beforeAll } from 'vitest';
import { type TestDatabase, type TestRedis, testDatabase, testRedis } from '../infrastructure/index.ts';
import { type RunningService, type StartOptions, startService } from './running-service.ts';
import { preparePlace, type ServicePlace } from './service-place.ts';
import type { ServiceProgram } from './service-program.ts';
import { eventsOn, type WrittenEvent, writeEvents } from './stream-events.ts';

export interface ServiceScene {
  readonly database: TestDatabase;
  readonly redis: TestRedis;
  /** One more process of the service; it is stopped after the test. */
  start(
    env?: StartOptions['env'],
    options?: { readonly started?: StartOptions['started'] },
  ): Promise<RunningService>;
  /** Events of the program's run, as their services would write them. */
  write(events: readonly WrittenEvent[]): Promise<void>;
  /** What stands on a stream, in order and each event once. */
  said(stream: string): Promise<{ readonly type: string; readonly data: unknown }[]>;
}

/**
 * Stores and a place for one service. Call it at the top of the file: services that a test started are stopped after
 * it, and with `emptied` the next test finds neither keys nor rows.
 */
export async function serviceScene(
  program: ServiceProgram,
  { emptied = false }: { readonly emptied?: boolean } = {},
): Promise<ServiceScene> {
  const database = await testDatabase();
  const redis = await testRedis();
  let place: ServicePlace;
  let services: RunningService[] = [];
  beforeAll(async () => {
    place = await preparePlace(database, program);
  });
  afterEach(async () => {
    for (const service of services) await service.process.stop();
    services = [];
    if (!emptied) return;
    await redis.client.flushdb();
    await emptySchema(database, program.schema);
  });
  afterAll(() => place.clean());
  const start: ServiceScene['start'] = async (env = {}, { started } = {}) => {
    const service = await startService(program, { ...place, redisUrl: redis.url, env, started });
    services.push(service);
    return service;
  };
  return {
    ...{ database, redis, start },
    write: (events) => writeEvents(redis, program.run, events),
    said: async (stream) => (await eventsOn(redis, stream)).map(({ type, data }) => ({ type, data })),
  };
}

/** A table that refuses to be emptied (an audit) does so by triggers, which a replica's session leaves out. */
async function emptySchema({ pool }: TestDatabase, schema: string): Promise<void> {
  const { rows } = await pool.query<{ name: string }>(
    "select tablename as name from pg_tables where schemaname = $1 and tablename not like '%migrations%'",
    [schema],
  );
  const tables = rows.map(({ name }) => `${schema}.${name}`).join(', ');
  await pool.query(`begin; set local session_replication_role = replica; truncate ${tables}; commit`);
}
