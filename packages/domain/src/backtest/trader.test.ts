import { describe, expect, it } from 'vitest';
import { FLAT, LONG, Scripted } from './scripted.fixture.ts';

describe('one position, by hand', () => {
  it('enters, is stopped out, waits for a signal of 0, and enters again', () => {
    const one = new Scripted().warm();
    // Weight 0.4 less the band 0.05: 3,500 at the close of 100.
    expect(one.all({ open: 100 }, LONG)).toBe('10000');
    // 35 at 101 cost 3,535; the fee leaves 34.965, the stop stands 5 below 101.
    expect(one.all({ open: 101, high: 102, low: 100.5 }, LONG)).toBe('9996.465');
    expect(one.orders()).toEqual(['entry 35 FILLED', 'stop 34.965 at 96 ACCEPTED of which 0']);
    // 34.965 × 96 less 0.1 %: 3,353.28336 on top of 6,465.
    expect(one.all({ open: 100, high: 100, low: 95, close: 97 }, LONG)).toBe('9818.28336');
    expect(one.fills()).toEqual(['entry 35 at 101, fee 0.035 BTC', 'stop 34.965 at 96, fee 3.35664 USDT']);
    one.all({ open: 97 }, LONG);
    one.all({ open: 97 }, FLAT);
    expect(one.recorder.orders.size).toBe(2);
    // 0.35 × 9,818.28336 / 97 = 35.426795…, down to the lot.
    one.all({ open: 97 }, LONG);
    expect(one.orders().at(-1)).toBe('entry 35.42679 ACCEPTED of which 0');
    one.all({ open: 97 }, LONG);
    expect(one.orders().at(-1)).toBe('stop 35.39136 at 92 ACCEPTED of which 0');
    expect(one.recorder.trades).toMatchObject([{ exitReason: 'stop', quantity: 35, soldQuantity: 34.965 }]);
  });

  it('sells at the open of the next bar, and the exit takes the place of the stop', () => {
    const one = new Scripted().warm();
    one.all({ open: 100 }, LONG);
    one.all({ open: 100 }, LONG);
    one.all({ open: 100 }, FLAT);
    expect(one.orders()).toEqual([
      'entry 35 FILLED',
      'stop 34.965 at 95 CANCELED of which 0',
      'exit 34.965 ACCEPTED of which 0',
    ]);
    // The low below the old stop changes nothing any more.
    expect(one.all({ open: 99, low: 90 }, FLAT)).toBe('9958.073465');
    expect(one.fills().at(-1)).toBe('exit 34.965 at 99, fee 3.461535 USDT');
  });

  it('is sold at the open when that lies below the stop', () => {
    const one = new Scripted().warm();
    one.all({ open: 100 }, LONG);
    one.all({ open: 100 }, LONG);
    one.all({ open: 80, high: 99, low: 80, close: 99 }, LONG);
    expect(one.fills().at(-1)).toBe('stop 34.965 at 80, fee 2.7972 USDT');
  });

  it('buys only what its lock pays; the rest expires, and the stop covers what came', () => {
    const one = new Scripted().warm();
    one.all({ open: 100 }, LONG);
    // Locked were 35 × 100 × 1.02 × 1.001 = 3,573.57: at 105 they pay 34.034.
    one.all({ open: 105 }, LONG);
    expect(one.orders()).toEqual([
      'entry 35 EXPIRED of which 34.034',
      'stop 33.99996 at 100 ACCEPTED of which 0',
    ]);
    expect([one.trader.portfolio.working.size, one.trader.risk.reservations.size]).toEqual([0, 0]);
  });

  it('whose stop would trigger at once is sold at market', () => {
    const one = new Scripted().warm();
    one.all({ open: 100 }, { ...LONG, stopDistance: 0.5 });
    // Filled at 100, the stop at 99.5 stands; a second entry may not pull it down.
    one.all({ open: 100, high: 100.2, low: 99.8 }, { ...LONG, stopDistance: 0.5 });
    expect(one.orders().at(-1)).toBe('stop 34.965 at 99.5 ACCEPTED of which 0');
    one.all({ open: 99, low: 98 }, LONG);
    expect(one.fills().at(-1)).toBe('stop 34.965 at 99, fee 3.461535 USDT');
  });

  it('a buy on its way when the stop sells is sold again', () => {
    const one = new Scripted().warm();
    one.all({ open: 100 }, { ...LONG, target: 0.5 });
    one.all({ open: 100 }, { ...LONG, target: 0.5 });
    one.trader.portfolio.rules.symbolCaps['BTCUSDT'] = 0.6;
    one.all({ open: 100 }, LONG);
    one.all({ open: 94 }, LONG);
    one.all({ open: 94 }, LONG);
    expect(one.fills().map((line) => line.split(' ')[0])).toEqual(['entry', 'stop', 'rebalance', 'exit']);
    expect(one.trader.portfolio.lots[0]).toBe(0);
  });

  it('ends with the files: what is open expires, and nothing is placed any more', () => {
    const one = new Scripted().warm();
    one.all({ open: 100 }, LONG);
    one.all({ open: 100 }, LONG);
    one.trader.finish(one.openTime);
    expect(one.orders()).toEqual([
      'entry 35 FILLED',
      'stop 34.965 at 95 EXPIRED of which 0',
      'stop 34.965 at 95 REJECTED of which 0',
    ]);
    expect(one.venue.openOrders()).toEqual([]);
  });
});

