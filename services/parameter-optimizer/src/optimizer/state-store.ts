import type { Queryable } from '@fleet/shared/postgres';
import type { TableWrite } from '@fleet/shared/streams';
import { contentHash } from '../report/canonical-json.ts';
import type { Study } from '../studies/study.ts';
import { applyDeployment } from '../versions/deployments.ts';
import { deploymentRow, type StudyRow, studyOf, studyRow, versionRow } from './rows.ts';
import {
  emptyState,
  type LookRow,
  type OptimizerScope,
  type OptimizerState,
  type TrialRow,
} from './state.ts';
import { loadDeployments, loadVersions } from './version-reader.ts';

/** Open studies whole, ended ones by the hash of what they were asked; versions and deployments of the run. */
export async function loadState(db: Queryable, scope: OptimizerScope): Promise<OptimizerState> {
  const state = emptyState(scope);
  await loadStudies(db, state);
  for (const version of await loadVersions(db, { run: scope.run })) state.versions.set(version.id, version);
  for (const deployment of await loadDeployments(db, { run: scope.run })) {
    applyDeployment(state.stacks, deployment);
    state.nextDeployment = deployment.position + 1;
  }
  return state;
}

async function loadStudies(db: Queryable, state: OptimizerState): Promise<void> {
  const { run } = state.scope;
  const { rows } = await db.query<StudyRow & { readonly tried: number }>(
    `select *, (select count(*)::int from optimizer.trials t where t.run = s.run and t.study_id = s.id) as tried
     from optimizer.studies s where run = $1 and state in ('queued', 'running') order by position`,
    [run],
  );
  for (const row of rows) {
    state.open.set(row.id, studyOf(row));
    state.tried.set(row.id, row.tried);
  }
  const ended = await db.query<{ id: string; spec: Study['spec'] }>(
    "select id, spec from optimizer.studies where run = $1 and state not in ('queued', 'running')",
    [run],
  );
  for (const { id, spec } of ended.rows) state.ended.set(id, contentHash(spec));
  const next = await db.query<{ position: string }>(
    'select coalesce(max(position), 0) + 1 as position from optimizer.studies where run = $1',
    [run],
  );
  state.nextStudy = Number(next.rows[0]?.position ?? 1);
}

/** What changed since the last call, as rows; the marks are cleared. */
export function stateRows(state: OptimizerState): readonly TableWrite[] {
  const { changed } = state;
  const { run } = state.scope;
  const writes: TableWrite[] = [
    write('studies', ['id'], [...changed.studies.values()].map(studyRow)),
    write('trials', ['study_id', 'index'], changed.trials.map(trialRow), 'ignore'),
    write('test_looks', ['study_id', 'trial_index'], changed.looks.map(lookRow), 'ignore'),
    write(
      'reports',
      ['study_id'],
      changed.reports.map(({ studyId, ...report }) => ({ study_id: studyId, ...report })),
    ),
    write('parameter_versions', ['id'], [...changed.versions.values()].map(versionRow)),
    write('deployments', ['position'], changed.deployments.map(deploymentRow)),
  ];
  for (const list of [changed.trials, changed.looks, changed.reports, changed.deployments]) list.length = 0;
  changed.studies.clear();
  changed.versions.clear();
  return writes.map((each) => ({
    ...each,
    key: ['run', ...each.key],
    rows: each.rows.map((row) => ({ run, ...row })),
  }));
}

function write(
  table: string,
  key: readonly string[],
  rows: TableWrite['rows'],
  mode: TableWrite['mode'] = 'upsert',
): TableWrite {
  return { table: `optimizer.${table}`, key, rows, mode };
}

function trialRow({ studyId, index, parameters, objective, violations, metrics }: TrialRow) {
  return { study_id: studyId, index, parameters, objective, violations, metrics };
}

function lookRow({ studyId, index, objective, metrics, lookedAt }: LookRow) {
  return { study_id: studyId, trial_index: index, objective, metrics, looked_at: lookedAt };
}
