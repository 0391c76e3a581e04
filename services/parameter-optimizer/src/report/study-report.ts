import { type Report, sampleDeviation } from '@fleet/domain/statistics';
import type { SearchRange, StrategyParameters } from '@fleet/domain/strategies';
import { countViolations, type Objective, rankTrials, type TrialMetrics } from '../search/objective.ts';
import type { Study, StudyStart } from '../studies/study.ts';
import type { History, Look, TriedTrial } from '../studies/trial-record.ts';
import { reportNotes } from './notes.ts';

/** Best trials that the report lists; all of them are rows. */
export const BEST_LISTED = 20;
/** Closed trades that the report lists, the newest; the figures count all of them. */
const TRADES_LISTED = 500;

/** A trial that was good enough to be looked at on the test period. */
export interface TestedCandidate {
  readonly rank: number;
  readonly index: number;
  readonly parameters: StrategyParameters;
  readonly trainObjective: number;
  readonly trainMetrics: TrialMetrics;
  readonly testObjective: number | null;
  readonly testMetrics: TrialMetrics;
}

export interface StudyReportInput {
  readonly study: Study;
  readonly start: StudyStart;
  readonly searchSpace: Readonly<Record<string, SearchRange>>;
  readonly volWindow: number;
  readonly trials: readonly TriedTrial[];
  readonly candidates: readonly TestedCandidate[];
  readonly history: History;
  /** Whole reports of the winner; null without one. */
  readonly winner: { readonly train: Report; readonly test: Report } | null;
}

/** The winner is the first of the candidates, which are ranked by the train period alone. */
export function studyReport(input: StudyReportInput) {
  const { study, start, trials, candidates, history, winner } = input;
  const { spec, periods } = study;
  const best = candidates[0];
  return {
    format: 'study-report/1' as const,
    studyId: study.id,
    ...{ strategy: spec.strategy, symbols: spec.symbols, interval: spec.interval, objective: spec.objective },
    request: spec,
    periods: { train: isoSpan(periods.train), test: isoSpan(periods.test) },
    basis: start,
    searchSpace: input.searchSpace,
    trials: {
      requested: spec.trials,
      tried: trials.length,
      eligible: rankTrials(trials).length,
      violations: countViolations(trials),
      best: rankTrials(trials).slice(0, BEST_LISTED),
    },
    candidates,
    winner:
      winner === null || best === undefined
        ? null
        : {
            ...{ index: best.index, parameters: best.parameters },
            ...{ trainObjective: best.trainObjective, testObjective: best.testObjective },
            train: shortened(winner.train),
            test: shortened(winner.test),
          },
    history,
    notes: reportNotes(input),
  };
}

export type StudyReport = ReturnType<typeof studyReport>;

/** What the deflated Sharpe ratio needs: how many were tried for ever, and how their ratios vary in this study. */
export function trialsForDeflation(
  trials: readonly TriedTrial[],
  history: History,
): { readonly count: number; readonly variance: number } {
  const ratios = trials.flatMap(({ metrics }) => metrics.dailySharpe ?? []);
  const deviation = sampleDeviation(ratios) ?? 0;
  return { count: Math.max(1, trials.length, history.trials), variance: deviation ** 2 };
}

/** The best by the train period, with what they came to on the test period. */
export function testedCandidates(
  ranked: readonly TriedTrial[],
  looks: readonly Look[],
): readonly TestedCandidate[] {
  const byIndex = new Map(looks.map((look) => [look.index, look]));
  return ranked.flatMap(({ index, parameters, objective, metrics }, at) => {
    const look = byIndex.get(index);
    if (look === undefined || objective === null) return [];
    return {
      ...{ rank: at + 1, index, parameters, trainObjective: objective, trainMetrics: metrics },
      ...{ testObjective: look.objective, testMetrics: look.metrics },
    };
  });
}

/** One sentence of what came out, for people and events. */
export function outcomeMessage(
  objective: Objective,
  trials: readonly TriedTrial[],
  best: TestedCandidate | undefined,
): string {
  if (best !== undefined) {
    const test = best.testObjective === null ? 'undefined' : figure(best.testObjective);
    return `best of ${trials.length} trials: ${objective} ${figure(best.trainObjective)} in training, ${test} in the later test`;
  }
  const counts = Object.entries(countViolations(trials)).map(([code, count]) => `${code} ${count}`);
  return `none of ${trials.length} trials met the conditions: ${counts.join(', ')}`;
}

function figure(value: number): string {
  return String(Number(value.toPrecision(4)));
}

function isoSpan({ from, to }: { readonly from: number; readonly to: number }) {
  return { from: new Date(from).toISOString(), to: new Date(to).toISOString() };
}

function shortened(report: Report): Report {
  return { ...report, closedTrades: report.closedTrades.slice(-TRADES_LISTED) };
}
