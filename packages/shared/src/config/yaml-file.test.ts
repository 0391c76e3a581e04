import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { ConfigError, loadYaml, parseYaml } from './index.ts';

const schema = z.object({
  limits: z.object({ orderMax: z.number().positive(), mode: z.enum(['a', 'b']).default('a') }),
  lamps: z.array(z.object({ name: z.string(), watts: z.number().optional() })).default([]),
  byRoom: z.record(z.string(), z.object({ level: z.int() })).optional(),
});

function faultsOf(text: string): readonly string[] {
  try {
    parseYaml(text, schema, 'lamps.yaml');
  } catch (error) {
    expect(error).toBeInstanceOf(ConfigError);
    return (error as ConfigError).message.split('\n').slice(1);
  }
  throw new Error('the file was taken');
}

describe('parseYaml', () => {
  it('reads a file by its schema, with defaults', () => {
    const text = 'limits: { orderMax: 5 } # why\nlamps:\n  - name: hall\nbyRoom:\n  hall: { level: 2 }\n';
    expect(parseYaml(text, schema, 'x')).toEqual({
      limits: { orderMax: 5, mode: 'a' },
      lamps: [{ name: 'hall' }],
      byRoom: { hall: { level: 2 } },
    });
  });

  it('lists every fault with its line', () => {
    const text = [
      'limits:',
      '  orderMax: -1',
      '  mod: b',
      'lamps:',
      '  - name: 7',
      '    wats: 3',
      'byRoom:',
      '  hall:',
      '    level: 1.5',
      'extra: 1',
    ].join('\n');
    expect(faultsOf(text)).toEqual([
      '  - lamps.yaml:3 limits.mod: is not a known key → did you mean mode?',
      '  - lamps.yaml:6 lamps.0.wats: is not a known key → did you mean watts?',
      '  - lamps.yaml:10 extra: is not a known key → known here: limits, lamps, byRoom',
      expect.stringMatching(/lamps.yaml:2 limits.orderMax: .*\(got -1\)/),
      expect.stringMatching(/lamps.yaml:5 lamps.0.name: .*\(got 7\)/),
      expect.stringMatching(/lamps.yaml:9 byRoom.hall.level: .*\(got 1.5\)/),
    ]);
  });

  it('names the parent line of what is missing', () => {
    expect(faultsOf('# head\nlimits:\n  mode: b\n')).toEqual([
      '  - lamps.yaml:3 limits.orderMax: is required and missing',
    ]);
  });

  it.each([
    ['broken YAML', 'limits: {orderMax: 1\nlamps: ]', /lamps.yaml:\d: is not valid YAML/],
    [
      'a key twice',
      'limits: { orderMax: 1 }\nlimits: { orderMax: 2 }',
      /lamps.yaml:2: is not valid YAML: Map keys must be unique/,
    ],
    ['an empty file', '', /\(whole file\)/],
    ['a list instead of a map', '- 1', /\(whole file\)/],
  ])('refuses %s', (_name, text, words) => {
    expect(faultsOf(text)[0]).toMatch(words);
  });

  it('refuses aliases that unpack without end', () => {
    const bomb = [
      'a: &a [x,x,x,x,x,x,x,x,x]',
      ...'bcdefg'.split('').map((k, i) => `${k}: &${k} [${`*${'abcdef'[i]},`.repeat(9)}]`),
    ].join('\n');
    expect(() => parseYaml(bomb, schema, 'lamps.yaml')).toThrow(ConfigError);
  });

  it('says which file is missing', () => {
    expect(() => loadYaml('/nowhere/lamps.yaml', schema)).toThrow('/nowhere/lamps.yaml: does not exist');
  });
});
