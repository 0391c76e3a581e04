import type { TradingConfiguration } from '@fleet/domain/configuration';
import { decimal, text } from '@fleet/domain/money';
import {
  type PlanSignal,
  type PortfolioState,
  type Position,
  ReturnWindow,
  setBalance,
  startWorking,
} from '@fleet/domain/portfolio';
import type { Queryable } from '@fleet/shared/postgres';
import type { TableWrite } from '@fleet/shared/streams';
import { createState, noChanges, type OpenSet, type PlanningState, type Row } from './state.ts';

interface AccountRow {
  readonly ledger_version: string;
  readonly day: string | null;
  readonly trading: PortfolioState['trading'];
  readonly planned_set: string;
  readonly opening_marked: boolean;
  readonly journal_seq: string;
}

interface PositionRow {
  readonly symbol: string;
  readonly cost: string;
  readonly realised_pnl: string;
  readonly fees: string;
  readonly slippage: string;
  readonly blocked: boolean;
  readonly last_signal: PlanSignal | null;
}

export async function loadState(
  db: Queryable,
  run: string,
  configuration: TradingConfiguration,
): Promise<PlanningState> {
  const state = createState(run, configuration);
  const account = await db.query<AccountRow>('SELECT * FROM portfolio.account_state WHERE run = $1', [run]);
  if (account.rows[0] !== undefined) takeAccount(state, account.rows[0]);
  const positions = await db.query<PositionRow>('SELECT * FROM portfolio.positions WHERE run = $1', [run]);
  for (const row of positions.rows) takePosition(state, row);
  const balances = await db.query<{ asset: string; amount: string }>(
    'SELECT asset, amount FROM portfolio.balances WHERE run = $1',
    [run],
  );
  for (const { asset, amount } of balances.rows) setBalance(state.portfolio, asset, decimal(amount));
  await loadWorking(db, state);
  for (const index of configuration.instruments.keys()) await loadWindow(db, state, index);
  const sets = await db.query<{ content: OpenSet }>(
    'SELECT content FROM portfolio.open_sets WHERE run = $1 ORDER BY open_time',
    [run],
  );
  for (const { content } of sets.rows) state.openSets.set(content.openTime, content);
  return state;
}

function takeAccount(state: PlanningState, row: AccountRow): void {
  state.portfolio.ledgerVersion = Number(row.ledger_version);
  state.portfolio.day = row.day;
  state.portfolio.trading = row.trading;
  state.plannedSet = Number(row.planned_set);
  state.openingMarked = row.opening_marked;
  state.journalSeq = Number(row.journal_seq);
}

function takePosition(state: PlanningState, row: PositionRow): void {
  const index = state.portfolio.indexOf.get(row.symbol);
  if (index === undefined) return;
  const position = state.portfolio.positions[index] as Position;
  position.cost = decimal(row.cost);
  position.realisedPnl = decimal(row.realised_pnl);
  position.fees = decimal(row.fees);
  position.slippage = decimal(row.slippage);
  state.portfolio.blocked[index] = row.blocked ? 1 : 0;
  state.lastSignals[index] = row.last_signal;
}

async function loadWorking(db: Queryable, state: PlanningState): Promise<void> {
  const { rows } = await db.query<{
    proposal_id: string;
    symbol: string;
    side: 'buy' | 'sell';
    quantity: string;
  }>('SELECT proposal_id, symbol, side, quantity FROM portfolio.working_proposals WHERE run = $1', [
    state.run,
  ]);
  for (const { proposal_id: id, symbol, side, quantity } of rows) {
    const index = state.portfolio.indexOf.get(symbol);
    if (index !== undefined) startWorking(state.portfolio, id, { index, side, quantity: Number(quantity) });
  }
}

/** Volatility from the stored closes: the same bits as if it had been kept. */
async function loadWindow(db: Queryable, state: PlanningState, index: number): Promise<void> {
  const { portfolio, run } = state;
  const size = portfolio.rules.volWindow;
  const { rows } = await db.query<{ ordinal: string; open_time: string; close: number }>(
    `SELECT ordinal, open_time, close FROM
       (SELECT * FROM portfolio.marks WHERE run = $1 AND symbol = $2 ORDER BY ordinal DESC LIMIT $3) newest ORDER BY ordinal`,
    [run, portfolio.instruments[index]?.symbol, ReturnWindow.historyOf(size)],
  );
  const last = rows.at(-1);
  if (last === undefined) return;
  const closes = rows.map(({ close }) => close);
  portfolio.windows[index] = ReturnWindow.replay(size, closes, Number(last.ordinal));
  portfolio.closes[index] = last.close;
  portfolio.barTimes[index] = Number(last.open_time);
}

