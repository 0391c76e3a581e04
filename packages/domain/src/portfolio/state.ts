import type { TradingState } from '../events/orchestration.ts';
import { floorToLot, type Instrument, sellableQuantity } from '../instruments/index.ts';
import { constant, type Decimal, decimal, ZERO } from '../money/index.ts';
import type { PortfolioRules } from './rules.ts';
import { ReturnWindow } from './volatility.ts';

/** One symbol's holding: average cost in quote units, fees apart. */
export interface Position {
  /** Base units held, dust included. */
  quantity: Decimal;
  /** Quote paid for what is held, fees not counted. */
  cost: Decimal;
  realisedPnl: Decimal;
  /** Fees in quote units; a fee in base or in a third coin is valued at the fill. */
  fees: Decimal;
  /** Against the decision price; positive is to our cost. */
  slippage: Decimal;
}

/** A proposal on its way, or its order at the venue. */
export interface WorkingOrder {
  readonly index: number;
  readonly side: 'buy' | 'sell';
  /** Base units proposed. */
  readonly quantity: number;
}

/** What the portfolio manager holds in memory, by symbol in configured order. Numbers mirror the decimals for marks. */
export interface PortfolioState {
  readonly instruments: readonly Instrument[];
  readonly quote: string;
  readonly rules: PortfolioRules;
  readonly barsPerYear: number;
  readonly indexOf: ReadonlyMap<string, number>;
  /** Every asset of the account; the quote's is the cash. */
  readonly balances: Map<string, Decimal>;
  readonly positions: Position[];
  readonly windows: ReturnWindow[];
  cash: number;
  readonly quantities: Float64Array;
  /** Lots that could be sold, as a number: 0 is flat. */
  readonly lots: Float64Array;
  readonly closes: Float64Array;
  /** The venue's smallest order values, as numbers. */
  readonly notionalMins: Float64Array;
  /** Open time of each symbol's newest bar, -1 before the first. */
  readonly barTimes: Float64Array;
  /** Proposals that are neither denied nor ended: their symbol takes no new one. */
  readonly working: Map<string, WorkingOrder>;
  readonly workingBySymbol: Int32Array;
  /** Stopped out: the target stays 0 until the signal has been 0 once. */
  readonly blocked: Uint8Array;
  /** Last `exec.status` sequence that is booked. */
  ledgerVersion: number;
  trading: TradingState | null;
  day: string | null;
}

export interface PortfolioSetup {
  readonly instruments: readonly Instrument[];
  readonly rules: PortfolioRules;
  /** Bars a year of the interval that is traded. */
  readonly barsPerYear: number;
}

/** A portfolio that knows nothing yet. All instruments share one quote currency. */
export function emptyPortfolio(setup: PortfolioSetup): PortfolioState {
  const size = setup.instruments.length;
  return {
    instruments: setup.instruments,
    quote: setup.instruments[0]?.quote ?? '',
    rules: setup.rules,
    barsPerYear: setup.barsPerYear,
    indexOf: new Map(setup.instruments.map((instrument, index) => [instrument.symbol, index])),
    balances: new Map(),
    positions: setup.instruments.map(emptyPosition),
    windows: setup.instruments.map(() => new ReturnWindow(setup.rules.volWindow)),
    cash: 0,
    quantities: new Float64Array(size),
    lots: new Float64Array(size),
    closes: new Float64Array(size),
    notionalMins: Float64Array.from(setup.instruments, ({ notionalMin }) => Number(notionalMin)),
    barTimes: new Float64Array(size).fill(-1),
    working: new Map(),
    workingBySymbol: new Int32Array(size),
    blocked: new Uint8Array(size),
    ledgerVersion: 0,
    trading: null,
    day: null,
  };
}

export function emptyPosition(): Position {
  return { quantity: ZERO, cost: ZERO, realisedPnl: ZERO, fees: ZERO, slippage: ZERO };
}

/** Sets one asset's balance and the numbers that mirror it. */
export function setBalance(state: PortfolioState, asset: string, amount: Decimal): void {
  state.balances.set(asset, amount);
  if (asset === state.quote) state.cash = amount.toNumber();
  for (const [index, instrument] of state.instruments.entries()) {
    if (instrument.base === asset) mirrorQuantity(state, index, amount);
  }
}

export function addBalance(state: PortfolioState, asset: string, amount: Decimal): void {
  setBalance(state, asset, (state.balances.get(asset) ?? ZERO).add(amount));
}

function mirrorQuantity(state: PortfolioState, index: number, amount: Decimal): void {
  const instrument = state.instruments[index] as Instrument;
  const position = state.positions[index] as Position;
  position.quantity = amount;
  state.quantities[index] = amount.toNumber();
  const lots = floorToLot(instrument, amount);
  state.lots[index] = lots.lt(constant(instrument.quantityMin)) ? 0 : lots.toNumber();
}

/** True when something of the symbol can still be sold at its last close. */
export function isHolding(state: PortfolioState, index: number): boolean {
  const lots = state.lots[index] ?? 0;
  return lots !== 0 && lots * (state.closes[index] as number) >= (state.notionalMins[index] as number);
}

/** The exact quantity behind `isHolding`. */
export function sellable(state: PortfolioState, index: number): Decimal {
  const instrument = state.instruments[index] as Instrument;
  const position = state.positions[index] as Position;
  return sellableQuantity(instrument, position.quantity, decimal(state.closes[index] ?? 0));
}
