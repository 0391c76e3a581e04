import type { StrategyParameters } from '@fleet/domain/strategies';
import type { Study, StudySpec, StudyStart } from '../studies/study.ts';
import type { Deployment } from '../versions/deployments.ts';
import type { ParameterVersion } from '../versions/version.ts';

/** Rows as pg returns them: bigints as text, times as Date. */
export interface StudyRow {
  readonly run: string;
  readonly id: string;
  readonly position: string;
  readonly state: Study['state'];
  readonly spec: StudySpec;
  readonly train_from: string;
  readonly train_to: string;
  readonly test_from: string;
  readonly test_to: string;
  readonly started: StudyStart | null;
  readonly code: string | null;
  readonly message: string;
  readonly parameter_version: string | null;
  readonly request_id: string;
  readonly requested_at: Date;
  readonly started_at: Date | null;
  readonly finished_at: Date | null;
}

export interface VersionRow {
  readonly id: string;
  readonly strategy: string;
  readonly symbols: readonly string[];
  readonly parameters: StrategyParameters;
  readonly state: ParameterVersion['state'];
  readonly study_id: string;
  readonly report_sha256: string;
  readonly objective: string;
  readonly train_objective: number | null;
  readonly test_objective: number | null;
  readonly reason: string;
  readonly decided_by: string | null;
  readonly created_at: Date;
  readonly decided_at: Date | null;
}

export interface DeploymentRow {
  readonly position: string;
  readonly parameter_version: string;
  readonly strategy: string;
  readonly symbols: readonly string[];
  readonly parameters: StrategyParameters;
  readonly rollback_of: string | null;
  readonly deployed_by: string;
  readonly deployed_at: Date;
}

export function studyOf(row: StudyRow): Study {
  return {
    id: row.id,
    position: Number(row.position),
    spec: row.spec,
    periods: {
      train: { from: Number(row.train_from), to: Number(row.train_to) },
      test: { from: Number(row.test_from), to: Number(row.test_to) },
    },
    requestId: row.request_id,
    requestedAt: row.requested_at.toISOString(),
    state: row.state,
    started: row.started,
    startedAt: row.started_at?.toISOString() ?? null,
    finishedAt: row.finished_at?.toISOString() ?? null,
    code: row.code,
    message: row.message,
    parameterVersion: row.parameter_version,
  };
}

export function studyRow(study: Study) {
  const { spec, periods } = study;
  return {
    id: study.id,
    position: study.position,
    state: study.state,
    spec,
    strategy: spec.strategy,
    symbols: spec.symbols,
    train_from: periods.train.from,
    train_to: periods.train.to,
    test_from: periods.test.from,
    test_to: periods.test.to,
    started: study.started,
    code: study.code,
    message: study.message,
    parameter_version: study.parameterVersion,
    request_id: study.requestId,
    requested_at: study.requestedAt,
    started_at: study.startedAt,
    finished_at: study.finishedAt,
  };
}

export function versionOf(row: VersionRow): ParameterVersion {
  return {
    id: row.id,
    strategy: row.strategy,
    symbols: row.symbols,
    parameters: row.parameters,
    state: row.state,
    studyId: row.study_id,
    reportSha256: row.report_sha256,
    objective: row.objective,
    trainObjective: row.train_objective,
    testObjective: row.test_objective,
    reason: row.reason,
    decidedBy: row.decided_by,
    createdAt: row.created_at.toISOString(),
    decidedAt: row.decided_at?.toISOString() ?? null,
  };
}

export function versionRow(version: ParameterVersion) {
  return {
    id: version.id,
    strategy: version.strategy,
    symbols: version.symbols,
    parameters: version.parameters,
    state: version.state,
    study_id: version.studyId,
    report_sha256: version.reportSha256,
    objective: version.objective,
    train_objective: version.trainObjective,
    test_objective: version.testObjective,
    reason: version.reason,
    decided_by: version.decidedBy,
    created_at: version.createdAt,
    decided_at: version.decidedAt,
  };
}

export function deploymentOf(row: DeploymentRow): Deployment {
  return {
    position: Number(row.position),
    parameterVersion: row.parameter_version,
    strategy: row.strategy,
    symbols: row.symbols,
    parameters: row.parameters,
    rollbackOf: row.rollback_of,
    deployedBy: row.deployed_by,
    deployedAt: row.deployed_at.toISOString(),
  };
}

export function deploymentRow(deployment: Deployment) {
  return {
    position: deployment.position,
    parameter_version: deployment.parameterVersion,
    strategy: deployment.strategy,
    symbols: deployment.symbols,
    parameters: deployment.parameters,
    rollback_of: deployment.rollbackOf,
    deployed_by: deployment.deployedBy,
    deployed_at: deployment.deployedAt,
  };
}
