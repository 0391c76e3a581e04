import type { ClosedTrade } from './closed-trade.ts';
import { gainsAndLosses, payoff } from './returns.ts';
import { mean, ratio, sampleDeviation, sum } from './series.ts';

/** Money in quote units after fees; null where nothing defines the figure (no trade, no loser, no deviation). */
export interface TradeSummary {
  readonly trades: number;
  readonly winners: number;
  readonly losers: number;
  readonly pnl: number;
  readonly fees: number;
  /** Winners / all trades, in [0, 1]. */
  readonly winRate: number | null;
  readonly averageWin: number | null;
  /** ≤ 0. */
  readonly averageLoss: number | null;
  /** Average win / average loss, positive. */
  readonly payoff: number | null;
  /** Gross profit / gross loss. */
  readonly profitFactor: number | null;
  /** Mean profit of a trade, in quote units and in percent of its cost. */
  readonly expectancy: number | null;
  readonly expectancyPct: number | null;
  /** √n × mean / sample deviation of the profits. Source: Van Tharp, system quality number. */
  readonly sqn: number | null;
  readonly best: number | null;
  readonly worst: number | null;
  /** Most winners and losers in a row, in the order of the exits; a trade of exactly 0 ends both. */
  readonly longestWinningStreak: number;
  readonly longestLosingStreak: number;
  readonly averageDurationMs: number | null;
  /** Means in percent of the entry price. */
  readonly averageMae: number | null;
  readonly averageMfe: number | null;
}

/** Summary of closed trades, given in the order of their exits. */
export function summariseTrades(trades: readonly ClosedTrade[]): TradeSummary {
  const profits = trades.map((trade) => trade.pnl);
  const wins = profits.filter((pnl) => pnl > 0);
  const losses = profits.filter((pnl) => pnl < 0);
  const { gains, losses: lost } = gainsAndLosses(profits);
  const quality = ratio(mean(profits), sampleDeviation(profits));
  return {
    trades: trades.length,
    winners: wins.length,
    losers: losses.length,
    pnl: sum(profits),
    fees: sum(trades.map((trade) => trade.fees)),
    winRate: ratio(wins.length, trades.length),
    averageWin: mean(wins),
    averageLoss: mean(losses),
    payoff: payoff(profits),
    profitFactor: ratio(gains, lost),
    expectancy: mean(profits),
    expectancyPct: mean(trades.map((trade) => trade.returnPct)),
    sqn: quality === null ? null : quality * Math.sqrt(trades.length),
    best: extreme(profits, Math.max),
    worst: extreme(profits, Math.min),
    longestWinningStreak: longestRun(profits, (pnl) => pnl > 0),
    longestLosingStreak: longestRun(profits, (pnl) => pnl < 0),
    averageDurationMs: mean(trades.map((trade) => trade.exitTime - trade.entryTime)),
    averageMae: mean(trades.map((trade) => trade.mae)),
    averageMfe: mean(trades.map((trade) => trade.mfe)),
  };
}

function extreme(values: readonly number[], pick: (a: number, b: number) => number): number | null {
  return values.length === 0 ? null : values.reduce((a, b) => pick(a, b));
}

function longestRun(values: readonly number[], inRun: (value: number) => boolean): number {
  let run = 0;
  let longest = 0;
  for (const value of values) {
    run = inRun(value) ? run + 1 : 0;
    longest = Math.max(longest, run);
  }
  return longest;
}

export interface TradeGroup {
  readonly key: string;
  readonly trades: number;
  readonly pnl: number;
  readonly fees: number;
  readonly winRate: number | null;
  readonly profitFactor: number | null;
  readonly expectancyPct: number | null;
}

/** Trades grouped by a key such as symbol or exit reason, keys in alphabetical order. */
export function groupTrades(
  trades: readonly ClosedTrade[],
  keyOf: (trade: ClosedTrade) => string,
): TradeGroup[] {
  const groups = Map.groupBy(trades, keyOf);
  return [...groups.entries()]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([key, members]) => {
      const { trades: count, pnl, fees, winRate, profitFactor, expectancyPct } = summariseTrades(members);
      return { key, trades: count, pnl, fees, winRate, profitFactor, expectancyPct };
    });
}
