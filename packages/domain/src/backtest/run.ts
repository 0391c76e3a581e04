import { type Bar, intervalName } from '../bars/index.ts';
import type { CandleColumns } from '../candles/index.ts';
import type { TradingConfiguration } from '../configuration/index.ts';
import { createSimulatedVenue, type VenueConfig } from '../matching/index.ts';
import { isHolding, type PlanSignal, type PortfolioState } from '../portfolio/index.ts';
import { type AnyStrategy, type StrategyAssignment, strategyByName } from '../strategies/index.ts';
import { BarSets, CandleSetError } from './bar-sets.ts';
import {
  type RecordedDenial,
  type RecordedFill,
  type RecordedOrder,
  type RecordedTrade,
  Recorder,
} from './recorder.ts';
import { Trader } from './trader.ts';

/** A parameter version that the fleet took at a set: parity hands the backtest the recorded open time. */
export interface Deployment {
  readonly openTime: number;
  readonly assignment: StrategyAssignment;
}

export interface BacktestInput {
  readonly configuration: TradingConfiguration;
  readonly venue: VenueConfig;
  /** One per traded symbol; bars before `from` are history that strategies warm up on. */
  readonly candles: readonly CandleColumns[];
  /** Epoch ms; defaults to the first bar, and to the end. `to` is exclusive. */
  readonly from?: number;
  readonly to?: number;
  /** `full` keeps every bar's exact equity, as parity compares it; `fast` keeps it as a number. */
  readonly record: 'full' | 'fast';
  readonly run?: string;
  readonly deployments?: readonly Deployment[];
}

export interface BacktestResult {
  readonly bars: number;
  readonly cycles: number;
  readonly orders: readonly RecordedOrder[];
  readonly fills: readonly RecordedFill[];
  readonly denials: readonly RecordedDenial[];
  readonly trades: readonly RecordedTrade[];
  /** By cycle. */
  readonly openTimes: Float64Array;
  readonly equity: Float64Array;
  /** By cycle: value of what could be sold / equity, at the close. */
  readonly exposure: Float64Array;
  /** By cycle, decimal text; empty when `fast`. */
  readonly exactEquity: readonly string[];
  readonly balances: Readonly<Record<string, { readonly free: string; readonly locked: string }>>;
  readonly fees: number;
  /** Quote units over all fills: cost against the decision prices (a stop's trigger), value bought plus value sold. */
  readonly slippage: number;
  readonly tradedNotional: number;
  /** At the first bar's open. */
  readonly startEquity: number;
  readonly endEquity: number;
}

/** One strategy of a symbol as it runs. */
interface Running {
  readonly strategy: AnyStrategy;
  readonly parameters: StrategyAssignment['parameters'];
  readonly state: unknown;
}

/**
 * Replays candles through the decision functions of the fleet: per bar set the steps open, path and close, signals
 * from the close filling at the next open at the earliest. Same input, same result, bit for bit.
 * @throws CandleSetError when a traded symbol has no candles or bars of another interval.
 */
export function runBacktest(input: BacktestInput): BacktestResult {
  const { configuration } = input;
  const candles = orderedCandles(input);
  const from = input.from ?? Math.min(...candles.map((c) => c.openTime[0] ?? Number.POSITIVE_INFINITY));
  const sets = new BarSets(candles, from, input.to ?? Number.POSITIVE_INFINITY);
  const recorder = new Recorder();
  const exact = input.record === 'full';
  const venue = createSimulatedVenue(
    { instruments: configuration.instruments, ...input.venue },
    { balances: input.venue.startBalances },
  );
  const trader = new Trader({
    configuration,
    venue,
    run: input.run ?? 'backtest',
    recorder,
    exact,
    startTime: from,
  });
  const running = configuration.assignments.map((assignment, i) =>
    start(assignment, candles[i] as CandleColumns, from),
  );
  const deployments = [...(input.deployments ?? [])].sort((a, b) => a.openTime - b.openTime);
  const signals: (PlanSignal | null)[] = configuration.instruments.map(() => null);
  const result = new EquityLog(Math.max(...candles.map((c) => c.length)));
  let bars = 0;
  let startEquity: number | undefined;
  while (sets.next()) {
    takeDeployments(deployments, sets.openTime, configuration, candles, running);
    trader.openAndPath(sets.present);
    recorder.watch(sets.present);
    for (let i = 0; i < signals.length; i += 1)
      signals[i] = signalOf(running[i] as Running, sets.bars[i] ?? null);
    const equity = trader.close(sets.openTime, sets.bars, sets.present, signals);
    result.push(sets.openTime, equity, heldValue(trader.portfolio) / equity);
    if (exact) result.exact.push(trader.supervision.lastMark?.equity ?? '');
    startEquity ??= trader.supervision.day?.openingEquityMark;
    bars += sets.present.length;
  }
  trader.finish(sets.openTime + configuration.intervalMs);
  return {
    bars,
    cycles: result.length,
    orders: [...recorder.orders.values()],
    fills: recorder.fills,
    denials: recorder.denials,
    trades: recorder.trades,
    openTimes: result.times(),
    equity: result.values(),
    exposure: result.exposures(),
    exactEquity: result.exact,
    balances: venue.balances(),
    fees: trader.portfolio.positions.reduce((sum, position) => sum + position.fees.toNumber(), 0),
    slippage: recorder.slippage,
    tradedNotional: recorder.tradedNotional,
    startEquity: startEquity ?? Number(input.venue.startBalances[trader.portfolio.quote] ?? 0),
    endEquity: result.last(),
  };
}

