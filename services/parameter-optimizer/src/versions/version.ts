import type { StrategyParameters } from '@fleet/domain/strategies';
import { defineError } from '@fleet/shared/errors';

export const VERSION_STATES = ['pending', 'deployed', 'superseded', 'rejected'] as const;
export type VersionState = (typeof VERSION_STATES)[number];

/** A parameter set that a study proposes, for all its symbols at once. Times are ISO 8601 UTC. */
export interface ParameterVersion {
  readonly id: string;
  readonly strategy: string;
  readonly symbols: readonly string[];
  readonly parameters: StrategyParameters;
  readonly state: VersionState;
  readonly studyId: string;
  readonly reportSha256: string;
  readonly objective: string;
  readonly trainObjective: number | null;
  readonly testObjective: number | null;
  /** Why it was rejected. */
  readonly reason: string;
  readonly decidedBy: string | null;
  readonly createdAt: string;
  readonly decidedAt: string | null;
}

/** What happens to a version. `replaced`: another speaks for all its symbols. `restored`: what replaced it was rolled back. */
export type VersionStep = 'approved' | 'rejected' | 'replaced' | 'restored';

const TRANSITIONS: Readonly<Record<VersionState, Partial<Readonly<Record<VersionStep, VersionState>>>>> = {
  pending: { approved: 'deployed', rejected: 'rejected' },
  // Also of a part of its symbols: it stays deployed until it speaks for none.
  deployed: { replaced: 'superseded' },
  superseded: { restored: 'deployed' },
  rejected: {},
};

/** The state after a step, or null when the table does not allow it. */
export function nextVersionState(state: VersionState, step: VersionStep): VersionState | null {
  return TRANSITIONS[state][step] ?? null;
}

export const VersionUnknown = defineError({
  code: 'PARAMETER_VERSION_UNKNOWN',
  title: 'There is no such parameter version in this run',
  status: 404,
  retry: 'park',
  action: 'Take a version from GET /optimize/params.',
});

export const VersionNotPending = defineError({
  code: 'PARAMETER_VERSION_NOT_PENDING',
  title: 'The parameter version does not await a decision',
  status: 409,
  retry: 'park',
  action:
    'Only a pending version can be approved or rejected, once. Roll back to return to an earlier one, or run another study.',
});

export const ReportDiffers = defineError({
  code: 'REPORT_DIFFERS',
  title: 'The approval names another report than the version carries',
  status: 409,
  retry: 'park',
  action: 'Read GET /optimize/reports/{id} again and approve with the hash that it has.',
});

export const NothingDeployed = defineError({
  code: 'NOTHING_TO_ROLL_BACK',
  title: 'No deployed version of this strategy speaks for these symbols',
  status: 409,
  retry: 'park',
  action: 'Look at GET /optimize/params for what is deployed, by symbol.',
});
