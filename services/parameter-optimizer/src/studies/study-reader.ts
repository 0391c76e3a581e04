import type { Queryable } from '@fleet/shared/postgres';
import { type StudyRow, studyOf } from '../optimizer/rows.ts';
import type { Study } from './study.ts';
import type { TriedTrial } from './trial-record.ts';

type Db = Pick<Queryable, 'query'>;

export interface StudyView {
  readonly run: string;
  readonly study: Study;
  readonly tried: number;
  readonly looked: number;
  /** Open studies of the run that are worked on before this one. */
  readonly ahead: number;
}

export interface StoredReport {
  readonly studyId: string;
  readonly parameterVersion: string | null;
  readonly sha256: string;
  readonly body: string;
}

/** A study of this run, else the newest of this id in another. */
export async function studyById(db: Db, run: string, id: string): Promise<StudyView | undefined> {
  const { rows } = await db.query<StudyRow & { tried: number; looked: number; ahead: number }>(
    `select s.*,
       (select count(*)::int from optimizer.trials t where t.run = s.run and t.study_id = s.id) as tried,
       (select count(*)::int from optimizer.test_looks l where l.run = s.run and l.study_id = s.id) as looked,
       (select count(*)::int from optimizer.studies o where o.run = s.run and o.position < s.position
          and o.state in ('queued', 'running')) as ahead
     from optimizer.studies s where s.id = $2 order by (s.run = $1) desc, s.requested_at desc limit 1`,
    [run, id],
  );
  const row = rows[0];
  if (row === undefined) return undefined;
  return { run: row.run, study: studyOf(row), tried: row.tried, looked: row.looked, ahead: row.ahead };
}

/** The best trials so far, those without a violation first, by the train objective. */
export async function bestTrials(
  db: Db,
  { run, study, limit }: { readonly run: string; readonly study: string; readonly limit: number },
): Promise<readonly TriedTrial[]> {
  const { rows } = await db.query<TriedTrial & { run: string }>(
    `select index, parameters, objective, violations, metrics from optimizer.trials
     where run = $1 and study_id = $2
     order by (violations = '{}') desc, objective desc nulls last, index limit $3`,
    [run, study, limit],
  );
  return rows;
}

/** The report of a study, or of the study that proposed a parameter version. */
export async function reportById(db: Db, run: string, id: string): Promise<StoredReport | undefined> {
  const { rows } = await db.query<{
    study_id: string;
    parameter_version: string | null;
    sha256: string;
    body: string;
  }>(
    `select r.study_id, s.parameter_version, r.sha256, r.body from optimizer.reports r
     join optimizer.studies s on s.run = r.run and s.id = r.study_id
     where r.study_id = $2 or s.parameter_version = $2 order by (r.run = $1) desc, s.requested_at desc limit 1`,
    [run, id],
  );
  const row = rows[0];
  if (row === undefined) return undefined;
  const { study_id: studyId, parameter_version: parameterVersion, sha256, body } = row;
  return { studyId, parameterVersion, sha256, body };
}