describe('two symbols', () => {
  it('a symbol without a bar gets no fill, no signal and keeps its mark', () => {
    const two = new Scripted({ symbols: 2 }).warm();
    two.all({ open: 100 }, LONG);
    const equity = two.bar([{ open: 101 }, null], [LONG, null]);
    expect(two.fills()).toEqual(['entry 35 at 101, fee 0.035 BTC']);
    expect(equity).toBe('9996.465');
    two.bar([{ open: 101 }, { open: 102 }], [LONG, LONG]);
    expect(two.fills().at(-1)).toBe('entry 35 at 102, fee 0.035 ETH');
  });

  it('sells come first, and what they will free is not yet spent', () => {
    const two = new Scripted({
      symbols: 2,
      portfolio: { symbolCap: 0.9, band: 0 },
      risk: { positionShareMax: 0.95 },
    });
    two.warm();
    two.bar([{ open: 100 }, { open: 100 }], [LONG, FLAT]);
    two.bar([{ open: 100 }, { open: 100 }], [LONG, FLAT]);
    two.bar([{ open: 100 }, { open: 100 }], [FLAT, LONG]);
    const open = two.orders().filter((line) => line.includes('ACCEPTED'));
    // 1,000 less fees free: 9.79… lots of 100 with collar and fee, instead of 90.
    expect(open).toEqual(['exit 89.91 ACCEPTED of which 0', 'ETHUSDT entry 9.79412 ACCEPTED of which 0']);
  });
});

