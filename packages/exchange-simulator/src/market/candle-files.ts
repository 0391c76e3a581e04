import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { basename } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { parseCandleColumns } from '@fleet/domain/candles';
import { CandlesUnreadable } from '../simulator-errors.ts';
import type { BarSeries } from './bar-series.ts';
import { candleSeries } from './candle-series.ts';

export interface CandleFile {
  readonly symbol: string;
  readonly path: string;
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
const NAME = /^([A-Z0-9]{4,20})-[0-9]+[mhd](?:[-.]|$)/;

/**
 * `SYMBOL=path`, or a path whose file name begins with the symbol and the interval (`BTCUSDT-1m-20240801.csv.gz`).
 * @throws CandlesUnreadable when the name does not tell the symbol.
 */
export function candleFile(argument: string): CandleFile {
  const given = /^([A-Z0-9]{4,20})=(.+)$/.exec(argument);
  if (given?.[1] !== undefined && given[2] !== undefined) return { symbol: given[1], path: given[2] };
  const symbol = NAME.exec(basename(argument))?.[1];
  if (symbol !== undefined) return { symbol, path: argument };
  throw new CandlesUnreadable(`the name of ${argument} does not tell its symbol`, {
    action: 'Name the file SYMBOL-INTERVAL-….csv[.gz], or give it as SYMBOL=path.',
  });
}

/**
 * Reads a candle file (gzip or plain): the fleet's format or a kline dump of the exchange.
 * @throws CandlesUnreadable with the path, the line and what is wrong.
 */
export function loadCandles({ symbol, path }: CandleFile): LoadedCandles {
  const text = readText(path);
  try {
    const columns = parseCandleColumns(text, { symbol });
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
