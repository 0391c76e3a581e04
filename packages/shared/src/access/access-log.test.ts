import { describe, expect, test } from 'vitest';
import { createLogger } from '../telemetry/index.ts';
import type { AuditEntry } from './access-entry.ts';
import { AccessLog } from './access-log.ts';

function scene(fails = 0) {
  const stored: string[] = [];
  const counted = { written: 0, dropped: 0, pruned: 0 };
  const lines: string[] = [];
  let failures = fails;
  let now = 0;
  const log = new AccessLog({
    db: {
      query: async (text, values) => {
        if (text.startsWith('delete')) counted.pruned += 1;
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
const without = (requestId: string, outcome: AuditEntry['outcome'] = 'granted'): AuditEntry => {
  const { identity: _identity, ...rest } = entry(requestId, outcome);
  return rest;
};

test('rows and lines, in order', async () => {
  const { log, stored, counted, lines } = scene();
  for (const id of ['a', 'b', 'c']) expect(log.record(entry(id))).toBe(true);
  await log.written();
  expect(stored).toEqual(['a', 'b', 'c']);
  expect(counted).toEqual({ written: 3, dropped: 0, pruned: 1 });
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
  expect(counted).toEqual({ written: 0, dropped: 1, pruned: 0 });
});

describe('a flood', () => {
  test('of refusals keeps its share, and grants keep theirs', async () => {
    const { log, stored, counted, lines, pass } = scene();
    for (let n = 0; n < 1_000; n += 1) log.record(without(`r${n}`, 'refused'));
    expect(log.record(entry('granted'))).toBe(true);
    await log.written();
    expect([stored.length, counted.dropped]).toEqual([101, 900]);
    pass(1_000);
    const kept = Array.from({ length: 10 }, (_, n) => log.record(without(`s${n}`, 'refused')));
    expect(kept.filter(Boolean)).toHaveLength(5);
    pass(10_000);
    await log.close();
    const told = lines.filter((line) => line.includes('not kept one by one'));
    expect(told.length).toBeLessThanOrEqual(3);
    expect(told.map((line) => Number(/"dropped":(\d+)/.exec(line)?.[1])).reduce((a, b) => a + b)).toBe(905);
  });

  test.each<[string, (n: number) => AuditEntry]>([
    ['of nobody', (n) => without(`f${n}`)],
    ['of a service', (n) => ({ ...without(`f${n}`), service: 'mcp-hub-controller' })],
    ['of refused strangers', (n) => without(`f${n}`, 'refused')],
    ['of strangers with an account', (n) => ({ ...entry(`f${n}`, 'refused'), reason: 'IDENTITY_UNKNOWN' })],
    ['of a person who is refused', (n) => ({ ...entry(`f${n}`, 'refused'), identity: 'vera@fleet.test' })],
    ['of his own', (n) => entry(`f${n}`)],
  ])('%s crowds out neither what a person was granted nor another one who is refused', async (_name, of) => {
    const { log, stored } = scene();
    for (let n = 0; n < 1_500; n += 1) {
      log.record(of(n));
      if (n % 500 === 0) await log.written();
    }
    const refused: AuditEntry = { ...entry('refused', 'refused'), reason: 'ADMIN_TOKEN_WRONG' };
    expect([log.record(entry('granted')), log.record(refused)]).toEqual([true, true]);
    await log.written();
    expect(stored.slice(-2)).toEqual(['granted', 'refused']);
  });

  test('fills half of what waits for the database, never all', async () => {
    const { log, stored } = scene(2);
    for (let n = 0; n < 30; n += 1)
      for (let m = 0; m < 100; m += 1)
        log.record({ ...entry(`f${n}-${m}`, 'refused'), identity: `p${n}@fleet.test` });
    expect(log.record(entry('granted'))).toBe(true);
    await log.written();
    expect([stored.length, stored.at(-1)]).toEqual([1_001, 'granted']);
  });
});

test('old rows are removed once an hour', async () => {
  const { log, counted, pass } = scene();
  const write = async (id: string) => {
    log.record(entry(id));
    await log.written();
  };
  for (const [ms, pruned] of [
    [0, 1],
    [3_599_000, 1],
    [1_000, 2],
  ] as const) {
    pass(ms);
    await write(String(ms));
    expect(counted.pruned).toBe(pruned);
  }
});