function orderedCandles({ configuration, candles }: BacktestInput): CandleColumns[] {
  return configuration.instruments.map((instrument) => {
    const columns = candles.find((c) => c.symbol === instrument.symbol);
    if (columns === undefined) {
      throw new CandleSetError(
        `no candles of ${instrument.symbol}, which strategies.yaml trades: give its file or take it out`,
      );
    }
    if (columns.intervalMs !== configuration.intervalMs) {
      throw new CandleSetError(
        `candles of ${instrument.symbol} are ${intervalName(columns.intervalMs)}, strategies.yaml trades ${configuration.interval}`,
      );
    }
    return columns;
  });
}

/** Exactly `warmUpBars` bars before the first cycle, fewer where the data begins: as the analyst does. */
function start(assignment: StrategyAssignment, candles: CandleColumns, before: number): Running {
  const strategy = strategyByName(assignment.strategy);
  const state = strategy.create(assignment.parameters);
  for (const bar of BarSets.history(candles, before, strategy.warmUpBars(assignment.parameters))) {
    strategy.onBar(assignment.parameters, state, bar);
  }
  return { strategy, parameters: assignment.parameters, state };
}

function signalOf(running: Running, bar: Bar | null): PlanSignal | null {
  return bar === null ? null : running.strategy.onBar(running.parameters, running.state, bar);
}

function takeDeployments(
  deployments: Deployment[],
  openTime: number,
  configuration: TradingConfiguration,
  candles: readonly CandleColumns[],
  running: Running[],
): void {
  for (let next = deployments[0]; next !== undefined && next.openTime <= openTime; next = deployments[0]) {
    deployments.shift();
    const { assignment } = next;
    const index = configuration.instruments.findIndex(
      (instrument) => instrument.symbol === assignment.symbol,
    );
    if (index >= 0) running[index] = start(assignment, candles[index] as CandleColumns, openTime);
  }
}

/** Value of what could be sold at the last closes, in quote units; dust is no exposure. */
function heldValue(portfolio: PortfolioState): number {
  const { lots, closes } = portfolio;
  let value = 0;
  for (let index = 0; index < lots.length; index += 1) {
    if (isHolding(portfolio, index)) value += (lots[index] as number) * (closes[index] as number);
  }
  return value;
}

/** Equity and exposure of every cycle in typed arrays that grow by doubling. */
class EquityLog {
  length = 0;
  readonly exact: string[] = [];
  #times: Float64Array;
  #values: Float64Array;
  #exposures: Float64Array;

  constructor(capacity: number) {
    this.#times = new Float64Array(capacity);
    this.#values = new Float64Array(capacity);
    this.#exposures = new Float64Array(capacity);
  }

  push(openTime: number, value: number, exposure: number): void {
    if (this.length === this.#times.length) this.#grow();
    this.#times[this.length] = openTime;
    this.#values[this.length] = value;
    this.#exposures[this.length] = exposure;
    this.length += 1;
  }

  times(): Float64Array {
    return this.#times.slice(0, this.length);
  }

  values(): Float64Array {
    return this.#values.slice(0, this.length);
  }

  exposures(): Float64Array {
    return this.#exposures.slice(0, this.length);
  }

  last(): number {
    return this.length === 0 ? 0 : (this.#values[this.length - 1] as number);
  }

  #grow(): void {
    const size = Math.max(16, this.length * 2);
    this.#times = grown(this.#times, size);
    this.#values = grown(this.#values, size);
    this.#exposures = grown(this.#exposures, size);
  }
}

function grown(values: Float64Array, size: number): Float64Array {
  const larger = new Float64Array(size);
  larger.set(values);
  return larger;
}
