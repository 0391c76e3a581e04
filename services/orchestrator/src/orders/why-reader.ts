import type { ProposalSummary, TradingState } from '@fleet/domain/events';
import type { Queryable } from '@fleet/shared/postgres';
import type { Cycle, SymbolInputs } from '../cycles/cycle.ts';
import type { CycleReport } from '../cycles/cycle-report.ts';
import { type CycleRow, reportOfRow } from '../cycles/cycle-row.ts';
import { type OrderRow, orderOfRow } from './order-row.ts';
import type { TrackedOrder } from './order-track.ts';

export interface Decision {
  readonly outcome: 'approved' | 'denied';
  readonly code: string | null;
  readonly message: string;
  readonly quantity: string | null;
  readonly figures: Readonly<Record<string, string | number | null>>;
  readonly decidedAt: number;
}

export interface Fill {
  readonly tradeId: string;
  readonly price: string;
  readonly quantity: string;
  readonly fee: string;
  readonly feeAsset: string;
  readonly maker: boolean;
  readonly time: number;
}

/** The links between a bar and what was bought or sold on it; null for what does not exist or is not known yet. */
export interface Chain {
  readonly proposalId: string;
  readonly clientOrderId: string;
  readonly cycleId: string | null;
  readonly symbol: string;
  readonly inputs: SymbolInputs;
  readonly cycle: CycleReport | null;
  /** Of a flatten's order: the state that asked for it. */
  readonly state: Pick<TradingState, 'epoch' | 'mode' | 'reason' | 'cause' | 'detail' | 'actor'> | null;
  readonly proposal: ProposalSummary | null;
  readonly decision: Decision | null;
  readonly order: TrackedOrder | null;
  /** Of a stop or an emergency sell: the entry whose approval covers it. */
  readonly entry: { readonly proposalId: string; readonly clientOrderId: string } | null;
  readonly fills: readonly Fill[];
}

export interface WhyReader {
  /** `id` is a proposal's, or the client order id that the venue knows. */
  chainOf(id: string): Promise<Chain | undefined>;
}

interface DecisionRow {
  readonly proposal_id: string;
  readonly client_order_id: string;
  readonly cycle_id: string;
  readonly symbol: string;
  readonly outcome: Decision['outcome'];
  readonly code: string | null;
  readonly message: string;
  readonly quantity: string | null;
  readonly figures: Decision['figures'];
  readonly proposal: ProposalSummary | null;
  readonly decided_at: string;
}

const OWN_PURPOSES = ['stop', 'emergency'];
const PROPOSAL_ID_CHARACTERS = 64;

export function whyReader(db: Queryable, run: string): WhyReader {
  return { chainOf: (id) => readChain(db, run, id) };
}

async function readChain(db: Queryable, run: string, id: string): Promise<Chain | undefined> {
  const column = id.length === PROPOSAL_ID_CHARACTERS ? 'proposal_id' : 'client_order_id';
  const [decisions, orders] = await Promise.all([
    db.query<DecisionRow>(`SELECT * FROM orchestrator.decisions WHERE run = $1 AND ${column} = $2`, [
      run,
      id,
    ]),
    db.query<OrderRow>(`SELECT * FROM orchestrator.orders WHERE run = $1 AND ${column} = $2`, [run, id]),
  ]);
  const decision = decisions.rows[0];
  const order = orders.rows[0];
  const head = order ?? decision;
  if (head === undefined) return undefined;
  const { proposal_id: proposalId, client_order_id: clientOrderId, cycle_id: cycleId, symbol } = head;
  const [cycle, fills, entry, state] = await Promise.all([
    readCycle(db, run, cycleId),
    readFills(db, run, proposalId),
    order !== undefined && OWN_PURPOSES.includes(order.purpose) ? readEntry(db, run, order) : null,
    readState(db, run, cycleId),
  ]);
  return {
    ...{ proposalId, clientOrderId, cycleId, symbol, fills, entry, state },
    inputs: cycle?.inputs[symbol] ?? {},
    cycle: cycle?.report ?? null,
    proposal: decision?.proposal ?? null,
    decision: decision === undefined ? null : decisionOf(decision),
    order: order === undefined ? null : orderOfRow(order),
  };
}

function decisionOf(row: DecisionRow): Decision {
  const { outcome, code, message, quantity, figures } = row;
  return { outcome, code, message, quantity, figures, decidedAt: Number(row.decided_at) };
}

async function readCycle(
  db: Queryable,
  run: string,
  cycleId: string | null,
): Promise<{ readonly inputs: Cycle['inputs']; readonly report: CycleReport } | null> {
  if (cycleId === null) return null;
  const { rows } = await db.query<CycleRow>(
    'SELECT * FROM orchestrator.cycles WHERE run = $1 AND cycle_id = $2',
    [run, cycleId],
  );
  return rows[0] === undefined ? null : { inputs: rows[0].inputs, report: reportOfRow(rows[0]) };
}

async function readFills(db: Queryable, run: string, proposalId: string): Promise<Fill[]> {
  const { rows } = await db.query<{
    trade_id: string;
    price: string;
    quantity: string;
    fee: string;
    fee_asset: string;
    maker: boolean;
    filled_at: string;
  }>('SELECT * FROM orchestrator.fills WHERE run = $1 AND proposal_id = $2 ORDER BY filled_at, trade_id', [
    run,
    proposalId,
  ]);
  return rows.map(
    ({ trade_id: tradeId, fee_asset: feeAsset, filled_at: at, price, quantity, fee, maker }) => ({
      ...{ tradeId, price, quantity, fee, feeAsset, maker },
      time: Number(at),
    }),
  );
}

/** The executor's own orders carry the cycle of the entry that they protect. */
async function readEntry(db: Queryable, run: string, order: OrderRow): Promise<Chain['entry']> {
  const { rows } = await db.query<{ proposal_id: string; client_order_id: string }>(
    `SELECT proposal_id, client_order_id FROM orchestrator.orders
     WHERE run = $1 AND cycle_id = $2 AND symbol = $3 AND side = 'buy' ORDER BY sequence LIMIT 1`,
    [run, order.cycle_id, order.symbol],
  );
  const row = rows[0];
  return row === undefined ? null : { proposalId: row.proposal_id, clientOrderId: row.client_order_id };
}

async function readState(db: Queryable, run: string, flattenId: string | null): Promise<Chain['state']> {
  if (flattenId === null) return null;
  const { rows } = await db.query<NonNullable<Chain['state']> & { readonly epoch: unknown }>(
    `SELECT epoch, mode, reason, cause, detail, actor FROM orchestrator.trading_state
     WHERE run = $1 AND flatten_id = $2 ORDER BY epoch LIMIT 1`,
    [run, flattenId],
  );
  return rows[0] === undefined ? null : { ...rows[0], epoch: Number(rows[0].epoch) };
}
