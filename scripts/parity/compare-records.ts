import { PARTS, type Row, type RunRecord } from './run-record.ts';

export interface Difference {
  readonly part: (typeof PARTS)[number];
  readonly key: string;
  readonly words: string;
}

export interface Comparison {
  readonly orders: number;
  readonly fills: number;
  readonly bars: number;
  readonly differences: readonly Difference[];
}

/** Every order, fill, denial and equity of both runs, field by field. */
export function compareRecords(fleet: RunRecord, backtest: RunRecord): Comparison {
  const differences = PARTS.flatMap((part) =>
    comparePart(fleet[part], backtest[part]).map((difference) => ({ part, ...difference })),
  );
  return {
    orders: fleet.orders.size,
    fills: fleet.fills.size,
    bars: fleet.equity.size,
    differences,
  };
}

function comparePart(
  fleet: ReadonlyMap<string, Row>,
  backtest: ReadonlyMap<string, Row>,
): Omit<Difference, 'part'>[] {
  const keys = [...new Set([...fleet.keys(), ...backtest.keys()])];
  return keys.flatMap((key) => {
    const words = compareRows(fleet.get(key), backtest.get(key));
    return words === null ? [] : [{ key, words }];
  });
}

function compareRows(fleet: Row | undefined, backtest: Row | undefined): string | null {
  if (fleet === undefined) return `only in the backtest: ${rowText(backtest)}`;
  if (backtest === undefined) return `only in the fleet: ${rowText(fleet)}`;
  const fields = [...new Set([...Object.keys(fleet), ...Object.keys(backtest)])];
  const differing = fields.filter((field) => fleet[field] !== backtest[field]);
  if (differing.length === 0) return null;
  return differing.map((field) => `${field}: fleet ${fleet[field]}, backtest ${backtest[field]}`).join('; ');
}

function rowText(row: Row | undefined): string {
  return Object.entries(row ?? {})
    .map(([field, value]) => `${field} ${value}`)
    .join(', ');
}

const SHOWN_MAX = 20;

/** The first differences in order of time, and the line that says how it stands. */
export function comparisonText({ orders, fills, bars, differences }: Comparison): string {
  const shown = [...differences].sort(byTime).slice(0, SHOWN_MAX);
  const lines = shown.map(({ part, key, words }) => `  ${part} ${key}: ${words}`);
  const more = differences.length > SHOWN_MAX ? [`  and ${differences.length - SHOWN_MAX} more`] : [];
  const last = `parity: ${orders} orders, ${fills} fills, ${bars} bars, ${differences.length} differences`;
  return [...lines, ...more, last].join('\n');
}

/** A key begins with a cycle (`1m:1722470400000`), an open time, or a symbol and trade id: the first cause comes first. */
function byTime(left: Difference, right: Difference): number {
  return timeIn(left) - timeIn(right);
}

function timeIn({ key, words }: Difference): number {
  const time = /\b(\d{12,14})\b/.exec(`${key} ${words}`)?.[1];
  return time === undefined ? Number.POSITIVE_INFINITY : Number(time);
}
