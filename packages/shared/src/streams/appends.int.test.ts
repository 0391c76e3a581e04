import { testRedis } from '@fleet/testkit/infrastructure';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { Appends } from './appends.ts';

const { client } = await testRedis();
const MARKER = 'fleet.published.x.0:{0}';
let appends: Appends;

beforeEach(() => {
  appends = new Appends(client);
});
afterEach(async () => {
  await client.unwatch();
  await client.flushdb();
});

const append = (streams: string[], { marker = MARKER, target = 0, missing = false } = {}) =>
  appends.append({
    target,
    rows: streams.map((stream, i) => ({
      ...{ seq: i, eventId: `${i}`, stream, target, fields: ['n', `${i}`] },
    })) as never,
    ...{ markerKey: marker, markerValue: '7 run', markerMayBeMissing: missing },
  });

test('entries stand in order, with the marker', async () => {
  await client.set(MARKER, '0 run');
  await append(['a', 'b', 'a']);
  await append(['a']);
  const entries = await client.xrange('a:{0}', '-', '+');
  expect(entries.map(([, fields]) => fields[1])).toEqual(['0', '2', '0']);
  expect(await client.get(MARKER)).toBe('7 run');
});

test('without the marker nothing is appended, first or later, until it may be missing', async () => {
  await expect(append(['a'])).rejects.toThrow('FLEETLOST');
  await append(['a'], { missing: true });
  await append(['a']);
  await client.flushdb();
  await expect(append(['a'])).rejects.toThrow('FLEETLOST');
  expect(await client.exists('a:{0}')).toBe(0);
});

test('what another publisher marked refuses one append; the next one looks again', async () => {
  await client.set(MARKER, '0 run');
  await append(['a']);
  await client.set(MARKER, '1 another');
  await expect(append(['a'])).rejects.toThrow('FLEETMOVED');
  expect(await client.xlen('a:{0}')).toBe(1);
  await append(['a']);
  expect(await client.xlen('a:{0}')).toBe(2);
});

test('partitions in turn, each with its marker', async () => {
  const other = { marker: 'fleet.published.x.0:{1}', target: 1 };
  await client.set(MARKER, '0 run');
  await client.set(other.marker, '0 run');
  for (let n = 0; n < 3; n += 1) {
    await append(['a']);
    await append(['a'], other);
  }
  expect([await client.xlen('a:{0}'), await client.xlen('a:{1}')]).toEqual([3, 3]);
});

test('what Redis refuses is told in its own words', async () => {
  await client.set(MARKER, '0 run');
  await client.set('b:{0}', 'no stream');
  await expect(append(['a', 'b'])).rejects.toThrow('WRONGTYPE');
});