/** The changed parts as rows; clears the marks. */
export function stateRows(state: PlanningState): readonly TableWrite[] {
  const { changes } = state;
  state.changes = noChanges();
  const writes: TableWrite[] = [
    { table: 'portfolio.ledger_entries', key: ['run', 'entry'], mode: 'insert', rows: changes.entries },
    {
      table: 'portfolio.ledger_postings',
      key: ['run', 'entry', 'line'],
      mode: 'insert',
      rows: changes.postings,
    },
    { table: 'portfolio.equity', key: ['run', 'open_time', 'kind'], mode: 'insert', rows: changes.equity },
    { table: 'portfolio.marks', key: ['run', 'symbol', 'ordinal'], mode: 'insert', rows: changes.marks },
    { table: 'portfolio.proposals', key: ['run', 'proposal_id'], mode: 'insert', rows: changes.proposals },
    {
      table: 'portfolio.balances',
      key: ['run', 'asset'],
      rows: [...changes.assets].map((asset) => balanceRow(state, asset)),
    },
    {
      table: 'portfolio.positions',
      key: ['run', 'symbol'],
      rows: [...changes.positions].map((index) => positionRow(state, index)),
    },
    ...splitWrites(
      'portfolio.working_proposals',
      ['run', 'proposal_id'],
      [...changes.working],
      (id) => workingRow(state, id),
      (id) => ({
        run: state.run,
        proposal_id: id,
      }),
    ),
    ...splitWrites(
      'portfolio.open_sets',
      ['run', 'open_time'],
      [...changes.openSets],
      (time) => openSetRow(state, time),
      (time) => ({
        run: state.run,
        open_time: time,
      }),
    ),
  ];
  if (changes.account)
    writes.push({ table: 'portfolio.account_state', key: ['run'], rows: [accountRow(state)] });
  return writes.filter((write) => write.rows.length > 0);
}

/** What is still there is written, what is gone is deleted. */
function splitWrites<Id>(
  table: string,
  key: readonly string[],
  ids: readonly Id[],
  rowOf: (id: Id) => Row | null,
  keyOf: (id: Id) => Row,
): TableWrite[] {
  const rows: Row[] = [];
  const gone: Row[] = [];
  for (const id of ids) {
    const row = rowOf(id);
    if (row === null) gone.push(keyOf(id));
    else rows.push(row);
  }
  return [
    { table, key, rows },
    { table, key, mode: 'delete', rows: gone },
  ];
}

function accountRow(state: PlanningState): Row {
  const { portfolio } = state;
  return {
    run: state.run,
    ledger_version: portfolio.ledgerVersion,
    day: portfolio.day,
    trading: portfolio.trading,
    planned_set: state.plannedSet,
    opening_marked: state.openingMarked,
    journal_seq: state.journalSeq,
  };
}

function balanceRow(state: PlanningState, asset: string): Row {
  return { run: state.run, asset, amount: text(state.portfolio.balances.get(asset) ?? 0) };
}

function positionRow(state: PlanningState, index: number): Row {
  const { portfolio, run } = state;
  const position = portfolio.positions[index] as Position;
  return {
    run,
    symbol: portfolio.instruments[index]?.symbol,
    cost: text(position.cost),
    realised_pnl: text(position.realisedPnl),
    fees: text(position.fees),
    slippage: text(position.slippage),
    blocked: portfolio.blocked[index] === 1,
    last_signal: state.lastSignals[index] ?? null,
  };
}

function workingRow(state: PlanningState, id: string): Row | null {
  const order = state.portfolio.working.get(id);
  if (order === undefined) return null;
  return {
    run: state.run,
    proposal_id: id,
    symbol: state.portfolio.instruments[order.index]?.symbol,
    side: order.side,
    quantity: order.quantity,
  };
}

function openSetRow(state: PlanningState, openTime: number): Row | null {
  const set = state.openSets.get(openTime);
  return set === undefined ? null : { run: state.run, open_time: openTime, content: set };
}
