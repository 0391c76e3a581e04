import { expect, test } from 'vitest';
import { cleaned } from './clean-text.ts';

test.each([
  ['zero-width', 'a\u200bb\u200d\ufeff', 'ab'],
  ['directional marks', '\u202eevil\u2066', 'evil'],
  ['tags that spell hidden words', 'ok\u{e0041}\u{e0042}', 'ok'],
  ['variation selectors of the supplement', 'x\u{e0100}', 'x'],
  ['control characters, but tab and newline', 'a\u001b[2Jb\t\n', 'a[2Jb\t\n'],
  ['what people read', 'Verlust 3 % – größer als ½ €', 'Verlust 3 % – größer als ½ €'],
])('%s', (_name, text, expected) => {
  expect(cleaned({ list: [{ 'na\u200bme': text }] })).toEqual({ list: [{ name: expected }] });
});

test('numbers, null and truth stay', () => {
  expect(cleaned([1, null, true])).toEqual([1, null, true]);
});

test('nesting is bounded', () => {
  let deep: unknown = 'end';
  for (let level = 0; level < 100; level += 1) deep = [deep];
  expect(JSON.stringify(cleaned(deep))).toContain('nested too deeply');
});
