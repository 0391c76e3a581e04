import { expect, test } from 'vitest';
import * as all from './index.ts';

const FACTORIES: [string, (period: number) => unknown][] = [
  ['SMA', all.createSma],
  ['EMA', all.createEma],
  ['WMA', all.createWma],
  ['RSI', all.createRsi],
  ['ATR', all.createAtr],
  ['ADX', all.createAdx],
  ['ROC', all.createRoc],
  ['Bollinger', (period) => all.createBollinger(period, 2)],
  ['MACD slow', (period) => all.createMacd(12, period, 9)],
  ['MACD fast', (period) => all.createMacd(period, 26, 9)],
  ['Donchian', all.createDonchian],
  ['standard deviation', all.createStddev],
  ['stochastic', (period) => all.createStochastic(period, 3, 3)],
  ['CCI', all.createCci],
  ['MFI', all.createMfi],
  ["Wilder's average", all.createWilder],
];

test.each(FACTORIES)('%s refuses a period that is no number of bars', (_name, create) => {
  for (const period of [0, -1, 1.5, Number.NaN, all.PERIOD_MAX + 1]) {
    expect(() => create(period)).toThrow(all.IndicatorPeriodError);
  }
});

test('the slow average of MACD must be longer than the fast one', () => {
  expect(() => all.createMacd(26, 12, 9)).toThrow(/MACD slow must be a whole number from 27/);
});
