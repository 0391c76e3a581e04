import { cpSync } from 'node:fs';
import { join } from 'node:path';
import { catalog, eventId } from '@fleet/domain/events';
import { checkout, type TestRedis } from '@fleet/testkit/infrastructure';
import { entriesOn, type RunningService, type ServiceProgram, writeEvents } from '@fleet/testkit/services';
import { type Fed, RUN } from './feed.ts';

export const ADMIN_TOKEN = 'admin-token-of-the-test';

export const PROGRAM: ServiceProgram = {
  home: join(import.meta.dirname, '..'),
  schema: 'orchestrator',
  run: RUN,
  furnish: (folder) => cpSync(join(checkout, 'config'), join(folder, 'config'), { recursive: true }),
  env: () => ({ ADMIN_TOKEN }),
  started: standsAs('running'),
};

/** A replica that stands by is waited for no further than its listener: as `acquiring`. */
export function standsAs(wanted: 'running' | 'acquiring') {
  return async (service: RunningService): Promise<boolean> => {
    const { runners = [] } = (await service.status()) as { runners?: { mode: string }[] };
    return runners.some(({ mode }) => mode === wanted) && (await service.get('/ready')).status === 200;
  };
}

let written = 0;

/** Writes events as their services would. */
export async function write(redis: TestRedis, ...fed: readonly Fed[]): Promise<void> {
  const events = fed.map(({ type, data, at }) => {
    written += 1;
    catalog.entry(type)?.parse(data);
    return { id: eventId(RUN, type, `test-${written}`), type, data, ts: new Date(at).toISOString() };
  });
  await writeEvents(redis, RUN, events);
}

/** Events of a stream that the service has written, oldest first. */
export async function read<Data>(
  redis: TestRedis,
  stream: string,
): Promise<{ readonly id: string; readonly type: string; readonly data: Data }[]> {
  const entries = await entriesOn(redis, stream);
  return entries.map(({ id, type, data }) => ({ id, type, data: data as Data }));
}
