import { resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { absoluteCandle, timeOf } from '../fleet/demo-options.ts';
import { UsageError } from '../fleet/run-failure.ts';

export interface ParityOptions {
  /** Empty: candles are generated. */
  readonly candles: readonly string[];
  readonly from: number | undefined;
  readonly to: number | undefined;
  readonly bars: number;
  readonly seed: string;
  /** Undefined: a folder of its own, removed at the end. */
  readonly dir: string | undefined;
  readonly help: boolean;
}

export const PARITY_USAGE = `usage: scripts/pnpm parity [--candles FILE…] [--from DATE] [--to DATE] [--bars N] [--seed TEXT] [--dir DIR]

Replays candles through the eight services, backtests the same candles with the same configuration, and compares every
order, fill, denial and the equity of every bar. Without --candles a week of one-minute candles of BTCUSDT and ETHUSDT is
made (--bars so many, from --seed). --dir keeps what the fleet wrote. CONFIG_DIR names another configuration.
Exit code: 0 no difference, 1 differences or a failed run, 2 wrong use.
`;

const WEEK_BARS = 10_080;
const BARS_MAX = 1_000_000;

const OPTIONS = {
  candles: { type: 'string', multiple: true },
  from: { type: 'string' },
  to: { type: 'string' },
  bars: { type: 'string' },
  seed: { type: 'string' },
  dir: { type: 'string' },
  help: { type: 'boolean', short: 'h' },
} as const;

/** @throws UsageError */
export function parseParityOptions(args: readonly string[], cwd: string): ParityOptions {
  const { values, positionals } = parsed(args);
  if (positionals.length > 0 && values.candles === undefined)
    throw new UsageError(`"${positionals[0]}" is no option: candle files follow --candles`);
  const candles = [...(values.candles ?? []), ...positionals].map((file) => absoluteCandle(file, cwd));
  if (candles.length > 0 && (values.bars !== undefined || values.seed !== undefined))
    throw new UsageError('--bars and --seed are of generated candles: leave them out, or --candles');
  return {
    candles,
    from: timeOf('--from', values.from),
    to: timeOf('--to', values.to),
    bars: barsOf(values.bars),
    seed: values.seed ?? 'parity',
    dir: values.dir === undefined ? undefined : resolve(cwd, values.dir),
    help: values.help ?? false,
  };
}

function parsed(args: readonly string[]) {
  try {
    // pnpm hands a lone -- on to the script.
    const given = args.filter((argument) => argument !== '--');
    return parseArgs({ args: given, options: OPTIONS, allowPositionals: true, strict: true });
  } catch (error) {
    throw new UsageError((error as Error).message);
  }
}

function barsOf(text: string | undefined): number {
  if (text === undefined) return WEEK_BARS;
  const bars = /^\d{1,7}$/.test(text) ? Number(text) : 0;
  if (bars >= 1 && bars <= BARS_MAX) return bars;
  throw new UsageError(`--bars takes a whole number from 1 to ${BARS_MAX}, not "${text}"`);
}
