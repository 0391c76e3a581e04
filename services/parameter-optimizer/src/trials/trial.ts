import { backtestReport, runBacktest } from '@fleet/domain/backtest';
import type { TradingConfiguration } from '@fleet/domain/configuration';
import type { VenueConfig } from '@fleet/domain/matching';
import type { Report, ReportInput } from '@fleet/domain/statistics';
import type { StrategyParameters } from '@fleet/domain/strategies';
import { type SharedColumns, viewColumns } from '../candles/shared-columns.ts';
import {
  type Constraints,
  type Objective,
  objectiveOf,
  type TrialMetrics,
  trialMetrics,
  type Violation,
  violationsOf,
} from '../search/objective.ts';
import type { Span } from '../search/period.ts';

/** What every trial of a study shares. Plain data: it crosses to the worker threads. */
export interface TrialSetup {
  /** The fleet's own, with the study's symbols alone. */
  readonly configuration: TradingConfiguration;
  readonly venue: VenueConfig;
  readonly strategy: string;
  readonly candles: readonly SharedColumns[];
}

export interface TrialTask {
  readonly setup: TrialSetup;
  readonly parameters: StrategyParameters;
  readonly period: Span;
  readonly objective: Objective;
  readonly constraints: Constraints;
}

export interface TrialOutcome {
  readonly objective: number | null;
  readonly violations: readonly Violation[];
  readonly metrics: TrialMetrics;
}

export type ReportTask = Pick<TrialTask, 'setup' | 'parameters' | 'period'> & Pick<ReportInput, 'trials'>;

/** The fleet's configuration narrowed to some of its symbols; each trial gives them its own strategy parameters. */
export function configurationFor(
  configuration: TradingConfiguration,
  symbols: readonly string[],
): TradingConfiguration {
  const wanted = new Set(symbols);
  return {
    ...configuration,
    instruments: configuration.instruments.filter(({ symbol }) => wanted.has(symbol)),
    assignments: configuration.assignments.filter(({ symbol }) => wanted.has(symbol)),
  };
}

/** One backtest of a period, judged. Same task, same outcome, bit for bit, on every thread. */
export function runTrial(task: TrialTask): TrialOutcome {
  const metrics = trialMetrics(reportOf(task));
  const objective = objectiveOf(metrics, task.objective);
  return { objective, metrics, violations: violationsOf(objective, metrics, task.constraints) };
}

/** The whole report of a period. Bars before it are history to warm up on; the account starts anew. */
export function reportOf({ setup, parameters, period, trials }: ReportTask): Report {
  const { venue, strategy, candles } = setup;
  const assignments = setup.configuration.instruments.map(({ symbol }) => ({ symbol, strategy, parameters }));
  const configuration = { ...setup.configuration, assignments };
  const result = runBacktest({
    configuration,
    venue,
    candles: candles.map(viewColumns),
    from: period.from,
    to: period.to,
    record: 'fast',
  });
  return backtestReport(result, { configuration, ...(trials === undefined ? {} : { trials }) });
}
