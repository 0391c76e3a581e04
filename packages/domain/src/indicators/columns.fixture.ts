import type { Bar } from '../bars/index.ts';
import * as all from './index.ts';

/** One value a bar for each column of the reference file, NaN during the warm-up; by the streaming indicators. */
export function indicatorColumns(bars: readonly Bar[]): Record<string, number[]> {
  const columns: Record<string, number[]> = {};
  const streams = createStreams();
  for (const bar of bars) {
    for (const [name, value] of Object.entries(streams(bar))) {
      columns[name] ??= [];
      columns[name].push(value);
    }
  }
  return columns;
}

export function createStreams(): (bar: Bar) => Record<string, number> {
  const sma = all.createSma(20);
  const ema12 = all.createEma(12);
  const ema26 = all.createEma(26);
  const wma = all.createWma(10);
  const rsi = all.createRsi(14);
  const atr = all.createAtr(14);
  const adx = all.createAdx(14);
  const roc = all.createRoc(10);
  const bands = all.createBollinger(20, 2);
  const macd = all.createMacd(12, 26, 9);
  const donchian = all.createDonchian(20);
  const stddev = all.createStddev(20);
  const obv = all.createObv();
  const stochastic = all.createStochastic(14, 3, 3);
  const cci = all.createCci(20);
  const mfi = all.createMfi(14);
  return ({ high, low, close, volume }) => {
    all.updateBollinger(bands, close);
    all.updateMacd(macd, close);
    all.updateDonchian(donchian, high, low);
    all.updateStochastic(stochastic, high, low, close);
    const when = (ready: boolean, value: number) => (ready ? value : Number.NaN);
    return {
      sma_20: all.updateSma(sma, close),
      ema_12: all.updateEma(ema12, close),
      ema_26: all.updateEma(ema26, close),
      wma_10: all.updateWma(wma, close),
      rsi_14: all.updateRsi(rsi, close),
      atr_14: all.updateAtr(atr, high, low, close),
      adx_14: all.updateAdx(adx, high, low, close),
      roc_10: all.updateRoc(roc, close),
      bb_upper_20_2: when(bands.ready, bands.upper),
      bb_mid_20_2: when(bands.ready, bands.mid),
      bb_lower_20_2: when(bands.ready, bands.lower),
      macd_12_26_9: when(macd.ready, macd.macd),
      macd_signal: when(macd.ready, macd.signal),
      macd_hist: when(macd.ready, macd.histogram),
      donchian_high_20: when(donchian.ready, donchian.high),
      donchian_low_20: when(donchian.ready, donchian.low),
      stddev_20: all.updateStddev(stddev, close),
      obv: all.updateObv(obv, close, volume),
      stoch_k_14_3: when(stochastic.ready, stochastic.k),
      stoch_d_3: when(stochastic.ready, stochastic.d),
      cci_20: all.updateCci(cci, high, low, close),
      mfi_14: all.updateMfi(mfi, high, low, close, volume),
    };
  };
}
