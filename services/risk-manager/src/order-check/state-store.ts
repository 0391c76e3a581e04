import { restoreHistory, snapshotHistory } from '@fleet/domain/bars';
import type { TradingConfiguration } from '@fleet/domain/configuration';
import type { Protection } from '@fleet/domain/execution';
import { decimal, text } from '@fleet/domain/money';
import type { OrderPurpose } from '@fleet/domain/orders';
import { DECISIONS_MAX, type RiskState, setRiskBalance, type Verdict } from '@fleet/domain/risk';
import type { Queryable } from '@fleet/shared/postgres';
import type { TableWrite } from '@fleet/shared/streams';
import { freeze } from './bookings.ts';
import { createState, noChanges, type OpenSet, type OrderCheckState } from './state.ts';

interface AccountRow {
  readonly ledger_version: string;
  readonly balances: Readonly<Record<string, string>>;
  readonly trading: RiskState['trading'];
  readonly day: RiskState['day'];
  readonly target_locked_day: string | null;
  /** By symbol and cause. */
  readonly frozen: Readonly<Record<string, Readonly<Record<string, string>>>>;
  readonly complete_set: string;
  readonly open_sets: readonly OpenSet[];
  readonly decision_count: string;
  readonly forgotten_until: string;
  readonly market: string;
}

interface SymbolRow {
  readonly symbol: string;
  readonly bar_time: string;
  readonly close_time: string;
  readonly close: number;
  readonly implausible: string | null;
  readonly previous: RiskState['market'][number]['previous'];
  readonly history: unknown;
  readonly protection: {
    entryQuantity: string;
    entryQuote: string;
    distance: string | null;
    trigger: string | null;
  };
}

interface ReservationRow {
  readonly proposal_id: string;
  readonly symbol: string;
  readonly side: 'buy' | 'sell';
  readonly purpose: OrderPurpose;
  readonly reference_price: string;
  readonly remaining: string;
  readonly quote_per_unit: string;
  readonly loss_per_unit: number;
}

export async function loadState(
  db: Queryable,
  run: string,
  configuration: TradingConfiguration,
): Promise<OrderCheckState> {
  const state = createState(run, configuration);
  const account = await db.query<AccountRow>('SELECT * FROM risk.account_state WHERE run = $1', [run]);
  if (account.rows[0] !== undefined) takeAccount(state, account.rows[0]);
  const symbols = await db.query<SymbolRow>('SELECT * FROM risk.symbol_state WHERE run = $1', [run]);
  for (const row of symbols.rows) takeSymbol(state, row);
  // In the order in which they were made: sums of doubles depend on it.
  const reservations = await db.query<ReservationRow>(
    'SELECT r.* FROM risk.reservations r JOIN risk.decisions d USING (run, proposal_id) WHERE r.run = $1 ORDER BY d.ordinal',
    [run],
  );
  for (const row of reservations.rows) takeReservation(state, row);
  await loadDecisions(db, state);
  state.changes = noChanges();
  return state;
}

async function loadDecisions(db: Queryable, { risk, run }: OrderCheckState): Promise<void> {
  const decisions = await db.query<{
    proposal_id: string;
    payload_hash: string;
    decided_at: string;
    verdict: Verdict;
  }>(
    `SELECT proposal_id, payload_hash, decided_at, verdict FROM
       (SELECT * FROM risk.decisions WHERE run = $1 ORDER BY ordinal DESC LIMIT $2) newest ORDER BY ordinal`,
    [run, DECISIONS_MAX],
  );
  for (const row of decisions.rows) {
    const { proposal_id: proposalId, payload_hash: payloadHash, verdict } = row;
    risk.decisions.set(proposalId, { proposalId, payloadHash, decidedAt: Number(row.decided_at), verdict });
  }
}

function takeAccount(state: OrderCheckState, row: AccountRow): void {
  const { risk } = state;
  risk.ledgerVersion = Number(row.ledger_version);
  for (const [asset, amount] of Object.entries(row.balances)) setRiskBalance(risk, asset, decimal(amount));
  risk.trading = row.trading;
  risk.day = row.day;
  risk.targetLockedDay = row.target_locked_day;
  for (const [symbol, causes] of Object.entries(row.frozen))
    for (const [cause, why] of Object.entries(causes)) freeze(state, symbol, cause, why);
  state.completeSet = Number(row.complete_set);
  for (const set of row.open_sets) state.openSets.set(set.openTime, set);
  state.decisionCount = Number(row.decision_count);
  risk.forgottenUntil = Number(row.forgotten_until);
  state.market = Number(row.market);
}

