import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { basename } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { INTERVALS, isInterval } from '@fleet/domain/bars';
import { parseCandleColumns } from '@fleet/domain/candles';
import { CandlesUnreadable } from '../simulator-errors.ts';
import type { BarSeries } from './bar-series.ts';
import { candleSeries } from './candle-series.ts';

export interface CandleFile {
  readonly symbol: string;
  readonly path: string;
  /** Length of a bar, where the file's name tells it; else the smallest step between two candles counts. */
  readonly intervalMs: number | null;
}

export interface LoadedCandles {
  readonly series: BarSeries;
  readonly intervalMs: number;
  /** Open times of the first and of the last candle. */
  readonly first: number;
  readonly last: number;
  readonly rows: number;
  /** SHA-256 of the candles' text, which tells one market from another wherever the file lies. */
  readonly digest: string;
}

const BYTES_MAX = 1024 * 1024 * 1024;
const NAME = /^([A-Z0-9]{4,20})-([0-9]+[mhd])(?:[-.]|$)/;

/**
 * `SYMBOL=path`, or a path whose file name begins with the symbol and the interval (`BTCUSDT-1m-20240801.csv.gz`).
 * @throws CandlesUnreadable when the name does not tell the symbol.
 */
export function candleFile(argument: string): CandleFile {
  const given = /^([A-Z0-9]{4,20})=(.+)$/.exec(argument);
  const path = given?.[2] ?? argument;
  const name = NAME.exec(basename(path));
  const symbol = given?.[1] ?? name?.[1];
  const interval = name?.[2] ?? '';
  if (symbol !== undefined)
    return { symbol, path, intervalMs: isInterval(interval) ? INTERVALS[interval] : null };
  throw new CandlesUnreadable(`the name of ${argument} does not tell its symbol`, {
    action: 'Name the file SYMBOL-INTERVAL-….csv[.gz], or give it as SYMBOL=path.',
  });
}

/**
 * Reads a candle file (gzip or plain): the fleet's format or a kline dump of the exchange.
 * @throws CandlesUnreadable with the path, the line and what is wrong.
 */
export function loadCandles({ symbol, path, intervalMs }: CandleFile): LoadedCandles {
  const text = readText(path);
  try {
    const columns = parseCandleColumns(text, { symbol, ...(intervalMs === null ? {} : { intervalMs }) });
    return {
      series: candleSeries(text, columns),
      intervalMs: columns.intervalMs,
      first: columns.openTime[0] ?? 0,
      last: columns.openTime[columns.length - 1] ?? 0,
      rows: columns.length,
      digest: createHash('sha256').update(text).digest('hex'),
    };
  } catch (cause) {
    throw unreadable(path, cause);
  }
}

function readText(path: string): string {
  try {
    const bytes = readFileSync(path);
    const zipped = bytes[0] === 0x1f && bytes[1] === 0x8b;
    return (zipped ? gunzipSync(bytes, { maxOutputLength: BYTES_MAX }) : bytes).toString('utf8');
  } catch (cause) {
    throw unreadable(path, cause);
  }
}

function unreadable(path: string, cause: unknown): Error {
  const message = cause instanceof Error ? cause.message : String(cause);
  const absent = (cause as NodeJS.ErrnoException).code === 'ENOENT';
  const action = (cause as { action?: unknown }).action;
  return new CandlesUnreadable(absent ? `${path}: the file does not exist` : `${path}: ${message}`, {
    cause,
    ...(typeof action === 'string' ? { action } : {}),
  });
}
