import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { formatCandleText } from '@fleet/domain/candles';
import { catalog, eventId } from '@fleet/domain/events';
import type { TestRedis } from '@fleet/testkit/infrastructure';
import { eventsOn, type RunningService, type ServiceProgram, writeEvents } from '@fleet/testkit/services';
import { FILES, marketText, SYMBOLS } from './study-fixture.ts';

export const RUN = 'optimizer-test';
const ADMIN_TOKEN = 'admin-token-of-the-test';
const DAYS = 3;

export const PROGRAM: ServiceProgram = {
  home: join(import.meta.dirname, '..'),
  schema: 'optimizer',
  run: RUN,
  furnish(folder) {
    for (const name of ['config', 'candles']) mkdirSync(join(folder, name));
    for (const [name, content] of Object.entries(FILES)) {
      // JSON is YAML too.
      writeFileSync(join(folder, 'config', `${name}.yaml`), JSON.stringify(content));
    }
    for (const symbol of SYMBOLS) {
      const text = formatCandleText(marketText(symbol, DAYS));
      writeFileSync(join(folder, 'candles', `${symbol}-1m-made-up.csv.gz`), gzipSync(text));
    }
  },
  env: (folder) => ({ ADMIN_TOKEN, CANDLES_DIR: join(folder, 'candles'), OPTIMIZER_NICE: '0' }),
};

export interface OptimizerService extends RunningService {
  /** With the admin token. */
  admin(path: string, body: unknown): ReturnType<RunningService['post']>;
  metrics(): Promise<string>;
}

export function asOptimizer(service: RunningService): OptimizerService {
  return {
    ...service,
    admin: (path, body) => service.post(path, body, { 'x-admin-token': ADMIN_TOKEN }),
    metrics: async () => (await fetch(`${service.url}/metrics`)).text(),
  };
}

/** Writes a `study.requested` as any service would. */
export async function requestByEvent(redis: TestRedis, data: { readonly studyId: string }): Promise<void> {
  const type = 'study.requested';
  const id = eventId(RUN, type, data.studyId);
  await writeEvents(redis, RUN, [{ id, type, data, ts: '2024-01-05T00:00:00.000Z' }]);
}

/** Every event of a stream once, as its readers take it, parsed by the catalog. */
export async function parsedEventsOn(redis: TestRedis, stream: string) {
  return (await eventsOn(redis, stream)).map(({ type, data, key }) => {
    return { type, key, data: catalog.entry(type)?.parse(data) as Record<string, unknown> };
  });
}