describe('the trading day', () => {
  it('a target reached locks until the next day: exits pass, entries wait', () => {
    const one = new Scripted({ day: { targetPolicy: 'lock', targetPct: 1 } }).warm();
    one.all({ open: 100 }, LONG);
    one.all({ open: 100 }, LONG);
    one.all({ open: 103 }, LONG);
    expect(one.mode).toBe('REDUCING DAILY_TARGET');
    one.all({ open: 103 }, FLAT);
    one.all({ open: 103 }, FLAT);
    one.all({ open: 103 }, LONG);
    expect(one.orders().map((line) => line.split(' ')[0])).toEqual(['entry', 'stop', 'exit']);
    // The first bar after a gap is implausible: nothing raises exposure on it.
    one.nextDay().all({ open: 103 }, LONG);
    expect(one.mode).toBe('ACTIVE NEW_DAY');
    expect(one.recorder.denials.at(-1)?.code).toBe('MARKET_DATA_IMPLAUSIBLE');
    one.all({ open: 103 }, LONG);
    expect(one.orders().at(-1)).toContain('entry');
  });

  it('a flatten sells all at the next open, halts, and trades again the next day', () => {
    const one = new Scripted({ day: { targetPolicy: 'flatten', targetPct: 1 } }).warm();
    one.all({ open: 100 }, LONG);
    one.all({ open: 100 }, LONG);
    one.all({ open: 103 }, LONG);
    expect(one.mode).toBe('REDUCING FLATTENING');
    expect(one.orders().at(-1)).toBe('flatten 34.965 ACCEPTED of which 0');
    const cycle = [...one.recorder.orders.values()].at(-1)?.cycleId;
    expect(cycle).toMatch(/^flatten:1m:\d+$/);
    one.all({ open: 103 }, LONG);
    expect(one.mode).toBe('HALTED FLATTENED');
    one.all({ open: 103 }, LONG);
    expect(one.recorder.orders.size).toBe(3);
    one.nextDay().all({ open: 103 }, FLAT);
    one.all({ open: 103 }, LONG);
    expect(one.orders().at(-1)).toContain('entry');
  });

  it('a flatten whose symbol has no bar sells when it has one', () => {
    const two = new Scripted({ symbols: 2, day: { targetPolicy: 'flatten', targetPct: 1 } }).warm();
    two.all({ open: 100 }, LONG);
    two.all({ open: 100 }, LONG);
    two.all({ open: 103 }, LONG);
    two.bar([{ open: 103 }, null], [LONG, null]);
    expect(two.mode).toBe('REDUCING FLATTENING');
    two.all({ open: 103 }, LONG);
    two.all({ open: 103 }, LONG);
    expect(two.mode).toBe('HALTED FLATTENED');
    expect(two.fills().filter((line) => line.startsWith('flatten'))).toHaveLength(2);
  });

  it('a flatten cancels the entries that went out on the same bar', () => {
    const two = new Scripted({ symbols: 2, day: { targetPolicy: 'flatten', targetPct: 1 } }).warm();
    two.bar([{ open: 100 }, { open: 100 }], [LONG, FLAT]);
    two.bar([{ open: 100 }, { open: 100 }], [LONG, FLAT]);
    two.bar([{ open: 103 }, { open: 100 }], [LONG, LONG]);
    const last = two.orders().slice(-2);
    expect(last).toEqual([
      expect.stringMatching(/^ETHUSDT entry .* CANCELED of which 0$/),
      'flatten 34.965 ACCEPTED of which 0',
    ]);
    expect(two.trader.risk.reservations.size).toBe(1);
  });

  it.each([
    { lossCapFlatten: false, mode: 'HALTED DAILY_LOSS_CAP' },
    { lossCapFlatten: true, mode: 'REDUCING FLATTENING' },
  ])(
    'a loss cap passed through a gap halts until the next day, flatten $lossCapFlatten',
    ({ lossCapFlatten, mode }) => {
      const two = new Scripted({
        symbols: 2,
        day: { lossCapPct: 1, lossCapFlatten },
        portfolio: { symbolCap: 0.2, band: 0 },
      }).warm();
      const wide = { ...LONG, stopDistance: 4 };
      two.bar([{ open: 100 }, { open: 100 }], [wide, FLAT]);
      expect(two.orders()).toEqual(['entry 20 ACCEPTED of which 0']);
      two.bar([{ open: 100 }, { open: 100 }], [wide, FLAT]);
      two.bar([{ open: 94 }, { open: 100 }], [wide, wide]);
      expect(two.fills().at(-1)).toBe('stop 19.98 at 94, fee 1.87812 USDT');
      // 9,874.2… of 10,000: past the cap, nothing is held, and nothing new is approved on that bar.
      expect(two.mode).toBe(mode);
      expect(two.recorder.denials).toMatchObject([{ symbol: 'ETHUSDT', code: 'DAILY_LOSS_CAP' }]);
      two.all({ open: 94 }, wide);
      expect(two.mode).toBe(lossCapFlatten ? 'HALTED FLATTENED' : mode);
      expect(two.recorder.orders.size).toBe(2);
      two.nextDay().all({ open: 94 }, FLAT);
      expect(two.mode).toBe('ACTIVE NEW_DAY');
    },
  );

  it('days without a bar are no days: the next bar opens its own', () => {
    const one = new Scripted({ day: { targetPolicy: 'lock', targetPct: 1 } }).warm();
    one.nextDay().nextDay().nextDay().all({ open: 100 }, FLAT);
    expect(one.trader.supervision.day?.day).toBe('2024-08-04');
    expect(one.trader.portfolio.day).toBe('2024-08-04');
  });
});

it('what the account held before the run costs what it was worth at the first open', () => {
  const one = new Scripted({ balances: { USDT: '1000', BTC: '2' } });
  one.all({ open: 100, close: 110 }, FLAT);
  expect(one.trader.portfolio.positions[0]?.cost.toFixed()).toBe('200');
  expect(one.trader.supervision.day?.openingEquity).toBe('1200');
});
