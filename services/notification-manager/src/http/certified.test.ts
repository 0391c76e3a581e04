import { NotFound } from '@fleet/shared/http';
import { expect, test } from 'vitest';
import { getCertified } from './certified.ts';

const ask = (person: object | undefined) =>
  getCertified.handle({} as never, { params: {}, query: {}, body: {}, context: { person } as never });

test('is nothing, to whom a certificate was recognised', () => {
  const anna = { identity: 'anna@fleet.test', role: 'admin', fingerprint: 'ab'.repeat(32) };
  expect(ask(anna)).toBeUndefined();
  expect([getCertified.method, getCertified.status]).toEqual(['get', 204]);
});

test.each([
  ['nobody, as without the edge', undefined],
  ['a person of a route that asks for no certificate', { identity: 'vera@fleet.test', role: 'viewer' }],
])('is not there for %s', (_who, person) => {
  expect(() => ask(person)).toThrow(NotFound);
});
