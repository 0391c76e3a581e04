import type { CandleColumns } from '@fleet/domain/candles';

/** Candles of one symbol in memory that all threads see; handed to a worker, only the handle is copied. */
export interface SharedColumns {
  readonly symbol: string;
  readonly intervalMs: number;
  readonly length: number;
  /** Six columns of doubles, one after the other: open time, open, high, low, close, volume. */
  readonly buffer: SharedArrayBuffer;
}

const COLUMNS = ['openTime', 'open', 'high', 'low', 'close', 'volume'] as const;

export function shareColumns(columns: CandleColumns): SharedColumns {
  const { symbol, intervalMs, length } = columns;
  const buffer = new SharedArrayBuffer(COLUMNS.length * length * Float64Array.BYTES_PER_ELEMENT);
  const all = new Float64Array(buffer);
  for (const [at, name] of COLUMNS.entries()) all.set(columns[name].subarray(0, length), at * length);
  return { symbol, intervalMs, length, buffer };
}

/** The columns on the shared memory itself; nobody writes to them. */
export function viewColumns({ symbol, intervalMs, length, buffer }: SharedColumns): CandleColumns {
  const column = (name: (typeof COLUMNS)[number]): Float64Array =>
    new Float64Array(buffer, COLUMNS.indexOf(name) * length * Float64Array.BYTES_PER_ELEMENT, length);
  return {
    ...{ symbol, intervalMs, length },
    openTime: column('openTime'),
    open: column('open'),
    high: column('high'),
    low: column('low'),
    close: column('close'),
    volume: column('volume'),
  };
}
