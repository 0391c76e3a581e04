import type { TradingConfiguration } from '@fleet/domain/configuration';
import { type TradingDays, tradingDays } from '@fleet/domain/day';
import type { BarClosed, SignalProduced } from '@fleet/domain/events';
import { emptyPortfolio, type PlanSignal, type PortfolioState } from '@fleet/domain/portfolio';

/** A bar set as it comes in: planned when each of its symbols has a bar and a signal. */
export interface OpenSet {
  readonly openTime: number;
  readonly expected: readonly string[];
  readonly bars: Record<string, Pick<BarClosed, 'open' | 'close'>>;
  readonly signals: Record<string, Pick<SignalProduced, 'target' | 'stopDistance' | 'confidence' | 'reason'>>;
}

export type Row = Readonly<Record<string, unknown>>;

/** What has changed since the last commit. */
export interface Changes {
  account: boolean;
  readonly assets: Set<string>;
  readonly positions: Set<number>;
  readonly entries: Row[];
  readonly postings: Row[];
  readonly equity: Row[];
  readonly marks: Row[];
  readonly proposals: Row[];
  /** Proposals that began or stopped working. */
  readonly working: Set<string>;
  readonly openSets: Set<number>;
}

/** The portfolio with what joins and storing need; all of it belongs to one run. */
export interface PlanningState {
  readonly run: string;
  readonly configuration: TradingConfiguration;
  readonly portfolio: PortfolioState;
  readonly days: TradingDays;
  readonly openSets: Map<number, OpenSet>;
  /** Signal of each symbol's newest planned bar, for a rebalance on request. */
  readonly lastSignals: (PlanSignal | null)[];
  /** Open time of the newest planned set, -1 before the first. */
  plannedSet: number;
  openingMarked: boolean;
  /** Last entry of the ledger. */
  journalSeq: number;
  changes: Changes;
}

export function noChanges(): Changes {
  return {
    account: false,
    assets: new Set(),
    positions: new Set(),
    entries: [],
    postings: [],
    equity: [],
    marks: [],
    proposals: [],
    working: new Set(),
    openSets: new Set(),
  };
}

export function createState(run: string, configuration: TradingConfiguration): PlanningState {
  const { instruments, portfolio: rules, barsPerYear } = configuration;
  return {
    run,
    configuration,
    portfolio: emptyPortfolio({ instruments, rules, barsPerYear }),
    days: tradingDays(configuration.day),
    openSets: new Map(),
    lastSignals: instruments.map(() => null),
    plannedSet: -1,
    openingMarked: false,
    journalSeq: 0,
    changes: noChanges(),
  };
}
