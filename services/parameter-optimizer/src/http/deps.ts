import type { TradingConfiguration } from '@fleet/domain/configuration';
import type { RequestContext } from '@fleet/shared/http';
import type { Queryable } from '@fleet/shared/postgres';
import type { LocalInput } from '@fleet/shared/streams';
import type { LocalInputs } from '../optimizer/inputs.ts';
import type { OptimizerScope } from '../optimizer/state.ts';

/** What the routes use. */
export interface OptimizerDeps {
  readonly run: string;
  readonly db: Pick<Queryable, 'query'>;
  readonly configuration: TradingConfiguration;
  readonly limits: OptimizerScope['limits'];
  readonly defaults: OptimizerScope['defaults'];
  readonly submit: (input: LocalInput) => Promise<unknown>;
  /** A fresh id: what a person asks for has no natural key. */
  readonly newId: () => string;
  /** Epoch milliseconds. */
  readonly wall: () => number;
}

/** Hands a person's request to the leaseholder; answers after the commit, or with the decision's refusal. */
export function decide<Type extends keyof LocalInputs>(
  { submit, newId, wall }: OptimizerDeps,
  { requestId, traceparent }: RequestContext,
  type: Type,
  data: LocalInputs[Type],
): Promise<unknown> {
  const ts = new Date(wall()).toISOString();
  return submit({ id: newId(), type, key: 'admin', ts, data, requestId, traceparent, fresh: true });
}
