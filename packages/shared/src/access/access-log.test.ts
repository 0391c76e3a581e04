import { describe, expect, test } from 'vitest';
import { createLogger } from '../telemetry/index.ts';
import type { AuditEntry } from './access-entry.ts';
import { AccessLog } from './access-log.ts';

function scene(fails = 0) {
  const stored: string[] = [];
  const counted = { written: 0, dropped: 0 };
  const lines: string[] = [];
  let failures = fails;
  let now = 0;
  const log = new AccessLog({
    db: {
      query: async (text, values) => {
        if (!text.startsWith('insert')) return;
        if (failures > 0) {
          failures -= 1;
          throw new Error('postgres is away');
        }
        stored.push(...(JSON.parse(String(values[0])) as AuditEntry[]).map(({ requestId }) => requestId));
      },
    },
    schema: 'lamps',
    logger: createLogger({
      service: 'lamps',
      level: 'info',
      destination: { write: (line) => lines.push(line) },
    }),
    monotonic: () => now,
    onRows: (outcome, count) => {
      counted[outcome] += count;
    },
    retryMs: 1,
  });
  const pass = (ms: number): void => {
    now += ms;
  };
  return { log, stored, counted, lines, pass };
}

const entry = (requestId: string, outcome: AuditEntry['outcome'] = 'granted'): AuditEntry => ({
  ...{ at: '2027-03-01T12:00:00.000Z', outcome, method: 'POST', path: '/x', address: '198.51.100.7' },
  ...{ requestId, traceparent: '00-1-2-01', identity: 'anna@fleet.test' },
});

test('rows and lines, in order', async () => {
  const { log, stored, counted, lines } = scene();
  for (const id of ['a', 'b', 'c']) expect(log.record(entry(id))).toBe(true);
  await log.written();
  expect(stored).toEqual(['a', 'b', 'c']);
  expect(counted).toEqual({ written: 3, dropped: 0 });
  expect(lines.filter((line) => line.includes('call granted'))).toHaveLength(3);
});

test('while the database is away rows wait, told once, and none is lost', async () => {
  const { log, stored, lines } = scene(5);
  for (const id of ['a', 'b']) log.record(entry(id));
  await log.written();
  expect(stored).toEqual(['a', 'b']);
  expect(lines.filter((line) => line.includes('they wait'))).toHaveLength(1);
});

test('what cannot be stored at the end is counted', async () => {
  const { log, counted } = scene(Number.POSITIVE_INFINITY);
  log.record(entry('a'));
  await log.close();
  expect(counted).toEqual({ written: 0, dropped: 1 });
});

describe('a flood', () => {
  test('of refusals keeps its share, and grants keep theirs', async () => {
    const { log, stored, counted, lines, pass } = scene();
    for (let n = 0; n < 1_000; n += 1) log.record(entry(`r${n}`, 'refused'));
    expect(log.record(entry('granted'))).toBe(true);
    await log.written();
    expect([stored.length, counted.dropped]).toEqual([101, 900]);
    pass(1_000);
    const kept = Array.from({ length: 10 }, (_, n) => log.record(entry(`s${n}`, 'refused')));
    expect(kept.filter(Boolean)).toHaveLength(5);
    pass(10_000);
    await log.close();
    const told = lines.filter((line) => line.includes('not kept one by one'));
    expect(told.length).toBeLessThanOrEqual(3);
    expect(told.map((line) => Number(/"dropped":(\d+)/.exec(line)?.[1])).reduce((a, b) => a + b)).toBe(905);
  });
});
