import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { type CandleColumns, parseCandleColumns, sliceColumns } from '@fleet/domain/candles';
import type { Span } from '../search/period.ts';
import { CandleFileUnreadable, CandlesConflict } from './candle-errors.ts';

export interface FolderRequest extends Span {
  readonly folder: string;
  readonly symbol: string;
  /** Name of the interval, as in the files' names. */
  readonly interval: string;
  readonly intervalMs: number;
}

const BYTES_MAX = 1024 * 1024 * 1024;
const DAY_MS = 86_400_000;
const DATES = /-(\d{4})(\d{2})(\d{2})-(\d{4})(\d{2})(\d{2})(?=[.-])/;

/**
 * The candles of a symbol that open in [from, to), from all files `SYMBOL-INTERVAL-….csv[.gz]` of the folder; null
 * when none has any. Files whose name tells other dates (`-YYYYMMDD-YYYYMMDD`) are not read.
 * @throws CandleFileUnreadable, or CandlesConflict when two files disagree about a candle.
 */
export function candlesFromFolder(request: FolderRequest): CandleColumns | null {
  const parts = matchingFiles(request).flatMap((name) => {
    const columns = sliceColumns(readColumns(request, name), request.from, request.to);
    return columns.length === 0 ? [] : [{ name, columns }];
  });
  parts.sort((a, b) => (a.columns.openTime[0] ?? 0) - (b.columns.openTime[0] ?? 0));
  const [first, ...rest] = parts;
  if (first === undefined) return null;
  return rest.reduce((merged, part) => merge(merged, part.columns, part.name), first.columns);
}

function matchingFiles({ folder, symbol, interval, from, to }: FolderRequest): string[] {
  let names: string[];
  try {
    names = readdirSync(folder).sort();
  } catch (cause) {
    throw new CandleFileUnreadable(`the folder ${folder} cannot be read`, { cause });
  }
  const begins = `${symbol}-${interval}`;
  return names.filter((name) => {
    if (!name.startsWith(`${begins}-`) && !name.startsWith(`${begins}.`)) return false;
    if (!/\.csv(\.gz)?$/.test(name)) return false;
    const named = namedSpan(name);
    return named === null || (named.from < to && named.to > from);
  });
}

/** The dates in a file's name, both included. */
function namedSpan(name: string): Span | null {
  const found = DATES.exec(name)?.slice(1).map(Number);
  if (found === undefined) return null;
  const [y1 = 0, m1 = 0, d1 = 0, y2 = 0, m2 = 0, d2 = 0] = found;
  return { from: Date.UTC(y1, m1 - 1, d1), to: Date.UTC(y2, m2 - 1, d2) + DAY_MS };
}

function readColumns({ folder, symbol, intervalMs }: FolderRequest, name: string): CandleColumns {
  try {
    const bytes = readFileSync(join(folder, name));
    const zipped = bytes[0] === 0x1f && bytes[1] === 0x8b;
    const text = zipped ? gunzipSync(bytes, { maxOutputLength: BYTES_MAX }) : bytes;
    // Latin-1 has one byte a character: what is no digit or comma is refused by the parser either way.
    return parseCandleColumns(text.toString('latin1'), { symbol, intervalMs });
  } catch (cause) {
    const why = cause instanceof Error ? cause.message : String(cause);
    throw new CandleFileUnreadable(`${name}: ${why}`, { cause });
  }
}

const COLUMNS = ['openTime', 'open', 'high', 'low', 'close', 'volume'] as const;

/** Both in time order, `left` beginning first. Where they overlap they must say the same. */
function merge(left: CandleColumns, right: CandleColumns, name: string): CandleColumns {
  const merged = COLUMNS.map(() => new Float64Array(left.length + right.length));
  let length = 0;
  for (let l = 0, r = 0; l < left.length || r < right.length; length += 1) {
    const [mine, other] = [left.openTime[l] ?? Infinity, right.openTime[r] ?? Infinity];
    if (mine === other) assertSame(left, l, right, r, name);
    const [from, row] = mine <= other ? [left, l] : [right, r];
    for (let column = 0; column < COLUMNS.length; column += 1) {
      const target = merged[column];
      if (target !== undefined) target[length] = from[COLUMNS[column] ?? 'openTime'][row] ?? 0;
    }
    if (mine <= other) l += 1;
    if (other <= mine) r += 1;
  }
  const [openTime, open, high, low, close, volume] = merged.map((column) => column.subarray(0, length));
  const none = new Float64Array(0);
  return {
    ...{ symbol: left.symbol, intervalMs: left.intervalMs, length, openTime: openTime ?? none },
    ...{ open: open ?? none, high: high ?? none, low: low ?? none, close: close ?? none },
    volume: volume ?? none,
  };
}

function assertSame(left: CandleColumns, l: number, right: CandleColumns, r: number, name: string): void {
  const differs = (['open', 'high', 'low', 'close'] as const).find((key) => left[key][l] !== right[key][r]);
  if (differs === undefined) return;
  const at = new Date(left.openTime[l] ?? 0).toISOString();
  throw new CandlesConflict(
    `${name} says ${differs} ${right[differs][r]} of ${left.symbol} at ${at}, another file ${left[differs][l]}`,
  );
}
