import { createHash } from 'node:crypto';
import { intervalMs, intervalName } from '@fleet/domain/bars';
import type { Instrument } from '@fleet/domain/instruments';
import { InstrumentMissing, MarketInvalid } from '../simulator-errors.ts';
import type { BarSeries } from './bar-series.ts';
import { candleFile, type LoadedCandles, loadCandles } from './candle-files.ts';
import { type Market, nextSetFrom } from './market.ts';
import { syntheticSeries } from './synthetic-series.ts';

export interface CandleMarketOptions {
  /** `SYMBOL=path` or paths that name their symbol. */
  readonly candles: readonly string[];
  /** Epoch ms; sets that open in [from, to) are replayed. Earlier candles serve as history. */
  readonly from?: number | undefined;
  readonly to?: number | undefined;
}

export interface SyntheticMarketOptions {
  readonly seed: string;
  readonly symbols: readonly string[];
  readonly interval: string;
  readonly from?: number | undefined;
  readonly to?: number | undefined;
  /** Candles before `from` that REST serves. */
  readonly historyBars?: number | undefined;
}

/** Where a synthetic market begins unless told otherwise. */
const SYNTHETIC_FROM = Date.UTC(2024, 0, 1);

/** Rough real prices, so that a made-up market looks like the one that it stands for; any other starts at 10. */
const START_PRICES: Readonly<Record<string, string>> = {
  BTCUSDT: '42000',
  ETHUSDT: '2300',
  SOLUSDT: '100',
  XRPUSDT: '0.6',
  DOGEUSDT: '0.09',
};

/**
 * A market of candle files, one or more a symbol's; symbols stand in the order of the instruments.
 * @throws CandlesUnreadable, InstrumentMissing, MarketInvalid (two files of a symbol, two intervals, nothing in the
 * bounds).
 */
export function loadCandleMarket(instruments: readonly Instrument[], options: CandleMarketOptions): Market {
  const loaded = new Map<string, LoadedCandles>();
  for (const file of options.candles.map(candleFile)) {
    if (loaded.has(file.symbol)) throw new MarketInvalid(`two candle files are given for ${file.symbol}`);
    loaded.set(file.symbol, loadCandles(file));
  }
  if (loaded.size === 0) throw new MarketInvalid('no candle file is given');
  const traded = choose(instruments, [...loaded.keys()]);
  const { interval, lengthMs } = commonInterval(loaded);
  const first = Math.min(...[...loaded.values()].map((candles) => candles.first));
  const last = Math.max(...[...loaded.values()].map((candles) => candles.last));
  const from = options.from ?? first;
  const to = Math.min(options.to ?? Number.POSITIVE_INFINITY, last + lengthMs);
  const digests = traded.map(({ symbol }) => `${symbol}:${loaded.get(symbol)?.digest}`);
  const market = {
    ...named(traded, interval, lengthMs, digest('candles', [...digests, from, to])),
    from,
    to,
    total: null,
    series: new Map(traded.map(({ symbol }) => [symbol, seriesOf(loaded, symbol)])),
  };
  const total = countSets(market);
  if (total === 0)
    throw new MarketInvalid(
      `no candle opens from ${iso(from)} to ${iso(to)}: the files hold ${iso(first)} to ${iso(last)}`,
    );
  return { ...market, total };
}

/**
 * A made-up market, endless unless `to` is given.
 * @throws InstrumentMissing, MarketInvalid, or the domain's own errors for an interval or seed that cannot be.
 */
export function loadSyntheticMarket(
  instruments: readonly Instrument[],
  options: SyntheticMarketOptions,
): Market {
  const traded = choose(instruments, options.symbols);
  const lengthMs = intervalMs(options.interval);
  const from = options.from ?? SYNTHETIC_FROM;
  const to = options.to ?? null;
  if (to !== null && to <= from) throw new MarketInvalid(`--to ${iso(to)} is not after --from ${iso(from)}`);
  const historyBars = options.historyBars ?? 0;
  const draw = () =>
    new Map(
      traded.map((instrument): [string, BarSeries] => [
        instrument.symbol,
        syntheticSeries({
          seed: options.seed,
          symbol: instrument.symbol,
          interval: options.interval,
          from: from - historyBars * lengthMs,
          startPrice: START_PRICES[instrument.symbol] ?? '10',
          tickSize: instrument.tickSize,
        }),
      ]),
    );
  const name = digest('synthetic', [options.seed, ...traded.map((i) => i.symbol), from, to, historyBars]);
  const market = {
    ...named(traded, options.interval, lengthMs, name),
    from,
    to,
    total: null,
    series: draw(),
  };
  // Counted on series of their own: drawing to the end drops what the run begins with.
  return to === null ? market : { ...market, total: countSets({ ...market, series: draw() }) };
}

function named(instruments: readonly Instrument[], interval: string, lengthMs: number, name: string) {
  const symbols = instruments.map((instrument) => instrument.symbol);
  return { instruments, symbols, interval, intervalMs: lengthMs, descriptor: `${name}:${interval}` };
}

function choose(instruments: readonly Instrument[], symbols: readonly string[]): Instrument[] {
  const known = new Set(instruments.map((instrument) => instrument.symbol));
  const unknown = symbols.filter((symbol) => !known.has(symbol));
  if (unknown.length > 0)
    throw new InstrumentMissing(`no instrument is configured for ${unknown.join(', ')}`, {
      context: { known: [...known] },
    });
  if (symbols.length === 0) throw new MarketInvalid('no symbol is given');
  return instruments.filter((instrument) => symbols.includes(instrument.symbol));
}

function commonInterval(loaded: ReadonlyMap<string, LoadedCandles>): { interval: string; lengthMs: number } {
  const lengths = new Set([...loaded.values()].map((candles) => candles.intervalMs));
  const [lengthMs] = lengths;
  if (lengths.size > 1 || lengthMs === undefined) {
    const found = [...loaded].map(([symbol, candles]) => `${symbol} ${intervalName(candles.intervalMs)}`);
    throw new MarketInvalid(`the candle files have different intervals: ${found.join(', ')}`);
  }
  return { interval: intervalName(lengthMs) ?? `${lengthMs}ms`, lengthMs };
}

function seriesOf(loaded: ReadonlyMap<string, LoadedCandles>, symbol: string): BarSeries {
  const candles = loaded.get(symbol);
  if (candles === undefined) throw new MarketInvalid(`${symbol} has no candles`);
  return candles.series;
}

function countSets(market: Market): number {
  let count = 0;
  let at = nextSetFrom(market, market.from);
  while (at !== null) {
    count += 1;
    at = nextSetFrom(market, at + market.intervalMs);
  }
  return count;
}

function digest(kind: string, parts: readonly unknown[]): string {
  return `${kind}-${createHash('sha256').update(JSON.stringify(parts)).digest('hex').slice(0, 16)}`;
}

function iso(time: number): string {
  return new Date(time).toISOString();
}
