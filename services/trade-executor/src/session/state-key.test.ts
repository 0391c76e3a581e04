import { initialSupervision } from '@fleet/domain/supervision';
import { expect, it } from 'vitest';
import { parseStateKey } from './state-key.ts';

const { trading } = initialSupervision(0);
const text = (over: object) => JSON.stringify({ ...trading, run: 'run-1', ...over });

it.each<[string, string | null, boolean]>([
  ['the state of this run', text({}), true],
  ['no key', null, false],
  ['no JSON', '{', false],
  ['another run', text({ run: 'run-2' }), false],
  ['no run', JSON.stringify(trading), false],
  ['a mode that does not exist', text({ mode: 'PERHAPS' }), false],
  ['an epoch that is no number', text({ epoch: '1' }), false],
  ['a field that nobody knows', text({ extra: 1 }), false],
  ['a list', '[]', false],
])('%s', (_what, key, readable) => {
  expect(parseStateKey(key, 'run-1')).toEqual(readable ? trading : null);
});
