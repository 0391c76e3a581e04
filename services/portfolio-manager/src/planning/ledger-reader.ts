import type { Queryable } from '@fleet/shared/postgres';

export interface LedgerEntry {
  readonly entry: number;
  readonly kind: string;
  readonly source: string;
  readonly symbol: string | null;
  readonly proposalId: string | null;
  readonly time: string;
  readonly postings: readonly { readonly account: string; readonly asset: string; readonly amount: string }[];
}

export interface EquityPoint {
  readonly cycleId: string;
  readonly openTime: string;
  readonly day: string;
  readonly equity: string;
  readonly cash: string;
  readonly realisedPnl: string;
  readonly unrealisedPnl: string;
  readonly fees: string;
}

export interface LedgerReader {
  /** Newest first, entries numbered below `before`. */
  entries(page: { readonly limit: number; readonly before: number | null }): Promise<LedgerEntry[]>;
  /** Sum of each account's postings by asset: what positions and balances are derived from. */
  accounts(): Promise<{ readonly account: string; readonly asset: string; readonly balance: string }[]>;
  /** Marks of cycles, newest first, open times (epoch ms) below `before`. */
  equity(page: { readonly limit: number; readonly before: number | null }): Promise<EquityPoint[]>;
}

interface EntryRow {
  readonly entry: string;
  readonly kind: string;
  readonly source: string;
  readonly symbol: string | null;
  readonly proposal_id: string | null;
  readonly time: string;
  readonly postings: LedgerEntry['postings'];
}

interface EquityRow {
  readonly cycle_id: string;
  readonly open_time: string;
  readonly day: string;
  readonly equity: string;
  readonly cash: string;
  readonly realised_pnl: string;
  readonly unrealised_pnl: string;
  readonly fees: string;
}

export function ledgerReader(db: Queryable, run: string): LedgerReader {
  return {
    entries: async ({ limit, before }) => {
      const { rows } = await db.query<EntryRow>(
        `SELECT e.entry, e.kind, e.source, e.symbol, e.proposal_id, e.time,
           (SELECT json_agg(json_build_object('account', p.account, 'asset', p.asset, 'amount', p.amount::text) ORDER BY p.line)
              FROM portfolio.ledger_postings p WHERE p.run = e.run AND p.entry = e.entry) AS postings
         FROM portfolio.ledger_entries e WHERE e.run = $1 AND ($2::bigint IS NULL OR e.entry < $2)
         ORDER BY e.entry DESC LIMIT $3`,
        [run, before, limit],
      );
      return rows.map(entryOf);
    },
    accounts: async () => {
      const { rows } = await db.query<{ account: string; asset: string; balance: string }>(
        `SELECT account, asset, trim_scale(sum(amount))::text AS balance FROM portfolio.ledger_postings
         WHERE run = $1 GROUP BY account, asset ORDER BY account, asset`,
        [run],
      );
      return rows;
    },
    equity: async ({ limit, before }) => {
      const { rows } = await db.query<EquityRow>(
        `SELECT * FROM portfolio.equity WHERE run = $1 AND kind = 'cycle' AND ($2::bigint IS NULL OR open_time < $2)
         ORDER BY open_time DESC LIMIT $3`,
        [run, before, limit],
      );
      return rows.map(equityOf);
    },
  };
}

function entryOf(row: EntryRow): LedgerEntry {
  const { kind, source, symbol, postings } = row;
  const time = new Date(Number(row.time)).toISOString();
  return {
    entry: Number(row.entry),
    kind,
    source,
    symbol,
    proposalId: row.proposal_id,
    time,
    postings: postings ?? [],
  };
}

function equityOf(row: EquityRow): EquityPoint {
  return {
    cycleId: row.cycle_id,
    openTime: new Date(Number(row.open_time)).toISOString(),
    day: row.day,
    equity: row.equity,
    cash: row.cash,
    realisedPnl: row.realised_pnl,
    unrealisedPnl: row.unrealised_pnl,
    fees: row.fees,
  };
}
