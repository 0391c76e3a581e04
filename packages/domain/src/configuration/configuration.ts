import { type Interval, intervalMs } from '../bars/index.ts';
import type { Instrument } from '../instruments/index.ts';
import type { PortfolioRules } from '../portfolio/index.ts';
import { barsPerYear } from '../portfolio/index.ts';
import type { RiskLimits } from '../risk/index.ts';
import type { StrategiesConfig, StrategyAssignment } from '../strategies/index.ts';
import type { DayRules } from '../supervision/index.ts';

/** The files of `config/`, each parsed by its own schema. */
export interface ConfigurationFiles {
  readonly instruments: { readonly instruments: readonly Instrument[] };
  readonly strategies: StrategiesConfig;
  readonly portfolio: PortfolioRules;
  readonly risk: RiskLimits;
  readonly day: DayRules;
}

/** What fleet, backtest and optimiser trade by. Instruments and assignments in configured order, index by index. */
export interface TradingConfiguration {
  readonly interval: Interval;
  readonly intervalMs: number;
  readonly barsPerYear: number;
  readonly instruments: readonly Instrument[];
  readonly assignments: readonly StrategyAssignment[];
  readonly portfolio: PortfolioRules;
  readonly risk: RiskLimits;
  readonly day: DayRules;
}

/** Files that are each valid and do not fit together; all faults at once. */
export class ConfigurationConflictError extends Error {
  readonly code = 'CONFIGURATION_CONFLICT';
  readonly retry = 'crash';
  readonly action = 'Change the named files in config/ so that they fit together.';
  override readonly name = 'ConfigurationConflictError';
  readonly faults: readonly string[];
  constructor(faults: readonly string[]) {
    super(`The configuration does not fit together:\n${faults.map((fault) => `  - ${fault}`).join('\n')}`);
    this.faults = faults;
  }
}

/**
 * Puts the files together: the traded symbols are those with a strategy, in the order of instruments.yaml.
 * @throws ConfigurationConflictError listing every fault.
 */
export function tradingConfiguration(files: ConfigurationFiles): TradingConfiguration {
  const bySymbol = new Map(files.strategies.strategies.map((assignment) => [assignment.symbol, assignment]));
  const instruments = files.instruments.instruments.filter((instrument) => bySymbol.has(instrument.symbol));
  const assignments = instruments.flatMap((instrument) => bySymbol.get(instrument.symbol) ?? []);
  const { interval } = files.strategies;
  const ms = intervalMs(interval);
  const faults = [...unknownSymbols(files), ...limitFaults(files, ms)];
  if (faults.length > 0) throw new ConfigurationConflictError(faults);
  return {
    interval,
    intervalMs: ms,
    barsPerYear: barsPerYear(ms),
    instruments,
    assignments,
    portfolio: files.portfolio,
    risk: files.risk,
    day: files.day,
  };
}

/** Every symbol that a file names must have an instrument: a cap of a misspelt symbol would cap nothing. */
function unknownSymbols({ instruments, strategies, portfolio, risk }: ConfigurationFiles): string[] {
  const known = new Set(instruments.instruments.map(({ symbol }) => symbol));
  const named = [
    ...strategies.strategies.map(({ symbol }) => ['strategies.yaml trades', symbol] as const),
    ...risk.allowedSymbols.map((symbol) => ['risk.yaml allows', symbol] as const),
    ...Object.keys(portfolio.symbolCaps).map((symbol) => ['portfolio.yaml caps', symbol] as const),
    ...portfolio.groups.flatMap(({ symbols }) =>
      symbols.map((symbol) => ['portfolio.yaml groups', symbol] as const),
    ),
  ];
  return named
    .filter(([, symbol]) => !known.has(symbol))
    .map(([who, symbol]) => `${who} ${symbol}, which instruments.yaml does not have`);
}

function limitFaults({ strategies, risk }: ConfigurationFiles, ms: number): string[] {
  if (risk.marketDataAgeMsMax >= ms) return [];
  // Between two bars nothing could be approved: no flatten, no exit.
  return [
    `risk.yaml calls bars stale after marketDataAgeMsMax ${risk.marketDataAgeMsMax}, sooner than the next of ${strategies.interval} can come (${ms})`,
  ];
}
