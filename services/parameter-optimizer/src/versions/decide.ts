import { parametersDeployed } from '@fleet/domain/events';
import { type StrategyAssignment, strategyVersion } from '@fleet/domain/strategies';
import type { Decided, Input, NewEvent } from '@fleet/shared/streams';
import type { LocalInputs } from '../optimizer/inputs.ts';
import type { OptimizerState } from '../optimizer/state.ts';
import { applyDeployment, type Deployment, speaking, speaksForAny } from './deployments.ts';
import {
  NothingDeployed,
  nextVersionState,
  type ParameterVersion,
  ReportDiffers,
  VersionNotPending,
  type VersionStep,
  VersionUnknown,
} from './version.ts';

/** A person's yes: the version speaks for its symbols from the next bar set on. */
export function approveVersion(
  state: OptimizerState,
  { parameterVersion, by, reportSha256 }: LocalInputs['version.approved'],
  input: Input,
): Decided {
  const version = pendingVersion(state, parameterVersion);
  if (version instanceof Error) return { kind: 'reject', error: version };
  if (reportSha256 !== null && reportSha256 !== version.reportSha256) {
    const message = `the report of ${version.id} has the hash ${version.reportSha256}`;
    return { kind: 'reject', error: new ReportDiffers(message) };
  }
  const before = version.symbols.map((symbol) => speaking(state.stacks, symbol));
  move(state, version, 'approved', { by, at: input.ts });
  const deployment = book(state, {
    ...{ parameterVersion: version.id, strategy: version.strategy, symbols: version.symbols },
    ...{ parameters: version.parameters, rollbackOf: null, deployedBy: by, deployedAt: input.ts },
  });
  retire(state, before, { by, at: input.ts });
  return {
    kind: 'done',
    events: [deployed(deployment, state.scope.run)],
    result: { deployments: [deployment] },
  };
}

export function rejectVersion(
  state: OptimizerState,
  { parameterVersion, by, reason }: LocalInputs['version.rejected'],
  input: Input,
): Decided {
  const version = pendingVersion(state, parameterVersion);
  if (version instanceof Error) return { kind: 'reject', error: version };
  move(state, { ...version, reason }, 'rejected', { by, at: input.ts });
  return { kind: 'done', result: { parameterVersion, state: 'rejected' } };
}

/** Takes what speaks for the symbols off again; what spoke before, or the configuration's own line, speaks then. */
export function rollBack(
  state: OptimizerState,
  { strategy, symbols, by }: LocalInputs['version.rolled-back'],
  input: Input,
): Decided {
  const refused = rollbackFault(state, strategy, symbols);
  if (refused !== null) return { kind: 'reject', error: new NothingDeployed(refused) };
  const before = symbols.map((symbol) => speaking(state.stacks, symbol));
  const at = { by, at: input.ts };
  const deployments = rollbackGroups(state, symbols).map((group) =>
    book(state, { ...group, deployedBy: by, deployedAt: input.ts }),
  );
  retire(state, before, at);
  for (const { parameterVersion } of deployments) {
    const restored = state.versions.get(parameterVersion);
    if (restored !== undefined) move(state, restored, 'restored', at);
  }
  const events = deployments.map((deployment) => deployed(deployment, state.scope.run));
  return { kind: 'done', events, result: { deployments } };
}

function pendingVersion(state: OptimizerState, id: string): ParameterVersion | Error {
  const version = state.versions.get(id);
  if (version === undefined) return new VersionUnknown(`no parameter version ${id} in this run`);
  if (version.state === 'pending') return version;
  const since = version.decidedAt === null ? '' : ` since ${version.decidedAt}`;
  const by = version.decidedBy === null ? '' : ` by ${version.decidedBy}`;
  return new VersionNotPending(`${id} is ${version.state}${since}${by}`);
}

