import type { StrategyParameters } from '@fleet/domain/strategies';
import type { Queryable } from '@fleet/shared/postgres';
import type { Periods } from '../search/period.ts';
import type { TrialOutcome } from '../trials/trial.ts';
import type { StudySpec } from './study.ts';

export interface TriedTrial extends TrialOutcome {
  readonly index: number;
  readonly parameters: StrategyParameters;
}

export interface Look extends Pick<TrialOutcome, 'objective' | 'metrics'> {
  readonly index: number;
}

/** Over all runs and for ever: what was tried on overlapping train periods, and looked at on overlapping test periods. */
export interface History {
  readonly trials: number;
  readonly testLooks: number;
}

/** What is stored of studies; the work goes on where it stands. */
export interface TrialRecord {
  /** Every trial of a study, in the order of drawing. */
  trials(studyId: string): Promise<readonly TriedTrial[]>;
  looks(studyId: string): Promise<readonly Look[]>;
  /** The study's own trials and looks are counted too. */
  history(spec: Pick<StudySpec, 'strategy' | 'symbols'>, periods: Periods): Promise<History>;
}

export function storedRecord(db: Pick<Queryable, 'query'>, run: string): TrialRecord {
  return {
    async trials(studyId) {
      const { rows } = await db.query<TriedTrial & { run: string }>(
        `select index, parameters, objective, violations, metrics from optimizer.trials
         where run = $1 and study_id = $2 order by index`,
        [run, studyId],
      );
      return rows;
    },
    async looks(studyId) {
      const { rows } = await db.query<Look & { run: string }>(
        `select trial_index as index, objective, metrics from optimizer.test_looks
         where run = $1 and study_id = $2 order by trial_index`,
        [run, studyId],
      );
      return rows;
    },
    async history({ strategy, symbols }, { train, test }) {
      const { rows } = await db.query<{ trials: number; looks: number }>(
        `select
           (select count(*)::int from optimizer.trials t join optimizer.studies s on s.run = t.run and s.id = t.study_id
            where s.strategy = $1 and s.symbols && $2::text[] and s.train_from < $4 and s.train_to > $3) as trials,
           (select count(*)::int from optimizer.test_looks l join optimizer.studies s on s.run = l.run and s.id = l.study_id
            where s.strategy = $1 and s.symbols && $2::text[] and s.test_from < $6 and s.test_to > $5) as looks`,
        [strategy, symbols, train.from, train.to, test.from, test.to],
      );
      return { trials: rows[0]?.trials ?? 0, testLooks: rows[0]?.looks ?? 0 };
    },
  };
}
