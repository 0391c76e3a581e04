import { decimal, text } from '@fleet/domain/money';
import type { Client } from 'pg';
import { byKey, orderKey, type Row, type RunRecord } from './run-record.ts';

type Columns = Readonly<Record<string, string | null>>;

const ORDERS = `
  select cycle_id, symbol, purpose, sequence::text, side, type, quantity::text, limit_price::text as "limitPrice",
         trigger_price::text as "triggerPrice", state, filled::text
    from execution.orders where run = $1`;

const FILLS = `
  select f.symbol, f.trade_id::text as "tradeId", o.cycle_id, o.purpose, o.sequence::text, f.side, f.price::text,
         f.quantity::text, f.quote_quantity::text as "quoteQuantity", f.fee::text, f.fee_asset as "feeAsset", f.time::text
    from execution.fills f left join execution.orders o using (run, client_order_id) where f.run = $1`;

/** Risk keeps the proposal's id alone; its place in the cycle is the portfolio's. */
const DENIALS = `
  select d.cycle_id, d.symbol, d.purpose, p.sequence::text, d.code
    from risk.decisions d left join portfolio.proposals p using (run, proposal_id)
   where d.run = $1 and d.outcome = 'denied'`;

const EQUITY = `select open_time::text, equity::text from portfolio.equity where run = $1 and kind = 'cycle'`;

const DEPLOYMENTS = `
  select symbol, first_open_time::text as "openTime", strategy, parameters
    from analysis.strategy_versions where run = $1 order by first_open_time, symbol`;

/** What the fleet's own tables say of a run. `client` is of a role that may read every schema. */
export async function fleetRecord(client: Client, run: string): Promise<RunRecord> {
  const rows = async (sql: string) => (await client.query<Columns>(sql, [run])).rows;
  return {
    orders: byKey(
      'execution.orders',
      (await rows(ORDERS)).map((row) => [nameOf(row), orderRow(row)]),
    ),
    fills: byKey(
      'execution.fills',
      (await rows(FILLS)).map((row) => [`${row['symbol']} ${row['tradeId']}`, fillRow(row)]),
    ),
    denials: byKey(
      'risk.decisions',
      (await rows(DENIALS)).map((row) => [nameOf(row), { code: field(row, 'code') }]),
    ),
    equity: byKey(
      'portfolio.equity',
      (await rows(EQUITY)).map((row) => [field(row, 'open_time'), { equity: amount(row['equity']) }]),
    ),
  };
}

export interface RecordedVersion {
  readonly symbol: string;
  readonly openTime: string;
  readonly strategy: string;
  readonly parameters: Readonly<Record<string, string | number | boolean>>;
}

/** Which strategy version spoke for which symbol from which bar set on. */
export async function recordedVersions(client: Client, run: string): Promise<RecordedVersion[]> {
  return (await client.query<RecordedVersion>(DEPLOYMENTS, [run])).rows;
}

function nameOf(row: Columns): string {
  return orderKey({
    cycleId: field(row, 'cycle_id'),
    symbol: field(row, 'symbol'),
    purpose: field(row, 'purpose'),
    sequence: Number(row['sequence'] ?? Number.NaN),
  });
}

function orderRow(row: Columns): Row {
  return {
    side: field(row, 'side'),
    type: field(row, 'type'),
    quantity: amount(row['quantity']),
    limitPrice: amount(row['limitPrice']),
    triggerPrice: amount(row['triggerPrice']),
    state: field(row, 'state'),
    filled: amount(row['filled']),
  };
}

function fillRow(row: Columns): Row {
  return {
    order: nameOf(row),
    side: field(row, 'side'),
    price: amount(row['price']),
    quantity: amount(row['quantity']),
    quoteQuantity: amount(row['quoteQuantity']),
    fee: amount(row['fee']),
    feeAsset: field(row, 'feeAsset'),
    time: field(row, 'time'),
  };
}

function field(row: Columns, name: string): string {
  return row[name] ?? '-';
}

/** Numbers without the trailing zeros that a column may add. */
export function amount(value: string | null | undefined): string {
  return value === null || value === undefined ? '-' : text(decimal(value));
}
