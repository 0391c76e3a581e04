import { isAbsolute, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { localFolder } from '@fleet/testkit/infrastructure';
import type { Speed } from './fleet.ts';
import type { MarketRequest } from './market-choice.ts';
import { UsageError } from './run-failure.ts';

export interface DemoOptions {
  readonly market: MarketRequest;
  readonly speed: Speed;
  /** Milliseconds of wall time after which the replay stops; undefined: until its end or Ctrl-C. */
  readonly forMs: number | undefined;
  readonly fresh: boolean;
  readonly summaryFile: string | undefined;
  readonly homeDir: string;
  readonly help: boolean;
}

export const DEMO_USAGE = `usage: scripts/demo [--candles FILE…] [options]

  --candles FILE…   replay these candles (SYMBOL-INTERVAL-….csv[.gz], or SYMBOL=FILE), one file a symbol;
                    without it a made-up market is traded until --for or Ctrl-C
  --from, --to      replay only what opens in [from, to): a date such as 2024-08-01 or 2024-08-01T12:00Z
  --speed           max (default: as fast as the fleet decides, step by step), or 60x, 1x: paced by the clock
  --for             stop after this wall time: 90s, 10m, 2h
  --fresh           forget the run that stands here, and begin a new one
  --summary FILE    write the summary as JSON too
  --symbols A,B     symbols of the made-up market; default: those of config/strategies.yaml
  --seed TEXT       seed of the made-up market; default: another one each time
  --dir DIR         where the run is kept; default .local/demo

A run that was cut (Ctrl-C, kill -9, power) goes on when started again. Ctrl-C stops the replay after the step under
way, compares the books with the venue, prints the summary and stops everything.
Exit code: 0 ledger equal to the venue and every cycle complete, 1 not so, 2 an option that cannot be read.
`;

const OPTIONS = {
  candles: { type: 'string', multiple: true },
  from: { type: 'string' },
  to: { type: 'string' },
  speed: { type: 'string' },
  for: { type: 'string' },
  fresh: { type: 'boolean' },
  summary: { type: 'string' },
  symbols: { type: 'string' },
  seed: { type: 'string' },
  dir: { type: 'string' },
  help: { type: 'boolean', short: 'h' },
} as const;

/** @throws UsageError naming the option and what it takes. `cwd` is where relative paths begin. */
export function parseDemoOptions(args: readonly string[], cwd: string): DemoOptions {
  const { values, positionals } = parsed(args);
  const candles = [...(values.candles ?? []), ...positionals];
  if (candles.length > 0 && values.candles === undefined)
    throw new UsageError(`"${positionals[0]}" is no option: candle files follow --candles`);
  if (candles.length > 0 && (values.seed !== undefined || values.symbols !== undefined))
    throw new UsageError('--seed and --symbols are of the made-up market: leave them out, or --candles');
  return {
    market: {
      candles: candles.map((file) => absoluteCandle(file, cwd)),
      symbols: values.symbols === undefined ? undefined : symbolsOf(values.symbols),
      seed: values.seed,
      from: timeOf('--from', values.from),
      to: timeOf('--to', values.to),
    },
    speed: speedOf(values.speed ?? 'max'),
    forMs: values.for === undefined ? undefined : durationOf(values.for),
    fresh: values.fresh ?? false,
    summaryFile: values.summary === undefined ? undefined : resolve(cwd, values.summary),
    homeDir: values.dir === undefined ? resolve(localFolder, 'demo') : resolve(cwd, values.dir),
    help: values.help ?? false,
  };
}

function parsed(args: readonly string[]) {
  try {
    return parseArgs({ args: [...args], options: OPTIONS, allowPositionals: true, strict: true });
  } catch (error) {
    throw new UsageError((error as Error).message);
  }
}

/** `SYMBOL=path` keeps its symbol. */
export function absoluteCandle(argument: string, cwd: string): string {
  const given = /^([A-Z0-9]{4,20})=(.+)$/.exec(argument);
  const path = given?.[2] ?? argument;
  const absolute = isAbsolute(path) ? path : resolve(cwd, path);
  return given === null ? absolute : `${given[1]}=${absolute}`;
}

function symbolsOf(text: string): string[] {
  const symbols = text
    .split(',')
    .map((symbol) => symbol.trim())
    .filter((symbol) => symbol !== '');
  if (symbols.length === 0)
    throw new UsageError('--symbols takes symbols separated by commas, such as BTCUSDT,ETHUSDT');
  return symbols;
}

export function timeOf(option: string, text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  const time = Date.parse(text);
  if (Number.isNaN(time))
    throw new UsageError(`${option} takes a date such as 2024-08-01 or 2024-08-01T12:00Z, not "${text}"`);
  return time;
}

function speedOf(text: string): Speed {
  if (text === 'max') return 'max';
  const factor = Number(/^(\d{1,6}(?:\.\d{1,3})?)x$/.exec(text)?.[1] ?? 0);
  if (factor > 0) return `${factor}x`;
  throw new UsageError(`--speed takes max, or a factor such as 60x or 1x, not "${text}"`);
}

const UNIT_MS: Readonly<Record<string, number>> = { s: 1_000, m: 60_000, h: 3_600_000 };

function durationOf(text: string): number {
  const [, amount, unit = ''] = /^(\d{1,6}(?:\.\d{1,3})?)(s|m|h)$/.exec(text) ?? [];
  const ms = Number(amount ?? 0) * (UNIT_MS[unit] ?? 0);
  if (ms > 0) return ms;
  throw new UsageError(`--for takes a time such as 90s, 10m or 2h, not "${text}"`);
}
