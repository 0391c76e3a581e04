import { expect, test } from 'vitest';
import { identityOf } from './identity.ts';
import { operatorSchema } from './operators.ts';

test('an identity is in lower case', () => {
  expect(identityOf('Anna.O+x@Fleet.Test')).toBe('anna.o+x@fleet.test');
});

test.each([
  '\u212Aarl@fleet.test',
  'karl@fleet.te\u017Ft',
  'an\u0130a@fleet.test',
  'jürgen@fleet.test',
  'a b@x',
  'a\n@x',
  '',
])('%j is nobody', (email) => {
  expect(identityOf(email)).toBeUndefined();
});

test('a person who could never enter is not listed', () => {
  const listed = (identity: string) => operatorSchema.safeParse({ identity, role: 'viewer' });
  expect(listed('juergen@fleet.test').success).toBe(true);
  expect(listed('jürgen@fleet.test').error?.issues[0]?.message).toMatch(/printable ASCII/);
});
