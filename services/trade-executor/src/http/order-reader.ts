import type { Queryable } from '@fleet/shared/postgres';
import { type OrderRow, orderOf } from '../book/load.ts';
import type { OrderHistory, OrderView } from './views.ts';

/** What routes read: of one run, from the committed rows, so that every replica answers the same. */
export interface OrderReader {
  /** By client order id or proposal id. */
  history(id: string): Promise<OrderHistory | null>;
  open(): Promise<readonly OrderView[]>;
}

interface FillRow {
  readonly trade_id: string;
  readonly price: string;
  readonly quantity: string;
  readonly quote_quantity: string;
  readonly fee: string;
  readonly fee_asset: string;
  readonly maker: boolean;
  readonly time: string;
}

interface RequestRow {
  readonly kind: 'place' | 'cancel' | 'replace';
  readonly attempt: number;
  readonly timestamp: string;
  readonly state: string;
  readonly outcome: string | null;
}

interface EventRow {
  readonly sequence: string;
  readonly type: string;
  readonly state: string;
  readonly time: string;
  readonly detail: string;
}

interface DenialRow {
  readonly code: string;
  readonly message: string;
}

const ENDED = ['DENIED', 'FILLED', 'REJECTED', 'CANCELED', 'EXPIRED'];
const ROWS_MAX = 500;

export function orderReader(db: Queryable, run: string): OrderReader {
  return {
    async history(id) {
      const { rows } = await db.query<OrderRow>(
        'select * from execution.orders where run = $1 and (client_order_id = $2 or proposal_id = $2)',
        [run, id],
      );
      const row = rows[0];
      if (row === undefined) return null;
      const of = [run, row.client_order_id];
      const fills = await db.query<FillRow>(
        'select * from execution.fills where run = $1 and client_order_id = $2 order by trade_id limit 500',
        of,
      );
      const requests = await db.query<RequestRow>(
        `select * from execution.intents where run = $1 and (client_order_id = $2 or cancel_client_order_id = $2)
         order by id limit 500`,
        of,
      );
      const events = await db.query<EventRow>(
        'select * from execution.order_events where run = $1 and client_order_id = $2 order by sequence limit 500',
        of,
      );
      const denials = await db.query<DenialRow>(
        'select code, message from execution.denials where run = $1 and client_order_id = $2',
        of,
      );
      return {
        order: viewOf(row),
        denial: denials.rows[0] ?? null,
        fills: fills.rows.map(fillView),
        requests: requests.rows.map(requestView),
        events: events.rows.map(eventView),
      };
    },
    async open() {
      const { rows } = await db.query<OrderRow>(
        `select * from execution.orders where run = $1 and state <> all($2) and state <> 'PROPOSED'
         order by symbol, cycle_id, sequence limit $3`,
        [run, ENDED, ROWS_MAX],
      );
      return rows.map(viewOf);
    },
  };
}

function viewOf(row: OrderRow): OrderView {
  const { filled, referencePrice, flattenId: _flatten, ...order } = orderOf(row);
  return { ...order, filled: filled.toFixed(), referencePrice };
}

function fillView(row: FillRow): OrderHistory['fills'][number] {
  return {
    tradeId: row.trade_id,
    price: row.price,
    quantity: row.quantity,
    quoteQuantity: row.quote_quantity,
    fee: row.fee,
    feeAsset: row.fee_asset,
    maker: row.maker,
    time: Number(row.time),
  };
}

function requestView(row: RequestRow): OrderHistory['requests'][number] {
  const { kind, attempt, state, outcome } = row;
  return { kind, attempt, timestamp: Number(row.timestamp), state, outcome };
}

function eventView(row: EventRow): OrderHistory['events'][number] {
  const { type, state, detail } = row;
  return { sequence: Number(row.sequence), type, state, time: Number(row.time), detail };
}
