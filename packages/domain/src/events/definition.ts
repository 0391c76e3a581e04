import type { z } from 'zod';

/** One event type at one version: the schema is the type (`z.infer`) and the published JSON Schema. */
export interface EventDefinition<Schema extends z.ZodType = z.ZodType> {
  readonly type: string;
  readonly v: number;
  readonly stream: string;
  /** What orders it: its symbol, the account, or (commands) every partition gets a copy. */
  readonly partitionBy: 'symbol' | 'account' | 'all';
  readonly schema: Schema;
}

export function defineEvent<Schema extends z.ZodType>(
  definition: EventDefinition<Schema>,
): EventDefinition<Schema> {
  return definition;
}
