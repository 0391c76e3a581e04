import { type AnyStrategy, STRATEGIES } from '@fleet/domain/strategies';
import { expect, test } from 'vitest';
import { z } from 'zod';
import { parameterDraws } from './draw.ts';

const strategies = [...STRATEGIES.values()];

function take(strategy: AnyStrategy, seed: number, count: number) {
  const draws = parameterDraws(strategy, seed);
  return Array.from({ length: count }, () => draws.next());
}

test.each(strategies)('$name: the same seed draws the same sets, another seed others', (strategy) => {
  const first = take(strategy, 1, 50);
  expect(take(strategy, 1, 50)).toEqual(first);
  expect(take(strategy, 2, 50)).not.toEqual(first);
});

test.each(strategies)('$name: every set passes the schema, keeps its ranges, and comes once', (strategy) => {
  const drawn = take(strategy, 3, 500);
  expect(new Set(drawn.map((set) => JSON.stringify(set))).size).toBe(500);
  for (const set of drawn) {
    expect(strategy.parameters.parse(set)).toEqual(set);
    for (const [name, range] of Object.entries(strategy.searchSpace)) {
      const value = set?.[name];
      if (range.kind === 'choice') expect(range.values).toContain(value);
      else expect(value).toSatisfy((v: number) => v >= range.min && v <= range.max);
      if (range.kind === 'int') expect(value).toSatisfy(Number.isInteger);
    }
  }
});

function strategyWith(searchSpace: AnyStrategy['searchSpace'], parameters: z.ZodType): AnyStrategy {
  const base = strategies[0];
  if (base === undefined) throw new Error('no strategy');
  return { ...base, searchSpace, parameters: parameters as AnyStrategy['parameters'] };
}

test('steps, log scale and choices', () => {
  const strategy = strategyWith(
    {
      n: { kind: 'int', min: 10, max: 31, step: 10 },
      rate: { kind: 'float', min: 0.001, max: 10, log: true },
      mode: { kind: 'choice', values: ['a', 'b'] },
    },
    z.strictObject({ n: z.int(), rate: z.number(), mode: z.string() }),
  );
  const drawn = take(strategy, 1, 2_000).filter((set) => set !== null);
  expect(new Set(drawn.map((set) => set['n']))).toEqual(new Set([10, 20, 30]));
  expect(new Set(drawn.map((set) => set['mode']))).toEqual(new Set(['a', 'b']));
  // On a log scale half of the draws lie below the geometric mean, 0.1.
  const below = drawn.filter((set) => Number(set['rate']) < 0.1).length / drawn.length;
  expect(below).toBeGreaterThan(0.45);
  expect(below).toBeLessThan(0.55);
  for (const set of drawn)
    expect(String(set['rate']).replace(/^0\.0*|\D/g, '').length).toBeLessThanOrEqual(7);
});

test('invalid draws are drawn again; an exhausted space ends the search', () => {
  const even = z.strictObject({ n: z.int().refine((n) => n % 2 === 0) });
  const strategy = strategyWith({ n: { kind: 'int', min: 1, max: 6 } }, even);
  const drawn = take(strategy, 1, 5);
  expect(
    drawn
      .slice(0, 3)
      .map((set) => set?.['n'])
      .toSorted(),
  ).toEqual([2, 4, 6]);
  expect(drawn.slice(3)).toEqual([null, null]);
});