function takeSymbol(state: OrderCheckState, row: SymbolRow): void {
  const { risk } = state;
  const index = risk.indexOf.get(row.symbol);
  if (index === undefined) return;
  risk.barTimes[index] = Number(row.bar_time);
  risk.closeTimes[index] = Number(row.close_time);
  risk.closes[index] = row.close;
  risk.implausible[index] = row.implausible;
  const history = restoreHistory(risk.limits.bars.historyBars, row.history);
  risk.market[index] = { previous: row.previous, history };
  state.protections[index] = protectionOf(row.protection);
  risk.held[index] = { stop: row.protection.trigger === null ? null : Number(row.protection.trigger) };
}

function protectionOf(row: SymbolRow['protection']): Protection {
  return {
    entryQuantity: decimal(row.entryQuantity),
    entryQuote: decimal(row.entryQuote),
    distance: row.distance === null ? null : decimal(row.distance),
    trigger: row.trigger === null ? null : decimal(row.trigger),
  };
}

function takeReservation(state: OrderCheckState, row: ReservationRow): void {
  const index = state.risk.indexOf.get(row.symbol);
  if (index === undefined) return;
  state.risk.reservations.set(row.proposal_id, {
    proposalId: row.proposal_id,
    index,
    side: row.side,
    purpose: row.purpose,
    referencePrice: decimal(row.reference_price),
    remaining: decimal(row.remaining),
    quotePerUnit: decimal(row.quote_per_unit),
    lossPerUnit: row.loss_per_unit,
  });
}

/** The changed parts as rows; clears the marks. */
export function stateRows(state: OrderCheckState): readonly TableWrite[] {
  const { changes } = state;
  state.changes = noChanges();
  const writes: TableWrite[] = [];
  if (changes.account) writes.push({ table: 'risk.account_state', key: ['run'], rows: [accountRow(state)] });
  if (changes.symbols.size > 0) {
    writes.push({
      table: 'risk.symbol_state',
      key: ['run', 'symbol'],
      rows: [...changes.symbols].map((index) => symbolRow(state, index)),
    });
  }
  if (changes.decisions.length > 0) {
    writes.push({
      table: 'risk.decisions',
      key: ['run', 'proposal_id'],
      rows: changes.decisions,
      mode: 'ignore',
    });
  }
  return [...writes, ...reservationWrites(state, changes.reservations)];
}

function reservationWrites(state: OrderCheckState, ids: ReadonlySet<string>): TableWrite[] {
  const table = { table: 'risk.reservations', key: ['run', 'proposal_id'] };
  const held = [...ids].flatMap((id) => state.risk.reservations.get(id) ?? []);
  const gone = [...ids].filter((id) => !state.risk.reservations.has(id));
  const writes: TableWrite[] = [];
  if (held.length > 0) {
    const rows = held.map((reservation) => ({
      run: state.run,
      proposal_id: reservation.proposalId,
      symbol: state.risk.instruments[reservation.index]?.symbol,
      side: reservation.side,
      purpose: reservation.purpose,
      reference_price: text(reservation.referencePrice),
      remaining: text(reservation.remaining),
      quote_per_unit: text(reservation.quotePerUnit),
      loss_per_unit: reservation.lossPerUnit,
    }));
    writes.push({ ...table, rows });
  }
  if (gone.length > 0)
    writes.push({ ...table, mode: 'delete', rows: gone.map((id) => ({ run: state.run, proposal_id: id })) });
  return writes;
}

function accountRow(state: OrderCheckState): Record<string, unknown> {
  const { risk } = state;
  return {
    run: state.run,
    ledger_version: risk.ledgerVersion,
    balances: Object.fromEntries([...risk.balances].map(([asset, amount]) => [asset, text(amount)])),
    trading: risk.trading,
    day: risk.day,
    target_locked_day: risk.targetLockedDay,
    frozen: Object.fromEntries([...state.freezes].map(([symbol, why]) => [symbol, Object.fromEntries(why)])),
    complete_set: state.completeSet,
    open_sets: [...state.openSets.values()],
    decision_count: state.decisionCount,
    forgotten_until: risk.forgottenUntil,
    market: state.market,
  };
}

function symbolRow(state: OrderCheckState, index: number): Record<string, unknown> {
  const { risk } = state;
  const market = risk.market[index];
  const protection = state.protections[index];
  return {
    run: state.run,
    symbol: risk.instruments[index]?.symbol,
    bar_time: risk.barTimes[index],
    close_time: risk.closeTimes[index],
    close: risk.closes[index],
    implausible: risk.implausible[index] ?? null,
    previous: market?.previous ?? null,
    history: market === undefined ? null : snapshotHistory(market.history),
    protection: {
      entryQuantity: text(protection?.entryQuantity ?? 0),
      entryQuote: text(protection?.entryQuote ?? 0),
      distance: protection?.distance?.toFixed() ?? null,
      trigger: protection?.trigger?.toFixed() ?? null,
    },
  };
}
