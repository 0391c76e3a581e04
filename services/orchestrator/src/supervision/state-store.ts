import type { Queryable } from '@fleet/shared/postgres';
import type { TableWrite } from '@fleet/shared/streams';
import { CYCLES_KEPT } from '../cycles/cycle-book.ts';
import { type CycleRow, cycleOfRow, rowOfCycle } from '../cycles/cycle-row.ts';
import { ANSWERS_KEPT } from '../orders/order-book.ts';
import { type OrderRow, orderOfRow, rowOfOrder } from '../orders/order-row.ts';
import { emptyState, noChanges, type OrchestratorState, type Scope } from './state.ts';

interface RunRow {
  readonly supervision: OrchestratorState['supervision'];
  readonly conditions: OrchestratorState['conditions'];
  readonly equity: OrchestratorState['equity'];
  readonly exec_sequence: string;
  readonly applied_epoch: string;
  readonly decided_cycle: string | null;
  readonly cycles_completed: string;
  readonly cycles_timed_out: string;
  readonly audit_sequence: string;
  readonly audit_hash: string;
}

/** State of the last commit; that of a run that begins when there is none. */
export async function loadState(db: Queryable, scope: Scope): Promise<OrchestratorState> {
  const { run } = scope;
  const state = emptyState(scope);
  const runs = await db.query<RunRow>('SELECT * FROM orchestrator.run_state WHERE run = $1', [run]);
  const row = runs.rows[0];
  if (row === undefined) return state;
  takeRun(state, row);
  const cycles = await db.query<CycleRow>(
    `SELECT * FROM (
       (SELECT * FROM orchestrator.cycles WHERE run = $1 ORDER BY open_time DESC LIMIT $2)
       UNION
       SELECT * FROM orchestrator.cycles WHERE run = $1 AND status NOT IN ('settled', 'timed-out')
     ) kept ORDER BY open_time, opened_at NULLS LAST`,
    [run, CYCLES_KEPT],
  );
  for (const each of cycles.rows) state.cycles.add(cycleOfRow(each));
  await loadAnswers(db, state);
  return state;
}

function takeRun(state: OrchestratorState, row: RunRow): void {
  state.began = true;
  Object.assign(state.supervision, row.supervision);
  state.conditions = row.conditions;
  state.equity = row.equity;
  state.execSequence = Number(row.exec_sequence);
  state.appliedEpoch = Number(row.applied_epoch);
  state.decidedCycle = row.decided_cycle;
  state.cyclesCompleted = Number(row.cycles_completed);
  state.cyclesTimedOut = Number(row.cycles_timed_out);
  state.audit = { sequence: Number(row.audit_sequence), hash: row.audit_hash };
}

/** Answers may have come before the plan that names them. */
async function loadAnswers(db: Queryable, state: OrchestratorState): Promise<void> {
  const { run } = state.scope;
  const orders = await db.query<OrderRow>(
    `SELECT * FROM (
       (SELECT * FROM orchestrator.orders WHERE run = $1 ORDER BY sequence DESC LIMIT $2)
       UNION
       SELECT * FROM orchestrator.orders WHERE run = $1 AND state <> ALL ($3)
     ) kept ORDER BY sequence`,
    [run, ANSWERS_KEPT, ['FILLED', 'REJECTED', 'CANCELED', 'EXPIRED']],
  );
  for (const row of orders.rows) state.orders.add(orderOfRow(row));
  const decisions = await db.query<{ proposal_id: string; outcome: 'approved' | 'denied' }>(
    `SELECT proposal_id, outcome FROM
       (SELECT * FROM orchestrator.decisions WHERE run = $1 ORDER BY decided_at DESC LIMIT $2) newest
     ORDER BY decided_at`,
    [run, ANSWERS_KEPT],
  );
  for (const row of decisions.rows) state.orders.decide(row.proposal_id, row.outcome);
}

/** The changed parts as rows; clears the marks. */
export function stateRows(state: OrchestratorState): readonly TableWrite[] {
  const { changes, scope, cycles } = state;
  const { run } = scope;
  state.changes = noChanges();
  const writes: TableWrite[] = [];
  const write = (table: string, key: string[], rows: TableWrite['rows'], mode: TableWrite['mode']) => {
    if (rows.length > 0) writes.push({ table: `orchestrator.${table}`, key, rows, mode: mode ?? 'upsert' });
  };
  if (changes.run) write('run_state', ['run'], [runRow(state)], 'upsert');
  write(
    'trading_state',
    ['run', 'epoch'],
    changes.trading.map((each) => tradingRow(run, each)),
    'ignore',
  );
  write('trading_days', ['run', 'day'], [...changes.days.values()], 'upsert');
  const cycleRows = [...changes.cycles].map((cycle) => rowOfCycle(run, cycle, cycles.flattenOf(cycle)));
  write('cycles', ['run', 'cycle_id'], cycleRows, 'upsert');
  write(
    'orders',
    ['run', 'proposal_id'],
    [...changes.orders].map((order) => rowOfOrder(run, order)),
    'upsert',
  );
  write('decisions', ['run', 'proposal_id'], changes.decisions, 'ignore');
  write('fills', ['run', 'symbol', 'trade_id'], changes.fills, 'ignore');
  write('audit_events', ['run', 'sequence'], changes.audit, 'insert');
  return writes;
}

function runRow(state: OrchestratorState): Record<string, unknown> {
  return {
    run: state.scope.run,
    supervision: state.supervision,
    conditions: state.conditions,
    equity: state.equity,
    exec_sequence: state.execSequence,
    applied_epoch: state.appliedEpoch,
    decided_cycle: state.decidedCycle,
    cycles_completed: state.cyclesCompleted,
    cycles_timed_out: state.cyclesTimedOut,
    audit_sequence: state.audit.sequence,
    audit_hash: state.audit.hash,
  };
}

function tradingRow(
  run: string,
  trading: OrchestratorState['supervision']['trading'],
): Record<string, unknown> {
  const { epoch, mode, reason, cause, detail, actor, cycleId, flattenId, day, since } = trading;
  return {
    run,
    epoch,
    mode,
    reason,
    cause,
    detail,
    actor,
    cycle_id: cycleId,
    flatten_id: flattenId,
    day,
    since,
  };
}
