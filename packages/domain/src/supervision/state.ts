import type { TradingState } from '../events/orchestration.ts';

/** The equity that a decision stands on: exact text for the record, number for the comparison. */
export interface Mark {
  readonly cycleId: string;
  readonly openTime: number;
  readonly equity: string;
  readonly equityMark: number;
  /** True when something that is held can still be sold. */
  readonly holding: boolean;
}

export interface OpenDay {
  readonly day: string;
  readonly openingEquity: string;
  readonly openingEquityMark: number;
  readonly openedAt: number;
  /** Deposits less withdrawals of the day: never profit. */
  netDeposits: number;
  /** Latched until the day closes. */
  targetReached: boolean;
  lossCapReached: boolean;
}

/** What the orchestrator knows when it decides; plain JSON. */
export interface SupervisionState {
  trading: TradingState;
  day: OpenDay | null;
  lastMark: Mark | null;
}

/** State of a run that begins: trading, no day yet. */
export function initialSupervision(time: number): SupervisionState {
  return {
    trading: {
      mode: 'ACTIVE',
      epoch: 1,
      reason: 'START',
      cause: null,
      detail: 'the run begins',
      actor: 'orchestrator',
      cycleId: null,
      flattenId: null,
      day: null,
      since: time,
    },
    day: null,
    lastMark: null,
  };
}

/** Profit of the day in percent of its opening equity; deposits are no profit. 0 while no day is open. */
export function dayPnlPct(day: OpenDay | null, equityMark: number): number {
  if (day === null || day.openingEquityMark <= 0) return 0;
  return ((equityMark - day.openingEquityMark - day.netDeposits) / day.openingEquityMark) * 100;
}
