import { describe, expect, it } from 'vitest';
import { decimal } from '../money/index.ts';
import { AAA } from './desk.fixture.ts';
import { type Protection, protectAfterFill, protectiveTrigger, UNPROTECTED } from './protection.ts';

describe('the trigger', () => {
  it.each([
    { average: '100', distance: '10', standing: null, trigger: '90' },
    { average: '100.005', distance: '10', standing: null, trigger: '90' },
    { average: '100.019', distance: '10.001', standing: null, trigger: '90.01' },
    { average: '100', distance: '10', standing: '90.01', trigger: '90.01' },
    { average: '110', distance: '10', standing: '90', trigger: '100' },
    { average: '100', distance: '100', standing: null, trigger: null },
    { average: '100', distance: '99.995', standing: null, trigger: null },
    { average: '100', distance: '200', standing: '50', trigger: '50' },
  ])(
    'of $average less $distance, $standing standing: $trigger',
    ({ average, distance, standing, trigger }) => {
      const before = standing === null ? null : decimal(standing);
      expect(protectiveTrigger(AAA, decimal(average), decimal(distance), before)?.toFixed() ?? null).toBe(
        trigger,
      );
    },
  );
});

/** Buys and sells as `side quantity price distance`, holdings summed; the trigger after each. */
function triggers(...fills: readonly string[]): (string | null)[] {
  let protection: Protection = UNPROTECTED;
  let held = decimal(0);
  return fills.map((line) => {
    const [side = 'buy', quantity = '1', price = '100', stopDistance = null] = line.split(' ');
    const after = side === 'buy' ? held.add(quantity) : held.sub(quantity);
    const quoteQuantity = decimal(quantity).mul(price).toFixed();
    const fill = { side: side as 'buy' | 'sell', price, quantity, quoteQuantity, stopDistance };
    protection = protectAfterFill(AAA, protection, fill, { before: held, after });
    held = after;
    return protection.trigger?.toFixed() ?? null;
  });
}

describe('protection after fills', () => {
  it('is the average of the entry fills, never lower than it stood', () => {
    expect(triggers('buy 1 100 10', 'buy 1 110 10', 'buy 2 100 10', 'buy 4 200 10')).toEqual([
      '90',
      '95',
      '95',
      '141.25',
    ]);
  });

  it('keeps the distance when an addition names none, and has none when none was ever named', () => {
    expect(triggers('buy 1 100 10', 'buy 1 120')).toEqual(['90', '100']);
    expect(triggers('buy 1 100')).toEqual([null]);
  });

  it('stands through a part sale and ends with the position', () => {
    expect(triggers('buy 1 100 10', 'sell 0.5 105', 'sell 0.46 105', 'buy 1 80 10')).toEqual([
      '90',
      '90',
      null,
      '70',
    ]);
  });

  it('begins anew where the rest has become dust by the price alone', () => {
    // 0.06 is worth 6 at 100, and 4.8 at 80: no position any more. The old 90 would stand above the new entry.
    expect(triggers('buy 1 100 10', 'sell 0.94 100', 'buy 1 80 10')).toEqual(['90', '90', '70']);
  });

  it('counts what is held before the fill, not what its fee leaves', () => {
    const first = protectAfterFill(
      AAA,
      UNPROTECTED,
      { side: 'buy', price: '100', quantity: '0.06', quoteQuantity: '6', stopDistance: '10' },
      { before: decimal(0), after: decimal('0.06') },
    );
    const second = protectAfterFill(
      AAA,
      first,
      { side: 'buy', price: '90', quantity: '50', quoteQuantity: '4500', stopDistance: '10' },
      { before: decimal('0.06'), after: decimal('50.01') },
    );
    expect(second.entryQuantity.toFixed()).toBe('50.06');
  });
});
