/** What a run did, from the fleet's tables or from a backtest, in one form. Every figure is text, compared as text. */
export interface RunRecord {
  readonly orders: ReadonlyMap<string, Row>;
  readonly fills: ReadonlyMap<string, Row>;
  readonly denials: ReadonlyMap<string, Row>;
  /** By open time of the bar set. */
  readonly equity: ReadonlyMap<string, Row>;
}

export type Row = Readonly<Record<string, string>>;

export const PARTS = ['orders', 'fills', 'denials', 'equity'] as const;

export interface OrderName {
  readonly cycleId: string;
  readonly symbol: string;
  readonly purpose: string;
  readonly sequence: number;
}

/** Cycle, symbol, purpose and sequence name an order in every run; ids do not, for they contain the run. */
export function orderKey({ cycleId, symbol, purpose, sequence }: OrderName): string {
  return `${cycleId} ${symbol} ${purpose} ${sequence}`;
}

/** @throws Error when two rows have one key: then the comparison would hide one of them. */
export function byKey(what: string, rows: Iterable<readonly [string, Row]>): Map<string, Row> {
  const map = new Map<string, Row>();
  for (const [key, row] of rows) {
    if (map.has(key)) throw new Error(`${what}: two rows are named ${key}`);
    map.set(key, row);
  }
  return map;
}
