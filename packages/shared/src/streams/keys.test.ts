import { describe, expect, test } from 'vitest';
import {
  compareEntryIds,
  entryTime,
  groupName,
  inboxGroup,
  nextEntryId,
  partitionOf,
  physicalKey,
} from './keys.ts';

test('physical keys share a cluster slot by partition', () => {
  expect(physicalKey('exec.status', 3)).toBe('exec.status:{3}');
});

test.each([
  ['own', 1, 'risk', 'risk'],
  ['all', 1, 'risk', 'risk'],
  ['own', 4, 'risk', 'risk.2'],
  ['all', 4, 'risk.2', 'risk.2'],
] as const)('group of %s with %i partitions', (reads, partitions, group, inbox) => {
  expect(groupName('risk', 2, partitions, reads)).toBe(group);
  expect(inboxGroup('risk', 2, partitions)).toBe(inbox);
});

describe('partitionOf', () => {
  // FNV-1a test vectors, 32 bit: http://www.isthe.com/chongo/tech/comp/fnv/ ("", "a", "foobar")
  test.each([
    ['', 0x811c9dc5],
    ['a', 0xe40c292c],
    ['foobar', 0xbf9cf968],
  ])('is FNV-1a of %j', (key, hash) => {
    expect(partitionOf(key, 1_000_003)).toBe(hash % 1_000_003);
    expect(partitionOf(key, 1)).toBe(0);
  });
});

test('entry ids compare as numbers', () => {
  const ids = ['10-0', '9-5', '9-10', '0-0'].sort(compareEntryIds);
  expect(ids).toEqual(['0-0', '9-5', '9-10', '10-0']);
  expect(compareEntryIds('9-5', '9-5')).toBe(0);
  expect(nextEntryId('9-5')).toBe('9-6');
  expect(entryTime('1700000000000-3')).toBe(1_700_000_000_000);
});
