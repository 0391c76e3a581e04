import { type Decimal, decimal, text, ZERO } from '../money/index.ts';
import type { PortfolioState, Position } from './state.ts';

/**
 * Equity as a number, in quote units: what limits, sizing and targets are judged on. Backtest, portfolio and risk
 * call this one function, with the symbols in configured order, so they agree to the last bit.
 */
export function equityMark(cash: number, quantities: Float64Array, closes: Float64Array): number {
  let equity = cash;
  for (let i = 0; i < quantities.length; i += 1) equity += (quantities[i] as number) * (closes[i] as number);
  return equity;
}

/** Exact equity: cash + Σ quantity × price, decimal text. `prices` by symbol in configured order. */
export function exactEquity(state: PortfolioState, prices: Float64Array): string {
  let equity: Decimal = state.balances.get(state.quote) ?? ZERO;
  for (const [index, position] of state.positions.entries()) {
    if (position.quantity.isZero()) continue;
    equity = equity.add(position.quantity.mul(decimal(prices[index] ?? 0)));
  }
  return text(equity);
}

export interface PnlFigures {
  readonly realisedPnl: string;
  readonly unrealisedPnl: string;
  readonly fees: string;
  readonly slippage: string;
}

/** Realised, unrealised, fees and slippage, each its own number; equity changes by realised + unrealised − fees. */
export function pnlFigures(state: PortfolioState): PnlFigures {
  let realised = ZERO;
  let unrealised = ZERO;
  let fees = ZERO;
  let slippage = ZERO;
  for (const [index, position] of state.positions.entries()) {
    realised = realised.add(position.realisedPnl);
    unrealised = unrealised.add(unrealisedPnl(position, state.closes[index] ?? 0));
    fees = fees.add(position.fees);
    slippage = slippage.add(position.slippage);
  }
  return {
    realisedPnl: text(realised),
    unrealisedPnl: text(unrealised),
    fees: text(fees),
    slippage: text(slippage),
  };
}

/** Value at the last close less average cost; 0 while no price is known. */
export function unrealisedPnl(position: Position, close: number): Decimal {
  if (position.quantity.isZero() || close === 0) return ZERO;
  return position.quantity.mul(decimal(close)).sub(position.cost);
}
