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
  /** Sets of which some bars have come, by open time: sets of several partitions may overlap. */
  readonly openSets: Map<number, OpenSet>;
  /** Why a symbol is frozen, by cause: it is free again when none is left. */
  readonly freezes: Map<string, Map<string, string>>;
  /** Decisions made: the order in which they are forgotten. */
  decisionCount: number;
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
    openSets: new Map(),
    freezes: new Map(),
    decisionCount: 0,
    market: 0,
    changes: noChanges(),
  };
}
