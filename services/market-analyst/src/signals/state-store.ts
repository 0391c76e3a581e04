import type { SignalProduced } from '@fleet/domain/events';
import { SnapshotShapeError } from '@fleet/domain/snapshots';
import type { Queryable } from '@fleet/shared/postgres';
import type { TableWrite } from '@fleet/shared/streams';
import type { ExactBar } from '../bar-set/decide.ts';
import { Speaker, type Version } from './speaker.ts';
import {
  type AnalystScope,
  type AnalystState,
  type Changes,
  createState,
  noChanges,
  type StoredSymbol,
  type SymbolState,
} from './state.ts';

/** jsonb of `symbol_states.active`. */
interface StoredActive {
  readonly version: Version;
  readonly firstOpenTime: number | null;
  readonly warmUpBars: number;
}

interface SymbolRow {
  readonly symbol: string;
  readonly config_version: string;
  readonly active: StoredActive | null;
  readonly pending: Version | null;
  readonly snapshot: unknown;
  readonly last_bar: ExactBar | null;
  readonly last_signal: SignalProduced | null;
  readonly stale: boolean;
  readonly repaired_bars: number;
}

export async function loadState(db: Queryable, scope: AnalystScope): Promise<AnalystState> {
  const feeds = await db.query<{ cursor: string; interval: string }>(
    'SELECT cursor, interval FROM analysis.feeds WHERE run = $1',
    [scope.run],
  );
  const feed = feeds.rows[0];
  if (feed !== undefined && feed.interval !== scope.interval) {
    throw new Error(
      `run ${scope.run} has bars of ${feed.interval}, and strategies.yaml says ${scope.interval}: begin a new run`,
    );
  }
  const { rows } = await db.query<SymbolRow>('SELECT * FROM analysis.symbol_states WHERE run = $1', [
    scope.run,
  ]);
  return createState(scope, {
    cursor: feed === undefined ? null : Number(feed.cursor),
    symbols: new Map(rows.map((row) => [row.symbol, storedSymbol(row)])),
  });
}

/** What a row of `symbol_states` says. */
export function storedSymbol(row: SymbolRow): StoredSymbol {
  const active = restored(row);
  return {
    configVersion: row.config_version,
    active,
    pending: row.pending ?? (active === null ? (row.active?.version ?? null) : null),
    lastBar: row.last_bar,
    lastSignal: row.last_signal,
    stale: row.stale,
    repairedBars: row.repaired_bars,
  };
}

/** Null when the memory was written by other code: the version then warms up again, as a new one does. */
function restored({ active, snapshot }: SymbolRow): Speaker | null {
  if (active === null) return null;
  try {
    return Speaker.restored(active, snapshot);
  } catch (error) {
    if (error instanceof SnapshotShapeError) return null;
    throw error;
  }
}

/** Rows of what was decided since the last call. */
export function stateRows(state: AnalystState): readonly TableWrite[] {
  const { changes, scope } = state;
  state.changes = noChanges();
  const writes: TableWrite[] = [
    ...(changes.cursor ? [feedRow(state)] : []),
    {
      table: 'analysis.symbol_states',
      key: ['run', 'symbol'],
      rows: [...changes.symbols].map((entry) => symbolRow(scope.run, entry)),
    },
    ...historyRows(scope, changes),
  ];
  return writes.filter(({ rows }) => rows.length > 0);
}

function feedRow({ scope, cursor }: AnalystState): TableWrite {
  const { run, interval } = scope;
  return { table: 'analysis.feeds', key: ['run'], rows: [{ run, interval, cursor }] };
}

function symbolRow(run: string, entry: SymbolState): TableWrite['rows'][number] {
  const { active } = entry;
  return {
    run,
    symbol: entry.symbol,
    config_version: entry.configVersion,
    active: active && {
      version: active.version,
      firstOpenTime: active.firstOpenTime,
      warmUpBars: active.warmUpBars,
    },
    pending: entry.pending,
    snapshot: active?.snapshot() ?? null,
    last_bar: entry.lastBar,
    last_signal: entry.lastSignal,
    stale: entry.stale,
    repaired_bars: entry.repairedBars,
  };
}

function historyRows({ run, interval }: AnalystScope, changes: Changes): readonly TableWrite[] {
  return [
    {
      table: 'analysis.bars',
      key: ['run', 'symbol', 'open_time'],
      mode: 'insert',
      rows: changes.bars.map((bar) => barRow(run, interval, bar)),
    },
    {
      table: 'analysis.signals',
      key: ['run', 'symbol', 'open_time'],
      mode: 'insert',
      rows: changes.signals.map((signal) => signalRow(run, signal)),
    },
    {
      table: 'analysis.strategy_versions',
      key: ['run', 'symbol', 'first_open_time'],
      mode: 'insert',
      rows: changes.versions.map(({ speaker, firstOpenTime }) => versionRow(run, speaker, firstOpenTime)),
    },
    {
      table: 'analysis.analyses',
      key: ['run', 'analysis_id'],
      mode: 'ignore',
      rows: changes.analyses.map((analysis) => ({
        run,
        analysis_id: analysis.analysisId,
        requested_by: analysis.requestedBy,
        requested_at: analysis.requestedAt,
        views: analysis.views,
      })),
    },
  ];
}

function barRow(run: string, interval: string, bar: ExactBar): TableWrite['rows'][number] {
  const { symbol, openTime, open, high, low, close, volume } = bar;
  return { run, interval, symbol, open_time: openTime, open, high, low, close, volume };
}

function signalRow(run: string, signal: SignalProduced): TableWrite['rows'][number] {
  return {
    run,
    symbol: signal.symbol,
    open_time: signal.openTime,
    cycle_id: signal.cycleId,
    strategy: signal.strategy,
    strategy_version: signal.strategyVersion,
    target: signal.target,
    stop_distance: signal.stopDistance,
    confidence: signal.confidence,
    reason: signal.reason,
  };
}

function versionRow(run: string, { version, warmUpBars }: Speaker, firstOpenTime: number) {
  return {
    run,
    symbol: version.symbol,
    first_open_time: firstOpenTime,
    strategy: version.strategy,
    strategy_version: version.version,
    parameters: version.parameters,
    parameter_version: version.parameterVersion,
    rollback_of: version.rollbackOf,
    warm_up_bars: warmUpBars,
  };
}
