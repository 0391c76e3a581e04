import type { StrategyParameters } from '@fleet/domain/strategies';

/** A line of the list of what was deployed; plain data. */
export interface Deployment {
  readonly position: number;
  readonly parameterVersion: string;
  readonly strategy: string;
  readonly symbols: readonly string[];
  readonly parameters: StrategyParameters;
  readonly rollbackOf: string | null;
  readonly deployedBy: string;
  readonly deployedAt: string;
}

/**
 * By symbol, the versions that were deployed and not rolled back, the speaking one last. A symbol without any follows
 * its line in the configuration.
 */
export type Stacks = Map<string, string[]>;

/** Books a line: a deployment puts its version on top, a rollback takes the top off. */
export function applyDeployment(stacks: Stacks, deployment: Deployment): void {
  for (const symbol of deployment.symbols) {
    const stack = stacks.get(symbol) ?? [];
    if (deployment.rollbackOf === null) stack.push(deployment.parameterVersion);
    else stack.pop();
    stacks.set(symbol, stack);
  }
}

/** The version that speaks for a symbol, or null when it follows the configuration. */
export function speaking(stacks: Stacks, symbol: string): string | null {
  return stacks.get(symbol)?.at(-1) ?? null;
}

/** True when a version speaks for any symbol. */
export function speaksForAny(stacks: Stacks, version: string): boolean {
  for (const stack of stacks.values()) if (stack.at(-1) === version) return true;
  return false;
}
