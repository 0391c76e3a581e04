import type { Constraints, Objective } from '../search/objective.ts';
import type { Periods, Span } from '../search/period.ts';

/** What a study is asked to do; with the configuration and the candles it decides every trial. */
export interface StudySpec extends Span, Constraints {
  readonly strategy: string;
  readonly symbols: readonly string[];
  readonly interval: string;
  /** Share of the period, from its end, that is kept for the test. */
  readonly testShare: number;
  readonly trials: number;
  readonly seed: number;
  readonly objective: Objective;
  /** So many of the best are shown on the test period. */
  readonly candidates: number;
  readonly requestedBy: string;
}

export const STUDY_STATES = ['queued', 'running', 'completed', 'failed', 'canceled'] as const;
export type StudyState = (typeof STUDY_STATES)[number];

/** What the first trial found; a study that goes on after a crash must find the same. */
export interface StudyStart {
  readonly configurationSha256: string;
  readonly candlesSha256: string;
  /** Where the candles of each symbol came from. */
  readonly sources: Readonly<Record<string, string>>;
  /** Bars of all symbols, history included. */
  readonly bars: number;
}

/** A study as its row has it; times are ISO 8601 UTC. */
export interface Study {
  readonly id: string;
  readonly position: number;
  readonly spec: StudySpec;
  readonly periods: Periods;
  readonly requestId: string;
  readonly requestedAt: string;
  readonly state: StudyState;
  readonly started: StudyStart | null;
  readonly startedAt: string | null;
  readonly finishedAt: string | null;
  readonly code: string | null;
  readonly message: string;
  readonly parameterVersion: string | null;
}

export function isOpen({ state }: Pick<Study, 'state'>): boolean {
  return state === 'queued' || state === 'running';
}