/** A step that the table does not allow changes nothing: a version that already has that state. */
function move(
  state: OptimizerState,
  version: ParameterVersion,
  step: VersionStep,
  { by, at }: { readonly by: string; readonly at: string },
): void {
  const next = nextVersionState(version.state, step);
  if (next === null) return;
  const moved: ParameterVersion = { ...version, state: next, decidedBy: by, decidedAt: at };
  state.versions.set(moved.id, moved);
  state.changed.versions.set(moved.id, moved);
}

function retire(
  state: OptimizerState,
  before: readonly (string | null)[],
  at: { readonly by: string; readonly at: string },
): void {
  for (const id of new Set(before)) {
    const version = id === null ? undefined : state.versions.get(id);
    if (version !== undefined && !speaksForAny(state.stacks, version.id))
      move(state, version, 'replaced', at);
  }
}

function book(state: OptimizerState, line: Omit<Deployment, 'position'>): Deployment {
  const deployment: Deployment = { position: state.nextDeployment, ...line };
  state.nextDeployment += 1;
  applyDeployment(state.stacks, deployment);
  state.changed.deployments.push(deployment);
  return deployment;
}

function rollbackFault(state: OptimizerState, strategy: string, symbols: readonly string[]): string | null {
  for (const symbol of symbols) {
    const current = speaking(state.stacks, symbol);
    if (current === null) return `${symbol} follows the configuration`;
    const speaks = state.versions.get(current)?.strategy;
    if (speaks !== strategy) return `${symbol} is traded by ${current}, which is no version of ${strategy}`;
    const configured = state.scope.configuration.assignments.some((line) => line.symbol === symbol);
    if (!configured && (state.stacks.get(symbol) ?? []).length === 1)
      return `${symbol} has no line in the configuration to return to`;
  }
  return null;
}

type Group = Omit<Deployment, 'position' | 'deployedBy' | 'deployedAt'>;

/** Symbols that return to the same version from the same one go in one line, in the order given. */
function rollbackGroups(state: OptimizerState, symbols: readonly string[]): readonly Group[] {
  const groups = new Map<string, Group>();
  for (const symbol of symbols) {
    const stack = state.stacks.get(symbol) ?? [];
    const target = spokeBefore(state, symbol, stack.at(-2));
    const rollbackOf = stack.at(-1) ?? null;
    const key = `${target.parameterVersion}|${rollbackOf}`;
    const group = groups.get(key);
    const together = group === undefined ? [symbol] : [...group.symbols, symbol];
    groups.set(key, { ...target, rollbackOf, symbols: together });
  }
  return [...groups.values()];
}

function spokeBefore(
  { versions, scope }: OptimizerState,
  symbol: string,
  earlier: string | undefined,
): Pick<Group, 'parameterVersion' | 'strategy' | 'parameters'> {
  const version = earlier === undefined ? undefined : versions.get(earlier);
  if (version !== undefined) {
    const { id, strategy, parameters } = version;
    return { parameterVersion: id, strategy, parameters };
  }
  const configured = scope.configuration.assignments.find((assignment) => assignment.symbol === symbol);
  if (configured === undefined) throw new Error(`${symbol} has no line in the configuration`);
  return { ...configuredVersion(configured) };
}

/** How the configuration's own line for a symbol is named among the versions. */
function configuredVersion(
  assignment: StrategyAssignment,
): Pick<Group, 'parameterVersion' | 'strategy' | 'parameters'> {
  const { strategy, parameters } = assignment;
  return { parameterVersion: `configured-${strategyVersion(assignment)}`, strategy, parameters };
}

function deployed(deployment: Deployment, run: string): NewEvent {
  const { parameterVersion, strategy, symbols, parameters, deployedBy, rollbackOf, deployedAt } = deployment;
  return {
    type: parametersDeployed.type,
    key: run,
    ts: deployedAt,
    data: { parameterVersion, strategy, symbols, parameters, deployedBy, rollbackOf },
  };
}
