import { ANNUALISED_DAYS_MIN } from '@fleet/domain/statistics';
import type { StudyReportInput } from './study-report.ts';

/** What a reader has to know before believing a figure; the same for good and for bad results. */
export function reportNotes(input: StudyReportInput): readonly string[] {
  const { study, trials, candidates, history, winner, volWindow } = input;
  const notes = [
    `The winner is the best of ${trials.length} trials on the train period; the best of many is lucky as well as good. The test period chose nothing.`,
    `Of this strategy and these symbols, ${history.trials} trials were made on overlapping train periods, this study included: the deflated Sharpe ratios count them all.`,
    `Overlapping test periods have been looked at ${history.testLooks} times, ${candidates.length} of them in this study. Each look makes the period less of a test.`,
    `Each period starts flat and with a new account; nothing trades in its first ${volWindow} bars, until the volatility windows are full. Earlier bars only warm up the strategy.`,
  ];
  if (study.spec.symbols.length > 1)
    notes.push('One set of parameters was searched for all symbols together.');
  if (trials.length < study.spec.trials) {
    notes.push(
      `${study.spec.trials} trials were requested; the search space had only ${trials.length} different sets.`,
    );
  }
  if (winner === null) return [...notes, 'No trial met the conditions: there is no candidate.'];
  return [...notes, ...winnerNotes({ winner, candidates })];
}

function winnerNotes({
  winner,
  candidates,
}: {
  readonly winner: NonNullable<StudyReportInput['winner']>;
  readonly candidates: StudyReportInput['candidates'];
}): string[] {
  const { train, test } = winner;
  const notes: string[] = [];
  for (const [name, { period, significance }] of Object.entries({ train, test })) {
    const deflated = significance.deflatedSharpe;
    if (period.days < ANNUALISED_DAYS_MIN)
      notes.push(
        `The ${name} period has ${period.days} days; nothing is annualised under ${ANNUALISED_DAYS_MIN}.`,
      );
    notes.push(
      deflated === null
        ? `The deflated Sharpe ratio of the ${name} period is undefined: too few days, or days without change.`
        : `Probability that the Sharpe ratio of the ${name} period is better than luck among all these trials: ${(deflated * 100).toFixed(1)} %.`,
    );
  }
  const best = candidates[0];
  if (best !== undefined && (best.testObjective === null || best.testObjective < best.trainObjective)) {
    notes.push('The winner did worse on the test period than in training, as is usual after a search.');
  }
  if (test.trades.trades < 30)
    notes.push(`The test period has ${test.trades.trades} closed trades: its figures say little.`);
  const { capDays } = test.targetFeasibility;
  if (capDays > 0)
    notes.push(
      `The daily loss cap was reached on ${capDays} days of the test period; live, a person would have to lift the halt each time.`,
    );
  return notes;
}
