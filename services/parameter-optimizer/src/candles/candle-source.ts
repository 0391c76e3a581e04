import { createHash } from 'node:crypto';
import type { CandleColumns } from '@fleet/domain/candles';
import type { Span } from '../search/period.ts';
import type { AnalystRequest } from './analyst-bars.ts';
import { CandlesMissing } from './candle-errors.ts';
import type { FolderRequest } from './candle-folder.ts';
import { coverageFault } from './coverage.ts';
import { type SharedColumns, shareColumns, viewColumns } from './shared-columns.ts';

/** Bars before the period that are kept for warming up: more than any strategy's longest. */
export const HISTORY_BARS = 5_000;

export interface CandleRequest {
  readonly symbols: readonly string[];
  readonly interval: string;
  readonly intervalMs: number;
  readonly period: Span;
}

export interface CandleSet {
  readonly candles: readonly SharedColumns[];
  readonly bySymbol: Readonly<Record<string, 'files' | 'market-analyst'>>;
  /** Over the candles of all symbols: the same candles, the same digest, wherever they came from. */
  readonly sha256: string;
}

export interface CandleSources {
  readonly folder: string | undefined;
  readonly analystUrl: string | undefined;
  /** Reads files, off this thread. */
  readonly fromFolder: (request: FolderRequest) => Promise<SharedColumns | null>;
  readonly fromAnalyst: (request: AnalystRequest) => Promise<CandleColumns>;
}

/**
 * The candles of a study: files where they cover the period, else the market analyst's stored bars.
 * @throws CandlesMissing naming what each source has; CandleFileUnreadable and CandlesConflict of a file.
 */
export async function loadCandles(request: CandleRequest, sources: CandleSources): Promise<CandleSet> {
  const found: { readonly columns: SharedColumns; readonly source: 'files' | 'market-analyst' }[] = [];
  const missing: string[] = [];
  for (const symbol of request.symbols) {
    const faults: string[] = [];
    const loaded =
      (await fromFiles(symbol, request, sources, faults)) ??
      (await fromAnalyst(symbol, request, sources, faults));
    if (loaded === null) missing.push(`${symbol}: ${faults.join('; ')}`);
    else found.push(loaded);
  }
  if (missing.length > 0) {
    const { from, to } = request.period;
    const period = `${new Date(from).toISOString()} to ${new Date(to).toISOString()}`;
    throw new CandlesMissing(`no ${request.interval} candles for ${period}. ${missing.join('. ')}`);
  }
  return {
    candles: found.map(({ columns }) => columns),
    bySymbol: Object.fromEntries(found.map(({ columns, source }) => [columns.symbol, source])),
    sha256: digestOf(found.map(({ columns }) => columns)),
  };
}

async function fromFiles(
  symbol: string,
  { interval, intervalMs, period }: CandleRequest,
  { folder, fromFolder }: CandleSources,
  faults: string[],
) {
  if (folder === undefined) {
    faults.push('CANDLES_DIR is not set');
    return null;
  }
  const from = period.from - HISTORY_BARS * intervalMs;
  const columns = await fromFolder({ folder, symbol, interval, intervalMs, from, to: period.to });
  const fault = columns === null ? 'no file' : coverageFault(viewColumns(columns), period);
  if (columns !== null && fault === null) return { columns, source: 'files' as const };
  faults.push(`in CANDLES_DIR ${fault}`);
  return null;
}

async function fromAnalyst(
  symbol: string,
  { interval, intervalMs, period }: CandleRequest,
  { analystUrl, fromAnalyst: ask }: CandleSources,
  faults: string[],
) {
  if (analystUrl === undefined) {
    faults.push('MARKET_ANALYST_URL is not set');
    return null;
  }
  try {
    const from = period.from - HISTORY_BARS * intervalMs;
    const columns = await ask({ url: analystUrl, symbol, interval, intervalMs, from, to: period.to });
    const fault = coverageFault(columns, period);
    if (fault === null) return { columns: shareColumns(columns), source: 'market-analyst' as const };
    faults.push(`at the market analyst ${fault}`);
  } catch (error) {
    faults.push(`the market analyst has none (${error instanceof Error ? error.message : String(error)})`);
  }
  return null;
}

function digestOf(candles: readonly SharedColumns[]): string {
  const digest = createHash('sha256');
  for (const { symbol, intervalMs, length, buffer } of candles) {
    digest.update(`${symbol}|${intervalMs}|${length}|`).update(new Uint8Array(buffer));
  }
  return digest.digest('hex');
}
