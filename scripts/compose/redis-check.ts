import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { catalog } from '@fleet/domain/events';
import { Redis } from 'ioredis';
import type { SmokeProject } from './smoke-project.ts';
import { until } from './until.ts';

const BACK_MS_MAX = 60_000;

/**
 * Restarted, Redis still has what it was given: of no stream fewer entries were ever added. Lengths would not do, for
 * the fleet trims what everybody has read.
 */
export async function checkRedisRestart(smoke: SmokeProject, signal: AbortSignal): Promise<string> {
  const before = await entriesAdded(smoke);
  await smoke.project.compose('restart', '--timeout', '20', 'redis');
  let after = new Map<string, number>();
  await until(BACK_MS_MAX, signal, async () => {
    after = await entriesAdded(smoke);
    return null;
  });
  const lost = [...before].filter(([stream, added]) => (after.get(stream) ?? 0) < added);
  if (before.size === 0) throw new Error('no stream was there before');
  if (lost.length > 0)
    throw new Error(
      lost.map(([stream, added]) => `${stream}: ${added} before, ${after.get(stream) ?? 0} after`).join('\n'),
    );
  const entries = [...before.values()].reduce((sum, added) => sum + added, 0);
  return `${entries} entries of ${before.size} streams`;
}

async function entriesAdded({ secretsDir, redisPort }: SmokeProject): Promise<Map<string, number>> {
  const password = readFileSync(join(secretsDir, 'redis_operator_password'), 'utf8').trim();
  const options = { username: 'operator', password, lazyConnect: true, maxRetriesPerRequest: 0 };
  const client = new Redis(redisPort, '127.0.0.1', { ...options, retryStrategy: () => null });
  client.on('error', () => undefined); // connect() rejects with it
  try {
    await client.connect();
    const added = new Map<string, number>();
    for (const stream of catalog.streams) {
      const key = `${stream}:{0}`;
      if ((await client.exists(key)) === 0) continue;
      const fields = (await client.xinfo('STREAM', key)) as unknown[];
      added.set(stream, Number(fields[fields.indexOf('entries-added') + 1]));
    }
    return added;
  } finally {
    client.disconnect();
  }
}
