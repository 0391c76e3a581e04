import type { TradingConfiguration } from '@fleet/domain/configuration';
import { localTimeOf } from '@fleet/domain/day';
import { type Protection, UNPROTECTED } from '@fleet/domain/execution';
import { emptyRiskState, type GateContext, type RiskState } from '@fleet/domain/risk';

/** A bar set as it comes in: complete when each of its symbols has a bar. */
export interface OpenSet {
  readonly openTime: number;
  readonly expected: readonly string[];
  readonly got: string[];
}

export interface Changes {
  readonly decisions: Readonly<Record<string, unknown>>[];
  /** Reservations that were made, changed or ended. */
  readonly reservations: Set<string>;
  readonly symbols: Set<number>;
  account: boolean;
}

/** The gate's state with what joins and storing need; all of it belongs to one run. */
export interface OrderCheckState {
  readonly run: string;
  readonly risk: RiskState;
  readonly localTime: GateContext['localTime'];
  readonly approvalValidForMs: number;
  readonly protections: Protection[];
  /** Open time of the newest complete bar set, -1 before the first. */
  completeSet: number;
  openSet: OpenSet | null;
  /** Bar close that was carried last: the market clock of a replay. */
  market: number;
  changes: Changes;
}

export function noChanges(): Changes {
  return { decisions: [], reservations: new Set(), symbols: new Set(), account: false };
}

export function createState(run: string, configuration: TradingConfiguration): OrderCheckState {
  const { instruments, intervalMs, risk, day } = configuration;
  return {
    run,
    risk: emptyRiskState({ limits: risk, instruments, intervalMs, lossCapPct: day.lossCapPct }),
    localTime: localTimeOf(day),
    approvalValidForMs: risk.approvalValidForMs,
    protections: instruments.map(() => UNPROTECTED),
    completeSet: -1,
    openSet: null,
    market: 0,
    changes: noChanges(),
  };
}
