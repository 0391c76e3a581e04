import { bollingerRsi } from './bollinger-rsi.ts';
import { emaCross } from './ema-cross.ts';
import type { AnyStrategy } from './strategy.ts';

/** Every strategy by its name. A new one is a file and a line here. */
export const STRATEGIES: ReadonlyMap<string, AnyStrategy> = new Map<string, AnyStrategy>(
  [emaCross, bollingerRsi].map((strategy: AnyStrategy) => [strategy.name, strategy]),
);

export class StrategyUnknownError extends Error {
  override readonly name = 'StrategyUnknownError';
  readonly code = 'STRATEGY_UNKNOWN';
  readonly retry = 'crash';
  readonly action = 'Name one of the known strategies in the configuration.';
  readonly strategy: string;

  constructor(strategy: string) {
    super(`The strategy "${strategy}" is not known; known are ${[...STRATEGIES.keys()].join(', ')}.`);
    this.strategy = strategy;
  }
}

/** The strategy of a name; throws StrategyUnknownError, which lists the known ones. */
export function strategyByName(name: string): AnyStrategy {
  const strategy = STRATEGIES.get(name);
  if (strategy === undefined) throw new StrategyUnknownError(name);
  return strategy;
}
