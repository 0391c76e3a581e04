import type { TradingConfiguration } from '../configuration/index.ts';
import { tradingDays } from '../day/index.ts';
import {
  buildReport,
  type ClosedTrade,
  type EquityDay,
  type Report,
  type ReportInput,
} from '../statistics/index.ts';
import type { RecordedTrade } from './recorder.ts';
import type { BacktestResult } from './run.ts';

export interface BacktestReportInput extends Pick<ReportInput, 'trials' | 'benchmark'> {
  /** Names the trading days, the target and the loss cap. */
  readonly configuration: Pick<TradingConfiguration, 'day'>;
}

/**
 * The report of a backtest: days by the configured trading day, trades closed in the order of their exits (a position
 * that is still open at the end counts in equity alone).
 * @throws ReportInputError when the backtest saw no bar.
 */
export function backtestReport(result: BacktestResult, input: BacktestReportInput): Report {
  const { configuration, ...rest } = input;
  return buildReport({
    ...rest,
    equityByDay: equityDays(result, configuration),
    equityByBar: { times: result.openTimes, equity: result.equity, exposure: result.exposure },
    trades: result.trades.map(closedTrade),
    fees: result.fees,
    slippage: result.slippage,
    tradedNotional: result.tradedNotional,
    deniedByCode: countsOf(result.denials.map(({ code }) => code)),
    targetPct: configuration.day.targetPct,
    capPct: configuration.day.lossCapPct,
  });
}

/** A day opens with its first bar, at the last mark of the day before; days without a bar do not exist. */
function equityDays(
  { openTimes, equity, startEquity }: BacktestResult,
  { day: rules }: BacktestReportInput['configuration'],
): EquityDay[] {
  const days = tradingDays(rules);
  const found: { -readonly [Key in keyof EquityDay]: EquityDay[Key] }[] = [];
  let mark = startEquity;
  for (let row = 0; row < openTimes.length; row += 1) {
    const openTime = openTimes[row] ?? 0;
    const day = days.dayOf(openTime);
    if (found.at(-1)?.day !== day) {
      found.push({ day, openTime, openEquity: mark, closeEquity: mark, netDeposits: 0 });
    }
    mark = equity[row] ?? mark;
    const last = found.at(-1);
    if (last !== undefined) last.closeEquity = mark;
  }
  return found;
}

/**
 * Profit of what was sold: a fee taken from the base bought is missing from the proceeds already, so that only the
 * others are subtracted; what stayed behind as dust keeps its average cost.
 */
function closedTrade(trade: RecordedTrade): ClosedTrade {
  const entryPrice = trade.entryQuote / trade.quantity;
  const exitPrice = trade.exitQuote / trade.soldQuantity;
  const dust = trade.quantity - trade.baseFees - trade.soldQuantity;
  const baseFeesPaid = trade.baseFees * entryPrice;
  const pnl = trade.exitQuote - trade.entryQuote + dust * entryPrice - (trade.fees - baseFeesPaid);
  const percent = (price: number): number => (price / entryPrice - 1) * 100;
  return {
    symbol: trade.symbol,
    entryTime: trade.entryTime,
    exitTime: trade.exitTime,
    quantity: trade.quantity,
    entryPrice,
    exitPrice,
    pnl,
    fees: trade.fees,
    returnPct: (pnl / trade.entryQuote) * 100,
    entryReason: trade.entryReason,
    exitReason: trade.exitReason,
    mae: percent(Math.min(trade.lowest, entryPrice, exitPrice)),
    mfe: percent(Math.max(trade.highest, entryPrice, exitPrice)),
  };
}

function countsOf(codes: readonly string[]): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const code of codes.toSorted()) counts[code] = (counts[code] ?? 0) + 1;
  return counts;
}
