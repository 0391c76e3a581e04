import { type Envelope, envelopeToFields, eventId } from '@fleet/domain/events/envelope';
import type { Redis } from 'ioredis';
import type { Pool } from 'pg';
import type { Catalog, CatalogEntry } from '../catalog.ts';
import { partitionOf, physicalKey } from '../keys.ts';
import type { DecideContext, Decided, Input, Processor, TableWrite } from '../processor.ts';

/** A consumer small enough to see through: it books numbered deposits of accounts, and says what it booked. */

export const RUN = 'test-run';

function entry(type: string, stream: string, partitionBy: CatalogEntry['partitionBy']): CatalogEntry {
  return { type, v: 1, stream, partitionBy, parse: parseDeposit };
}

const ENTRIES = [
  entry('deposit.made', 'test.in', 'account'),
  entry('price.seen', 'test.prices', 'symbol'),
  entry('deposit.booked', 'test.out', 'account'),
  entry('ledger.closed', 'test.commands', 'all'),
];

export const ledgerCatalog: Catalog = {
  entry: (type) => ENTRIES.find((each) => each.type === type),
  streams: ['test.in', 'test.prices', 'test.out', 'test.commands'],
  groupsOf: (stream) => ({ 'test.in': ['ledger'], 'test.prices': ['ledger'] })[stream] ?? [],
};

export interface Deposit {
  /** From 1, without a gap, for each key. */
  readonly n: number;
  /** The deposit waits until a price with this number was seen. */
  readonly afterPrice?: number;
  readonly fault?: string;
}

function parseDeposit(data: unknown): Deposit {
  if (typeof data !== 'object' || data === null || !('n' in data) || typeof data.n !== 'number') {
    throw new Error('data.n must be a number');
  }
  return data as Deposit;
}

interface Account {
  last: number;
  total: number;
}

export interface LedgerState {
  readonly run: string;
  readonly accounts: Map<string, Account>;
  readonly changed: Set<string>;
  /** Rows of a table without any unique key: a repeated effect would show. */
  readonly effects: Record<string, unknown>[];
  price: number;
}

export interface LedgerHooks {
  /** Entries with this fault are refused until it is taken away. */
  readonly faults: Set<string>;
  readonly lost: number[];
}

export const LEDGER_TABLES = `
CREATE TABLE accounts (run text, account text, last int, total bigint, PRIMARY KEY (run, account));
CREATE TABLE prices (run text PRIMARY KEY, price int NOT NULL);
CREATE TABLE effects (position bigint GENERATED ALWAYS AS IDENTITY, run text, event_id text, account text, n int, last int);
`;

export function ledgerProcessor(schema: string, hooks: Partial<LedgerHooks> = {}): Processor<LedgerState> {
  return {
    load: async (db, { run }) => {
      const { rows } = await db.query<{ account: string; last: number; total: string }>(
        `SELECT account, last, total FROM "${schema}".accounts WHERE run = $1`,
        [run],
      );
      const prices = await db.query<{ price: number }>(
        `SELECT price FROM "${schema}".prices WHERE run = $1`,
        [run],
      );
      return {
        run,
        accounts: new Map(rows.map((row) => [row.account, { last: row.last, total: Number(row.total) }])),
        changed: new Set<string>(),
        effects: [],
        price: prices.rows[0]?.price ?? 0,
      };
    },
    decide: (state, input, context) => decide(state, input, context, hooks.faults ?? new Set()),
    rows: (state) => rowsOf(state, schema),
    onLost: () => hooks.lost?.push(1),
  };
}

function decide(state: LedgerState, input: Input, context: DecideContext, faults: Set<string>): Decided {
  const deposit = input.data as Deposit;
  if (input.type === 'price.seen') {
    state.price = Math.max(state.price, deposit.n);
    return { kind: 'done' };
  }
  if (deposit.afterPrice !== undefined && state.price < deposit.afterPrice && !context.waitExpired) {
    return { kind: 'wait', for: `price ${deposit.afterPrice}` };
  }
  const account = state.accounts.get(input.key) ?? { last: 0, total: 0 };
  state.accounts.set(input.key, account);
  if (deposit.fault === 'throw' && faults.has('throw')) {
    account.total = -1;
    throw new Error('half done, then failed');
  }
  if (deposit.fault !== undefined && faults.has(deposit.fault)) {
    return { kind: 'reject', error: new Error(`refused: ${deposit.fault}`) };
  }
  state.effects.push({
    run: state.run,
    event_id: input.id,
    account: input.key,
    n: deposit.n,
    last: account.last,
  });
  account.last = deposit.n;
  account.total += deposit.n;
  state.changed.add(input.key);
  const data = { n: deposit.n, total: account.total };
  return {
    kind: 'done',
    events: [{ type: 'deposit.booked', key: input.key, ts: input.ts, data }],
    effects: [data],
    result: account.total,
  };
}

function rowsOf(state: LedgerState, schema: string): TableWrite[] {
  const accounts = [...state.changed].map((name) => {
    const account = state.accounts.get(name);
    return { run: state.run, account: name, last: account?.last ?? 0, total: account?.total ?? 0 };
  });
  state.changed.clear();
  const effects = state.effects.splice(0);
  return [
    { table: `${schema}.accounts`, key: ['run', 'account'], rows: accounts },
    { table: `${schema}.effects`, key: [], rows: effects, mode: 'insert' },
    { table: `${schema}.prices`, key: ['run'], rows: [{ run: state.run, price: state.price }] },
  ];
}

export function depositFields(type: string, account: string, deposit: Deposit, run = RUN): string[] {
  const envelope: Envelope = {
    id: eventId(run, type, `${account} ${deposit.n}`),
    type,
    v: 1,
    ts: '2024-01-01T00:00:00.000Z',
    key: account,
    source: 'test',
    run,
    traceparent: '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01',
    requestId: 'test',
    causationId: null,
    data: deposit,
  };
  return envelopeToFields(envelope);
}

/** Writes deposits 1 to `count` of each account, in turn. */
export async function writeDeposits(
  redis: Redis,
  accounts: readonly string[],
  numbers: { readonly from: number; readonly to: number },
  partitions = 1,
): Promise<void> {
  for (let n = numbers.from; n <= numbers.to; n += 1) {
    const pipeline = redis.pipeline();
    for (const account of accounts) {
      const key = physicalKey('test.in', partitions === 1 ? 0 : partitionOf(account, partitions));
      pipeline.xadd(key, '*', ...depositFields('deposit.made', account, { n }));
    }
    await pipeline.exec();
  }
}

export interface Booked {
  readonly account: string;
  readonly n: number;
  readonly last: number;
}

export async function bookedEffects(pool: Pool, schema: string): Promise<Booked[]> {
  const { rows } = await pool.query<Booked>(
    `SELECT account, n, last FROM "${schema}".effects ORDER BY position`,
  );
  return rows;
}

/** First occurrences in `test.out`, by event id, in stream order. */
export async function publishedDeposits(redis: Redis): Promise<{ account: string; n: number }[]> {
  const entries = await redis.xrange(physicalKey('test.out', 0), '-', '+');
  const seen = new Set<string>();
  const published: { account: string; n: number }[] = [];
  for (const [, fields] of entries) {
    const byName = new Map<string, string>();
    for (let i = 0; i < fields.length; i += 2) byName.set(fields[i] as string, fields[i + 1] as string);
    const id = byName.get('id') as string;
    if (seen.has(id)) continue;
    seen.add(id);
    published.push({ account: byName.get('key') as string, n: JSON.parse(byName.get('data') as string).n });
  }
  return published;
}
