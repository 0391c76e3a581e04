import { expect, test } from 'vitest';
import { copyState, restoreState, SnapshotShapeError } from './snapshot.ts';

const template = () => ({ period: 3, ready: false, value: 0.1, ring: [0, 0, 0], inner: { name: 'x' } });

test('a copy shares nothing and keeps every bit', () => {
  const state = { ...template(), value: 0.1 + 0.2, ring: [1 / 3, Number.MIN_VALUE, 1e300] };
  const copy = copyState(state);
  expect(copy).toEqual(state);
  copy.ring[0] = 9;
  expect(state.ring[0]).toBe(1 / 3);
  expect(restoreState(template(), copyState(state))).toEqual(state);
});

test.each([
  ['a missing key', { ...template(), value: undefined }, 'state.value'],
  ['an unknown key', { ...template(), extra: 1 }, 'state.extra'],
  ['another kind', { ...template(), ready: 1 }, 'state.ready'],
  ['a number that is none', { ...template(), value: Number.NaN }, 'state.value'],
  ['a list of another length', { ...template(), ring: [0, 0] }, 'state.ring'],
  ['a list for an object', { ...template(), inner: [] }, 'state.inner'],
  ['another parameter', { ...template(), period: 4 }, 'state.period'],
  ['a null', null, 'state'],
])('refuses %s', (_name, stored, path) => {
  const attempt = () => restoreState(template(), stored);
  expect(attempt).toThrow(SnapshotShapeError);
  expect(attempt).toThrow(expect.objectContaining({ path, code: 'SNAPSHOT_SHAPE_INVALID' }));
});
