import { z } from 'zod';
import { INTERVALS, type Interval } from '../bars/index.ts';
import { sha256Hex } from '../ids/index.ts';
import { STRATEGIES } from './registry.ts';
import type { AnyStrategy, StrategyParameters } from './strategy.ts';

/** Hex digits of a strategy version's hash: 48 bits, for a handful of versions a symbol. */
const VERSION_DIGITS = 12;

/**
 * Which strategy speaks for a symbol, with every parameter spelled out: defaults are filled in, and the strategy's
 * own schema has passed. Also parses what an optimiser deploys.
 */
export const strategyAssignmentSchema = z
  .strictObject({
    symbol: z.string().regex(/^[A-Z0-9]{4,20}$/, 'must be a venue symbol such as BTCUSDT'),
    strategy: z.string(),
    parameters: z.record(z.string(), z.union([z.string(), z.number(), z.boolean()])).default({}),
  })
  .transform((assignment, context) => {
    const strategy = STRATEGIES.get(assignment.strategy);
    if (strategy === undefined) {
      const message = `is not a strategy; known are ${[...STRATEGIES.keys()].join(', ')}`;
      context.addIssue({ code: 'custom', path: ['strategy'], message });
      return z.NEVER;
    }
    const parsed = strategy.parameters.safeParse(assignment.parameters);
    if (!parsed.success) {
      for (const { path, message } of parameterFaults(strategy, parsed.error.issues)) {
        context.addIssue({ code: 'custom', path: ['parameters', ...path], message });
      }
      return z.NEVER;
    }
    return { ...assignment, parameters: parsed.data };
  });

export type StrategyAssignment = Readonly<{
  symbol: string;
  strategy: string;
  parameters: StrategyParameters;
}>;

/** `config/strategies.yaml`: the interval of the bars and one strategy a symbol. */
export const strategiesSchema = z
  .strictObject({
    interval: z.enum(Object.keys(INTERVALS) as [Interval, ...Interval[]]),
    strategies: z.array(strategyAssignmentSchema).min(1).max(200),
  })
  .refine(
    (file) => new Set(file.strategies.map(({ symbol }) => symbol)).size === file.strategies.length,
    'a symbol has two strategies: give it one',
  );

export type StrategiesConfig = Readonly<z.infer<typeof strategiesSchema>>;

/**
 * Name of what speaks: the strategy and a hash over it, its parameters after defaults, and the symbol. Equal content
 * has an equal version, in whatever order the parameters were written.
 */
export function strategyVersion({ symbol, strategy, parameters }: StrategyAssignment): string {
  const sorted = Object.entries(parameters).sort(([left], [right]) => (left < right ? -1 : 1));
  return `${strategy}-${sha256Hex(JSON.stringify([strategy, symbol, sorted])).slice(0, VERSION_DIGITS)}`;
}

interface ParameterFault {
  readonly path: readonly PropertyKey[];
  readonly message: string;
}

function parameterFaults(strategy: AnyStrategy, issues: readonly z.core.$ZodIssue[]): ParameterFault[] {
  const known = Object.keys(strategy.searchSpace).join(', ');
  return issues.flatMap((issue) =>
    issue.code === 'unrecognized_keys'
      ? issue.keys.map((key) => ({
          path: [...issue.path, key],
          message: `is no parameter of ${strategy.name}; known are ${known}`,
        }))
      : [{ path: issue.path, message: issue.message }],
  );
}
