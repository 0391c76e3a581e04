import type { StrategyParameters } from '@fleet/domain/strategies';
import type { StudySpec, StudyStart } from '../studies/study.ts';
import type { LookRow, TrialRow } from './state.ts';

/** Inputs that are no stream entry: they go through the leaseholder's queue like one. */
export interface LocalInputs {
  'study.asked': { readonly studyId: string; readonly spec: StudySpec };
  'study.canceled': { readonly studyId: string; readonly by: string };
  'study.started': { readonly studyId: string; readonly start: StudyStart };
  'trial.finished': TrialRow;
  'candidate.tested': Omit<LookRow, 'lookedAt'>;
  'study.settled': Settlement;
  'version.approved': {
    readonly parameterVersion: string;
    readonly by: string;
    readonly reportSha256: string | null;
  };
  'version.rejected': { readonly parameterVersion: string; readonly by: string; readonly reason: string };
  'version.rolled-back': {
    readonly strategy: string;
    readonly symbols: readonly string[];
    readonly by: string;
  };
}

/** How a study ended. */
export interface Settlement {
  readonly studyId: string;
  readonly outcome: 'completed' | 'failed';
  /** Code of the failure. */
  readonly code: string | null;
  readonly message: string;
  readonly candidate: Candidate | null;
  readonly report: { readonly sha256: string; readonly body: string } | null;
}

export interface Candidate {
  readonly parameters: StrategyParameters;
  readonly trainObjective: number;
  readonly testObjective: number | null;
}
