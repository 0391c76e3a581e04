import type { BarText } from '../bars/bar.ts';
import { createRandom, nextNormal, nextUniform, type RandomState } from '../random/index.ts';
import { createFactor, type FactorState, jumpSize, stepFactor } from './synthetic-factor.ts';
import { type SyntheticMarket, type SyntheticOptions, syntheticMarket } from './synthetic-market.ts';

/** Where a synthetic market stands. Plain JSON: a cut run continues from it. */
export interface SyntheticState {
  /** Bar slots drawn so far, missing bars included. */
  slot: number;
  /** Last price in ticks. */
  ticks: number;
  readonly own: RandomState;
  readonly factor: FactorState;
}

/** No bar moves the price by more than this share, up or down. */
const MOVE_MAX = 0.3;
const VOLUME_UNITS = 100_000;

export function createSynthetic(options: SyntheticOptions): SyntheticState {
  const market = syntheticMarket(options);
  const seed = `${options.seed}|${options.interval}`;
  return {
    slot: 0,
    ticks: market.startTicks,
    own: createRandom(`${seed}|${options.symbol}`),
    factor: createFactor(seed),
  };
}

/** The bar of the next slot, or null where it is missing (an outage, or this symbol alone). Changes the state. */
export function nextSynthetic(market: SyntheticMarket, state: SyntheticState): BarText | null {
  const { own, factor } = state;
  const openTime = market.from + state.slot * market.intervalMs;
  state.slot += 1;
  stepFactor(factor, market);
  const alone = nextNormal(own) * Math.sqrt(factor.variance);
  const jump = nextUniform(own) < market.jumpShare / 2 ? jumpSize(own) : 0;
  const missing = nextUniform(own) < market.gapShare / 2 || factor.outage > 0;
  const silent = nextUniform(own) < market.zeroVolumeShare;
  const open = state.ticks;
  if (silent) return missing ? null : flatBar(market, openTime, open);
  const deviations = market.correlation * factor.value + market.ownShare * alone + jump;
  const move = Math.min(MOVE_MAX, Math.max(-MOVE_MAX, deviations * market.deviation));
  const close = Math.max(market.floorTicks, Math.round(open * (1 + move)));
  state.ticks = close;
  const reach = open * market.deviation * Math.sqrt(factor.variance) * 0.6;
  const high = Math.max(open, close) + Math.round(Math.abs(nextNormal(own)) * reach);
  const low = Math.max(1, Math.min(open, close) - Math.round(Math.abs(nextNormal(own)) * reach));
  const busy = (0.3 + 1.4 * nextUniform(own)) * (1 + Math.abs(deviations));
  if (missing) return null;
  const units = Math.max(1, Math.round((market.quoteVolume * busy * VOLUME_UNITS) / market.price(close)));
  return {
    openTime,
    open: market.text(open),
    high: market.text(high),
    low: market.text(low),
    close: market.text(close),
    volume: market.volumeText(units),
  };
}

function flatBar(market: SyntheticMarket, openTime: number, ticks: number): BarText {
  const price = market.text(ticks);
  return { openTime, open: price, high: price, low: price, close: price, volume: '0' };
}

/**
 * A made-up market for tests and demonstrations: trending and ranging phases, clustered volatility, jumps, outages
 * of all symbols and single missing bars, bars without volume. Deterministic: the same options give the same bars.
 * Symbols of one seed, interval and start move together by `correlation`. `bars` counts slots: what is missing is
 * absent from the result. Not fitted to any market; nothing learnt on it holds outside.
 */
export function syntheticCandles(options: SyntheticOptions): BarText[] {
  const market = syntheticMarket(options);
  const state = createSynthetic(options);
  const bars: BarText[] = [];
  for (let slot = 0; slot < market.bars; slot += 1) {
    const bar = nextSynthetic(market, state);
    if (bar !== null) bars.push(bar);
  }
  return bars;
}
