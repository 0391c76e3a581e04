import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  decimal,
  decimalText,
  NotDecimalError,
  onStep,
  positiveDecimalText,
  roundToPlaces,
  roundToStep,
  text,
} from './index.ts';

describe('decimals', () => {
  it('are exact where doubles are not', () => {
    expect(text(decimal('0.1').add('0.2'))).toBe('0.3');
  });

  it('keep every product and sum of venue numbers', () => {
    const venueNumber = fc.bigInt({ min: 0n, max: 10n ** 16n });
    fc.assert(
      fc.property(venueNumber, venueNumber, venueNumber, (a, b, c) => {
        const of = (n: bigint) => decimal(n.toString()).div('1e8');
        const exact = (a * b + c * 10n ** 8n).toString();
        expect(of(a).mul(of(b)).add(of(c)).mul('1e16').toFixed()).toBe(exact);
      }),
    );
  });

  it('write plain text without exponent', () => {
    expect([text('1e-8'), text(1e21), text('1.500')]).toEqual([
      '0.00000001',
      '1000000000000000000000',
      '1.5',
    ]);
  });

  it.each(['', 'abc', 'NaN', 'Infinity', Number.NaN, '1,5'])('refuse %s', (bad) => {
    expect(() => decimal(bad)).toThrow(NotDecimalError);
  });
});

describe('rounding', () => {
  it.each([
    { value: '1.2345', step: '0.01', down: '1.23', up: '1.24' },
    { value: '1.23', step: '0.01', down: '1.23', up: '1.23' },
    { value: '7', step: '5', down: '5', up: '10' },
  ])('$value to $step', ({ value, step, down, up }) => {
    expect([
      text(roundToStep(decimal(value), step, 'down')),
      text(roundToStep(decimal(value), step, 'up')),
    ]).toEqual([down, up]);
  });

  it('to places, away from zero or towards it', () => {
    expect([
      text(roundToPlaces(decimal('0.123456789'), 8, 'up')),
      text(roundToPlaces(decimal('0.129'), 2, 'down')),
    ]).toEqual(['0.12345679', '0.12']);
  });

  it('gives what is on the step', () => {
    fc.assert(
      fc.property(
        fc.double({ min: 0, max: 1e6, noNaN: true }),
        fc.constantFrom('0.01', '0.00001', '0.5', '3'),
        (value, step) => {
          const down = roundToStep(decimal(value), step, 'down');
          expect(onStep(down, step)).toBe(true);
          expect(down.lte(decimal(value))).toBe(true);
          expect(decimal(value).sub(down).lt(step)).toBe(true);
        },
      ),
    );
  });
});

it('takes plain digits alone from the wire', () => {
  for (const good of ['0', '1', '-1.5', '0.00000001']) expect(decimalText.safeParse(good).success).toBe(true);
  for (const bad of ['1e5', '+1', '01', '.5', '5.', ' 1', '', '1'.repeat(61)])
    expect(decimalText.safeParse(bad).success).toBe(false);
  expect(positiveDecimalText.safeParse('0.000').success).toBe(false);
});
