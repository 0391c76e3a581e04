import { expect, test } from 'vitest';
import { toBar } from '../bars/index.ts';
import { syntheticCandles } from '../candles/index.ts';
import { indicatorColumns } from './columns.fixture.ts';

// TA-Lib 0.8.2 (Python wheel) on the candles below, at these rows, to 12 significant digits.
const ROWS = [39, 300, 599];
const TA_LIB: Record<string, number[]> = {
  sma_20: [41791.2715, 40830.677, 49420.4405],
  ema_12: [41869.3207843, 40778.741617, 49084.5295609],
  ema_26: [42037.0656465, 40987.8028559, 49134.3583895],
  wma_10: [41945.3478182, 40726.0258182, 48952.2127273],
  rsi_14: [40.1253978913, 37.2874630372, 39.1989051343],
  atr_14: [543.489458887, 341.636115575, 546.764537693],
  adx_14: [22.4379588983, 27.7190955274, 22.9920477011],
  roc_10: [0.507760426875, -1.8303986576, -2.4670737257],
  bb_upper_20_2: [42545.9942853, 41286.3000371, 50290.3571142],
  bb_mid_20_2: [41791.2715, 40830.677, 49420.4405],
  bb_lower_20_2: [41036.5487147, 40375.0539629, 48550.5238858],
  macd_12_26_9: [-165.15856267, -209.06123888, -49.8288285813],
  macd_signal: [-200.212151419, -196.897959096, 109.683161527],
  macd_hist: [35.0535887494, -12.1632797839, -159.511990109],
  donchian_high_20: [42708.15, 41339.61, 50402.51],
  donchian_low_20: [40888.72, 40330.87, 48333.76],
  stddev_20: [377.361392637, 227.811518543, 434.958307076],
  obv: [-260.85704, 92.47891, 1147.17336],
  stoch_k_14_3: [40.0519210229, 15.4040184374, 17.4417285917],
  stoch_d_3: [59.7899352634, 24.2149981452, 16.279284991],
  cci_20: [-102.055385004, -116.520836021, -159.429191029],
  mfi_14: [43.6592461714, 33.518714793, 23.4126695218],
};

const columns = indicatorColumns(
  syntheticCandles({
    seed: 'talib',
    symbol: 'BTCUSDT',
    interval: '1h',
    from: 1_704_067_200_000,
    bars: 600,
    startPrice: '42000',
    tickSize: '0.01',
  }).map((text) => toBar('BTCUSDT', text)),
);

test('every column has its expected values', () => {
  expect(Object.keys(TA_LIB).sort()).toEqual(Object.keys(columns).sort());
});

test.each(Object.entries(TA_LIB))('%s equals TA-Lib', (name, expected) => {
  for (const [index, row] of ROWS.entries()) {
    const value = columns[name]![row]!;
    expect(Math.abs(value / expected[index]! - 1), `${name}[${row}] = ${value}`).toBeLessThan(1e-9);
  }
});
