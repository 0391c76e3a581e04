import type { Queryable } from '@fleet/shared/postgres';
import type { TableWrite } from '@fleet/shared/streams';

type Row = Record<string, unknown>;

const OPEN = new Set([
  'AUTHORISED',
  'SUBMITTING',
  'ACCEPTED',
  'PARTIALLY_FILLED',
  'CANCEL_PENDING',
  'UNKNOWN',
]);

/** The executor's tables in memory, with the few queries that its state is loaded by. */
export class MemoryTables {
  readonly #tables = new Map<string, Map<string, Row>>();

  write(writes: readonly TableWrite[]): void {
    for (const { table, key, rows, mode } of writes) {
      const stored = this.#table(table);
      for (const row of rows) {
        const name = key.map((column) => String(row[column])).join(' ');
        if (mode === 'ignore' && stored.has(name)) continue;
        stored.set(name, { stored_at: new Date(), ...(JSON.parse(JSON.stringify(row)) as Row) });
      }
    }
  }

  rows(table: string): Row[] {
    return [...this.#table(`execution.${table}`).values()];
  }

  get db(): Queryable {
    const query = async (text: string, values: readonly unknown[] = []) => {
      const rows = this.#query(text, values);
      return { rows, rowCount: rows.length, command: 'SELECT', oid: 0, fields: [] };
    };
    return { query } as unknown as Queryable;
  }

  #query(text: string, values: readonly unknown[]): Row[] {
    const from = /from execution\.(\w+)/.exec(text)?.[1] ?? '';
    switch (from) {
      case 'orders':
        return this.#orders(text, values);
      case 'fills': {
        const confirmed = new Map(
          this.rows('symbol_states').map((row) => [row['symbol'], Number(row['confirmed_trade_id'])]),
        );
        return this.rows('fills').filter(
          (row) => Number(row['trade_id']) > (confirmed.get(row['symbol']) ?? Number.POSITIVE_INFINITY),
        );
      }
      case 'intents':
        return this.rows('intents').filter((row) => row['state'] !== 'settled');
      case 'reconciliations':
        return this.rows('reconciliations').slice(-1);
      case 'account_states':
      case 'symbol_states':
        return this.rows(from);
      default:
        throw new Error(`no such query here: ${text}`);
    }
  }

  #orders(text: string, values: readonly unknown[]): Row[] {
    const orders = this.rows('orders');
    if (text.includes('venue_order_id = $3'))
      return orders.filter((row) => row['symbol'] === values[1] && row['venue_order_id'] === values[2]);
    if (text.includes('client_order_id = $2'))
      return orders.filter((row) => row['client_order_id'] === values[1]);
    if (text.includes("state = 'PROPOSED'")) return orders.filter((row) => row['state'] === 'PROPOSED');
    const open = text.includes('state = any');
    return orders.filter((row) => OPEN.has(String(row['state'])) === open && row['state'] !== 'PROPOSED');
  }

  #table(name: string): Map<string, Row> {
    const known = this.#tables.get(name);
    if (known !== undefined) return known;
    const made = new Map<string, Row>();
    this.#tables.set(name, made);
    return made;
  }
}
