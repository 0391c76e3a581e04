import type { TradingConfiguration } from '@fleet/domain/configuration';
import type { StrategyParameters } from '@fleet/domain/strategies';
import type { Constraints } from '../search/objective.ts';
import type { StudyLimits } from '../studies/admission.ts';
import type { Study, StudySpec } from '../studies/study.ts';
import type { TrialOutcome } from '../trials/trial.ts';
import type { Deployment, Stacks } from '../versions/deployments.ts';
import type { ParameterVersion } from '../versions/version.ts';

export interface TrialRow extends TrialOutcome {
  readonly studyId: string;
  readonly index: number;
  readonly parameters: StrategyParameters;
}

export interface LookRow extends Pick<TrialOutcome, 'objective' | 'metrics'> {
  readonly studyId: string;
  readonly index: number;
  readonly lookedAt: string;
}

export interface ReportRow {
  readonly studyId: string;
  readonly sha256: string;
  readonly body: string;
}

/** What decisions stand on that does not change while the service runs. */
export interface OptimizerScope {
  readonly run: string;
  readonly configuration: TradingConfiguration;
  readonly limits: StudyLimits;
  /** Of studies that do not say their own. */
  readonly defaults: Constraints & Pick<StudySpec, 'candidates'>;
}

/** Open studies, the versions of the run and what speaks for each symbol; `changed` holds what was not written yet. */
export interface OptimizerState {
  readonly scope: OptimizerScope;
  readonly open: Map<string, Study>;
  /** Trials of the open studies that are stored. */
  readonly tried: Map<string, number>;
  /** Ids of ended studies with the hash of what they were asked. */
  readonly ended: Map<string, string>;
  readonly versions: Map<string, ParameterVersion>;
  readonly stacks: Stacks;
  nextStudy: number;
  nextDeployment: number;
  readonly changed: {
    readonly studies: Map<string, Study>;
    readonly trials: TrialRow[];
    readonly looks: LookRow[];
    readonly reports: ReportRow[];
    readonly versions: Map<string, ParameterVersion>;
    readonly deployments: Deployment[];
  };
}

export function emptyState(scope: OptimizerScope): OptimizerState {
  return {
    scope,
    open: new Map(),
    tried: new Map(),
    ended: new Map(),
    versions: new Map(),
    stacks: new Map(),
    nextStudy: 1,
    nextDeployment: 1,
    changed: {
      studies: new Map(),
      trials: [],
      looks: [],
      reports: [],
      versions: new Map(),
      deployments: [],
    },
  };
}
