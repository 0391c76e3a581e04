import { notificationRaised, type ParametersDeployed } from '@fleet/domain/events';
import { strategyAssignmentSchema } from '@fleet/domain/strategies';
import type { Decided, Input } from '@fleet/shared/streams';
import { versionOf } from './speaker.ts';
import type { AnalystState, SymbolState } from './state.ts';

/**
 * A deployed parameter version, or its rollback: pending until the next set, for all symbols named at once. All or
 * nothing: parameters that the strategy refuses, or a symbol that has none here, change nothing and are said.
 */
export function deploy(state: AnalystState, deployed: ParametersDeployed, input: Input): Decided {
  const taken: { readonly entry: SymbolState; readonly pending: NonNullable<SymbolState['pending']> }[] = [];
  const { parameterVersion, rollbackOf } = deployed;
  for (const symbol of deployed.symbols) {
    const entry = state.symbols.get(symbol);
    if (entry === undefined) return refused(state, deployed, `${symbol} has no strategy here`, input);
    const parsed = strategyAssignmentSchema.safeParse({
      symbol,
      strategy: deployed.strategy,
      parameters: deployed.parameters,
    });
    if (!parsed.success) {
      const [issue] = parsed.error.issues;
      return refused(state, deployed, `${issue?.path.join('.')}: ${issue?.message}`, input);
    }
    taken.push({ entry, pending: versionOf(parsed.data, { parameterVersion, rollbackOf }) });
  }
  for (const { entry, pending } of taken) {
    entry.pending = pending.version === entry.active?.version.version ? null : pending;
    state.changes.symbols.add(entry);
  }
  return { kind: 'done' };
}

function refused(state: AnalystState, deployed: ParametersDeployed, why: string, input: Input): Decided {
  const { parameterVersion, strategy } = deployed;
  const notification = {
    dedupeKey: `PARAMETERS_REFUSED:${parameterVersion}`,
    severity: 'warning',
    code: 'PARAMETERS_REFUSED',
    title: `Parameter version ${parameterVersion} was not taken`.slice(0, 200),
    text: `${strategy}: ${why}. The versions that speak now go on.`.slice(0, 2000),
    figures: { parameterVersion },
    raisedBy: 'market-analyst',
  };
  return {
    kind: 'done',
    events: [{ type: notificationRaised.type, key: state.scope.run, ts: input.ts, data: notification }],
  };
}
