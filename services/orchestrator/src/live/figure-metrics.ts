import { STATE_REASONS } from '@fleet/domain/events';
import { dayPnlPct, type OpenDay } from '@fleet/domain/supervision';
import type { Metrics } from '@fleet/shared/telemetry';
import type { Board, Figures } from './board.ts';

const MODES = ['ACTIVE', 'REDUCING', 'HALTED'] as const;

export interface FigureParts {
  readonly board: Board;
  /** Only the leaseholder's figures are the fleet's. */
  readonly leads: () => boolean;
  readonly targetPct: number;
  readonly lossCapPct: number;
  readonly wall: () => number;
}

type Read = (known: Figures) => number | undefined;

/** Trading state, day, equity and open cycles as gauges; a replica that stands by exports none of them. */
export function figureMetrics(metrics: Metrics, parts: FigureParts): void {
  const { board, leads } = parts;
  const figures = () => (leads() ? board.figures : null);
  stateMetrics(metrics, figures);
  const figure = (name: string, help: string, read: Read) =>
    metrics.gauge({
      name,
      help,
      // Without a value nothing is exported: 0 would be a figure.
      labelNames: ['run'],
      collect: (gauge) => {
        gauge.reset();
        const known = figures();
        const value = known === null ? undefined : read(known);
        if (known !== null && value !== undefined) gauge.set({ run: board.run }, value);
      },
    });
  for (const [name, [help, read]] of Object.entries(figuresOf(parts))) figure(name, help, read);
}

function figuresOf(parts: FigureParts): Readonly<Record<string, readonly [help: string, read: Read]>> {
  const ofDay = (read: (day: OpenDay) => number): Read => {
    return ({ day }) => (day === null ? undefined : read(day));
  };
  return {
    trading_state_epoch: ['Epoch of the trading state.', ({ trading }) => trading.epoch],
    trading_state_applied_epoch: [
      'Highest epoch that the executor has confirmed.',
      ({ appliedEpoch }) => appliedEpoch,
    ],
    equity: ['Equity at the last mark, in quote units.', ({ equity }) => equity?.equityMark],
    day_pnl: [
      'Profit of the trading day in quote units, deposits not counted.',
      ({ day, equity }) =>
        equity === null || day === null
          ? undefined
          : equity.equityMark - day.openingEquityMark - day.netDeposits,
    ],
    day_pnl_pct: [
      'Profit of the trading day in percent of its opening equity.',
      ({ day, equity }) => (equity === null ? undefined : dayPnlPct(day, equity.equityMark)),
    ],
    day_opening_equity: [
      'Equity at which the trading day opened, in quote units.',
      ofDay((day) => day.openingEquityMark),
    ],
    day_target_pct: ['Profit lock of the trading day in percent; not a forecast.', () => parts.targetPct],
    day_loss_cap_pct: ['Loss of the trading day, in percent, that halts trading.', () => parts.lossCapPct],
    day_target_reached: [
      '1 once the day has reached its target, until it closes.',
      ofDay((day) => Number(day.targetReached)),
    ],
    day_loss_cap_reached: [
      '1 once the day has reached its loss cap, until it closes.',
      ofDay((day) => Number(day.lossCapReached)),
    ],
    market_stale_symbols: [
      'Symbols without fresh market data.',
      ({ conditions }) => conditions.staleSymbols.length,
    ],
    reconciliation_failed: [
      "1 while the executor's books and the venue's differ.",
      ({ conditions }) => Number(conditions.reconciliation === 'failed'),
    ],
    ...cycleFigures(parts),
  };
}

function cycleFigures({ board, wall }: FigureParts): ReturnType<typeof figuresOf> {
  const open = () => [...board.all()].filter(({ status }) => status === 'open' || status === 'planned');
  return {
    cycles_open: ['Decision cycles that are not complete.', () => open().length],
    cycle_oldest_open_seconds: [
      'Wall time since the first bar of the oldest cycle that is not complete; 0 without one.',
      () =>
        open().reduce(
          (age, { openedAt }) => (openedAt === null ? age : Math.max(age, (wall() - openedAt) / 1_000)),
          0,
        ),
    ],
    cycle_last_completed_timestamp_seconds: [
      'When a cycle was completed last, by the wall clock.',
      () => {
        let last: number | undefined;
        for (const { openedAt, latencyMs } of board.all()) {
          if (openedAt !== null && latencyMs !== null)
            last = Math.max(last ?? 0, (openedAt + latencyMs) / 1_000);
        }
        return last;
      },
    ],
  };
}

function stateMetrics(metrics: Metrics, figures: () => Figures | null): void {
  const oneOf = <Label extends 'mode' | 'reason'>(
    name: string,
    label: Label,
    values: readonly string[],
    help: string,
  ) =>
    metrics.gauge<string>({
      name,
      help,
      labelNames: [label],
      collect: (gauge) => {
        gauge.reset();
        const current = figures()?.trading[label];
        if (current === undefined) return;
        for (const value of values) gauge.set({ [label]: value }, value === current ? 1 : 0);
      },
    });
  oneOf(
    'trading_state',
    'mode',
    MODES,
    '1 for the mode that holds, 0 for the others; none of them in a replica that stands by.',
  );
  oneOf('trading_state_reason', 'reason', STATE_REASONS, '1 for the reason of the state that holds.');
}
