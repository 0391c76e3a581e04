import { describe, expect, it } from 'vitest';
import { strategiesSchema, strategyAssignmentSchema, strategyVersion } from './assignment.ts';

const BTC = { symbol: 'BTCUSDT', strategy: 'ema-cross', parameters: { fast: 60, slow: 240 } };

function faults(value: unknown): string[] {
  const parsed = strategiesSchema.safeParse(value);
  return parsed.error?.issues.map(({ path, message }) => `${path.join('.')}: ${message}`) ?? [];
}

describe('strategy assignments', () => {
  it('spells out every parameter', () => {
    const assignment = strategyAssignmentSchema.parse(BTC);
    expect(assignment.parameters).toEqual({
      fast: 60,
      slow: 240,
      atrPeriod: 14,
      atrMultiple: 3,
      entryBand: 0,
    });
  });

  it.each([
    [
      'an unknown strategy',
      { ...BTC, strategy: 'ema-cros' },
      /^strategies.0.strategy: is not a strategy; known are ema-cross/,
    ],
    [
      'an unknown parameter',
      { ...BTC, parameters: { fats: 3 } },
      /^strategies.0.parameters.fats: is no parameter of ema-cross; known are fast/,
    ],
    ['a parameter out of range', { ...BTC, parameters: { fast: 1 } }, /^strategies.0.parameters.fast: /],
    [
      'parameters that contradict each other',
      { ...BTC, parameters: { fast: 30, slow: 20 } },
      /fast must be less than slow/,
    ],
    ['a malformed symbol', { ...BTC, symbol: 'BTC/USDT' }, /^strategies.0.symbol: must be a venue symbol/],
    ['an unknown key', { ...BTC, paramters: {} }, /Unrecognized key: "paramters"/],
  ])('refuses %s', (_name, assignment, message) => {
    expect(faults({ interval: '1m', strategies: [assignment] }).join('\n')).toMatch(message);
  });

  it('refuses two strategies for a symbol, no strategy, and an unknown interval', () => {
    expect(faults({ interval: '1m', strategies: [BTC, BTC] }).join()).toMatch('a symbol has two strategies');
    expect(faults({ interval: '1m', strategies: [] })).toHaveLength(1);
    expect(faults({ interval: '7m', strategies: [BTC] }).join()).toMatch('interval');
  });
});

describe('strategyVersion', () => {
  const parsed = strategyAssignmentSchema.parse(BTC);

  it('does not depend on the order or on spelled out defaults', () => {
    const other = strategyAssignmentSchema.parse({
      ...BTC,
      parameters: { entryBand: 0, slow: 240, atrMultiple: 3, fast: 60 },
    });
    expect(strategyVersion(other)).toBe(strategyVersion(parsed));
    expect(strategyVersion(parsed)).toMatch(/^ema-cross-[0-9a-f]{12}$/);
  });

  it('differs by symbol, strategy and any parameter', () => {
    const others = [
      { ...parsed, symbol: 'ETHUSDT' },
      strategyAssignmentSchema.parse({ ...BTC, strategy: 'bollinger-rsi', parameters: {} }),
      { ...parsed, parameters: { ...parsed.parameters, entryBand: 0.1 } },
    ];
    const versions = new Set([parsed, ...others].map(strategyVersion));
    expect(versions.size).toBe(4);
  });
});
