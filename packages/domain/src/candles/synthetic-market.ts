import { intervalMs } from '../bars/interval.ts';
import type { FactorShares } from './synthetic-factor.ts';

export interface SyntheticOptions {
  readonly seed: number | string;
  readonly symbol: string;
  /** Name of a bar interval, such as '1m'. */
  readonly interval: string;
  /** Open time of the first slot, epoch ms UTC, a multiple of the interval. */
  readonly from: number;
  /** Bar slots from `from` on, missing ones included. */
  readonly bars: number;
  /** Price before the first bar, plain decimal in quote units; rounded to the tick. */
  readonly startPrice: string;
  /** Smallest price step, plain decimal in quote units. */
  readonly tickSize: string;
  /** Standard deviation of a year's return in calm times, as a share; 0.6 by default. */
  readonly volatility?: number;
  /** Correlation of a bar's return with the market's common one, in [0, 1]; 0.7 by default. */
  readonly correlation?: number;
  /** Share of bars with a common jump (a jump of its own half as often); 0.0005 by default. */
  readonly jumpShare?: number;
  /** Share of bars that begin an outage of all symbols (a single missing bar half as often); 0.0002 by default. */
  readonly gapShare?: number;
  /** Share of bars without a trade; 0.0005 by default. */
  readonly zeroVolumeShare?: number;
  /** Usual volume of a bar in quote units; 1,000,000 by default. */
  readonly quoteVolume?: number;
}

export class SyntheticMarketError extends Error {
  override readonly name = 'SyntheticMarketError';
  readonly code = 'SYNTHETIC_MARKET_INVALID';
  readonly retry = 'crash';
  readonly action = 'Correct the option of the synthetic market that the message names.';
  readonly option: string;

  constructor(option: string, value: unknown, expected: string) {
    super(`The option ${option} of a synthetic market must be ${expected}, not ${String(value)}.`);
    this.option = option;
  }
}

/** The options resolved: shares, ticks, and how ticks and volume units are written. */
export interface SyntheticMarket extends FactorShares {
  readonly intervalMs: number;
  readonly from: number;
  readonly bars: number;
  readonly startTicks: number;
  /** The price never falls below this many ticks, so that it stays a price. */
  readonly floorTicks: number;
  /** Standard deviation of a calm bar's return. */
  readonly deviation: number;
  readonly correlation: number;
  readonly ownShare: number;
  readonly zeroVolumeShare: number;
  readonly quoteVolume: number;
  price(ticks: number): number;
  text(ticks: number): string;
  volumeText(units: number): string;
}

const YEAR_MS = 365 * 86_400_000;
const VOLUME_DECIMALS = 5;
const START_TICKS_MIN = 100;

export function syntheticMarket(options: SyntheticOptions): SyntheticMarket {
  const lengthMs = intervalMs(options.interval);
  if (!Number.isSafeInteger(options.from) || options.from < 0 || options.from % lengthMs !== 0) {
    throw new SyntheticMarketError('from', options.from, `epoch ms at a multiple of ${options.interval}`);
  }
  if (!Number.isInteger(options.bars) || options.bars < 0) {
    throw new SyntheticMarketError('bars', options.bars, 'a whole number, 0 or more');
  }
  const tick = parseTick(options.tickSize);
  const startTicks = Math.round(Number(options.startPrice) / tick.size);
  if (!Number.isSafeInteger(startTicks) || startTicks < START_TICKS_MIN) {
    throw new SyntheticMarketError('startPrice', options.startPrice, `at least ${START_TICKS_MIN} ticks`);
  }
  const correlation = share('correlation', options.correlation ?? 0.7);
  return {
    intervalMs: lengthMs,
    from: options.from,
    bars: options.bars,
    startTicks,
    floorTicks: Math.min(START_TICKS_MIN, startTicks),
    deviation: positive('volatility', options.volatility ?? 0.6) * Math.sqrt(lengthMs / YEAR_MS),
    correlation,
    ownShare: Math.sqrt(1 - correlation * correlation),
    jumpShare: share('jumpShare', options.jumpShare ?? 0.0005),
    gapShare: share('gapShare', options.gapShare ?? 0.0002),
    zeroVolumeShare: share('zeroVolumeShare', options.zeroVolumeShare ?? 0.0005),
    quoteVolume: positive('quoteVolume', options.quoteVolume ?? 1_000_000),
    price: (ticks) => ticks * tick.size,
    text: (ticks) => scaledText(ticks * tick.units, tick.decimals),
    volumeText: (units) => scaledText(units, VOLUME_DECIMALS),
  };
}

function parseTick(text: string): { units: number; decimals: number; size: number } {
  const match = /^(\d+)(?:\.(\d{1,12}))?$/.exec(text);
  const decimals = match?.[2]?.length ?? 0;
  const units = Number(`${match?.[1] ?? ''}${match?.[2] ?? ''}`);
  if (!match || !(units > 0)) {
    throw new SyntheticMarketError('tickSize', text, 'a plain decimal above 0 with at most 12 decimals');
  }
  return { units, decimals, size: Number(text) };
}

function share(option: string, value: number): number {
  if (!(value >= 0 && value <= 1)) throw new SyntheticMarketError(option, value, 'a share from 0 to 1');
  return value;
}

function positive(option: string, value: number): number {
  if (!(value > 0 && Number.isFinite(value))) throw new SyntheticMarketError(option, value, 'above 0');
  return value;
}

/** A whole number of 10^-decimals units as a plain decimal without trailing zeros; exact below 2^53. */
function scaledText(units: number, decimals: number): string {
  if (decimals === 0) return String(units);
  const digits = String(units).padStart(decimals + 1, '0');
  const fraction = digits.slice(-decimals).replace(/0+$/, '');
  const whole = digits.slice(0, -decimals);
  return fraction === '' ? whole : `${whole}.${fraction}`;
}
