import { createRandom, nextInteger, nextUniform, type RandomState } from '@fleet/domain/random';
import type { AnyStrategy, SearchRange, StrategyParameters } from '@fleet/domain/strategies';

/** So many draws in a row that are invalid or known end the search: there is nothing new to be found. */
export const REDRAWS_MAX = 1_000;
/** Digits of a drawn float: readable, and the same on every engine although exp and log may differ in their last bit. */
const FLOAT_DIGITS = 6;

/** A seeded sequence of parameter sets: each passes the strategy's schema, none comes twice. */
export interface ParameterDraws {
  /** The next set, or null when REDRAWS_MAX draws in a row brought nothing new. */
  next(): StrategyParameters | null;
}

/**
 * Draws parameters at random from the strategy's search space: uniform, on a log scale where the range says so. Same
 * strategy and seed, same sequence: a study that was cut off draws it again and leaves out what it has tried.
 */
export function parameterDraws(strategy: AnyStrategy, seed: number): ParameterDraws {
  const random = createRandom(`${strategy.name}|${seed}`);
  const ranges = Object.entries(strategy.searchSpace).sort(([left], [right]) => (left < right ? -1 : 1));
  const seen = new Set<string>();
  const draw = (): StrategyParameters =>
    Object.fromEntries(ranges.map(([name, range]) => [name, drawValue(random, range)]));
  return {
    next() {
      for (let attempt = 0; attempt < REDRAWS_MAX; attempt += 1) {
        const parsed = strategy.parameters.safeParse(draw());
        if (!parsed.success) continue;
        const text = JSON.stringify(parsed.data);
        if (seen.has(text)) continue;
        seen.add(text);
        return parsed.data;
      }
      return null;
    },
  };
}

function drawValue(random: RandomState, range: SearchRange): string | number | boolean {
  switch (range.kind) {
    case 'int': {
      const step = range.step ?? 1;
      return range.min + step * nextInteger(random, 0, Math.floor((range.max - range.min) / step));
    }
    case 'float':
      return drawFloat(random, range);
    case 'choice': {
      const value = range.values[nextInteger(random, 0, range.values.length - 1)];
      if (value === undefined) throw new RangeError('a choice of a search space has no values');
      return value;
    }
  }
}

function drawFloat(random: RandomState, { min, max, log }: Extract<SearchRange, { kind: 'float' }>): number {
  const at = nextUniform(random);
  const value = log ? Math.exp(Math.log(min) + at * (Math.log(max) - Math.log(min))) : min + at * (max - min);
  return Math.min(max, Math.max(min, Number(value.toPrecision(FLOAT_DIGITS))));
}
