import { Decimal as DecimalJs } from 'decimal.js';

/**
 * Decimal arithmetic for everything that is money: cash, quantities, cost, fees. 60 significant digits,
 * so that sums and products of venue numbers (8 decimals each) are exact; only divisions round.
 */
export const Decimal = DecimalJs.clone({
  precision: 60,
  rounding: DecimalJs.ROUND_HALF_EVEN,
  toExpNeg: -40,
  toExpPos: 40,
});
export type Decimal = DecimalJs;

export const ZERO: Decimal = new Decimal(0);

/** A text that is no plain decimal number where money was expected. */
export class NotDecimalError extends Error {
  readonly code = 'NOT_DECIMAL';
  override readonly name = 'NotDecimalError';
}

/**
 * Decimal of a plain decimal text or a finite number (by its shortest text, which is exact for prices and
 * quantities of up to 15 digits).
 * @throws NotDecimalError for anything that is not finite.
 */
export function decimal(value: string | number | Decimal): Decimal {
  // Decimals never change: one that is finite already needs no copy.
  if (value instanceof Decimal && value.isFinite()) return value;
  let result: Decimal;
  try {
    result = new Decimal(value);
  } catch (cause) {
    throw new NotDecimalError(`not a decimal number: ${JSON.stringify(value)}`, { cause });
  }
  if (!result.isFinite()) throw new NotDecimalError(`not a finite decimal number: ${String(value)}`);
  return result;
}

/** Plain text without exponent and without trailing zeros, as it goes on the wire and into the store. */
export function text(value: Decimal | string | number): string {
  return decimal(value).toFixed();
}

export type Rounding = 'down' | 'up';

/**
 * Multiple of `step` next to `value`, towards zero (`down`) or away from it (`up`). Units as `value`.
 * A value on the grid is returned unchanged.
 */
export function roundToStep(value: Decimal, step: string | Decimal, rounding: Rounding): Decimal {
  const mode = rounding === 'down' ? DecimalJs.ROUND_DOWN : DecimalJs.ROUND_UP;
  return value.toNearest(constant(step), mode);
}

/** Texts that come again and again: steps, minima and rates of the configuration. Bounded, so that no input fills it. */
const constants = new Map<string, Decimal>();
const CONSTANTS_MAX = 1_000;

/** Decimal of a text of the configuration, parsed once. */
export function constant(value: string | Decimal): Decimal {
  if (typeof value !== 'string') return value;
  const known = constants.get(value);
  if (known !== undefined) return known;
  const parsed = decimal(value);
  if (constants.size < CONSTANTS_MAX) constants.set(value, parsed);
  return parsed;
}

/** Rounds to a number of decimal places, towards zero or away from it. */
export function roundToPlaces(value: Decimal, places: number, rounding: Rounding): Decimal {
  return value.toDecimalPlaces(places, rounding === 'down' ? DecimalJs.ROUND_DOWN : DecimalJs.ROUND_UP);
}

/** True when `value` is a whole multiple of `step`. */
export function onStep(value: Decimal, step: string): boolean {
  return value.mod(constant(step)).isZero();
}
