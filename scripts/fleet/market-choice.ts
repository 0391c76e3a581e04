import { randomBytes } from 'node:crypto';
import { existsSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { instrumentsSchema } from '@fleet/domain/instruments';
import { type StrategiesConfig, strategiesSchema } from '@fleet/domain/strategies';
import { loadCandleMarket, loadSyntheticMarket, type Market } from '@fleet/exchange-simulator';
import { loadYaml } from '@fleet/shared/config';
import { z } from 'zod';
import type { FleetHome } from './fleet-home.ts';
import { RunFailure } from './run-failure.ts';

/** Where the market of a run comes from; kept, so that a cut run finds it again. Times are epoch ms. */
const sourceSchema = z.discriminatedUnion('kind', [
  z.strictObject({
    kind: z.literal('candles'),
    /** `SYMBOL=path` or paths, absolute. */
    files: z.array(z.string()).min(1),
    from: z.number().optional(),
    to: z.number().optional(),
  }),
  z.strictObject({
    kind: z.literal('synthetic'),
    seed: z.string(),
    symbols: z.array(z.string()).min(1),
    interval: z.string(),
    from: z.number().optional(),
    to: z.number().optional(),
  }),
]);
export type MarketSource = z.output<typeof sourceSchema>;

const keptSchema = z.strictObject({ source: sourceSchema, descriptor: z.string() });
const runRecordSchema = z.looseObject({ run: z.string(), finished: z.boolean() });

/** What the command line says of the market; all absent means "whatever there is to go on with". */
export interface MarketRequest {
  readonly candles: readonly string[];
  readonly symbols?: readonly string[] | undefined;
  readonly seed?: string | undefined;
  readonly from?: number | undefined;
  readonly to?: number | undefined;
  /** Whatever stands here is forgotten. */
  readonly fresh?: boolean;
}

export interface ChosenMarket {
  readonly source: MarketSource;
  readonly symbols: readonly string[];
  readonly interval: string;
  readonly intervalMs: number;
  /** Bar sets in all; null when it has no end. */
  readonly total: number | null;
  readonly descriptor: string;
  /** The run in the journal is not finished: it goes on. */
  readonly continued: boolean;
  readonly strategies: StrategiesConfig;
}

/** Candles before a synthetic market's first bar, for the strategies to warm up on. */
export const HISTORY_BARS = 1_440;

/**
 * The market of this start: the unfinished run's where there is one and the command line does not name another, else
 * the one that it names. Reads every file, so that bad ones are told before anything is started.
 * @throws RunFailure when another run is unfinished, or strategies and market do not fit; the simulator's errors for
 * files that cannot be used.
 */
export function chooseMarket(home: FleetHome, request: MarketRequest, configDir: string): ChosenMarket {
  const strategies = loadYaml(join(configDir, 'strategies.yaml'), strategiesSchema);
  const kept = request.fresh === true ? undefined : unfinished(home);
  const source = sourceOf(request, strategies, kept?.source);
  const market = loadMarket(source, configDir);
  if (kept !== undefined && kept.descriptor !== market.descriptor) throw otherRun(kept.source, source);
  assertFits(market, strategies);
  return {
    source,
    symbols: market.symbols,
    interval: market.interval,
    intervalMs: market.intervalMs,
    total: market.total,
    descriptor: market.descriptor,
    continued: kept !== undefined,
    strategies,
  };
}

export function keepMarket(home: FleetHome, { source, descriptor }: ChosenMarket): void {
  const next = `${home.marketFile}.next`;
  writeFileSync(next, `${JSON.stringify({ source, descriptor })}\n`);
  renameSync(next, home.marketFile);
}

/** The simulator's flags for a market. */
export function marketArguments(source: MarketSource): string[] {
  const bounds = [...bound('--from', source.from), ...bound('--to', source.to)];
  if (source.kind === 'candles') return [...source.files.flatMap((file) => ['--candles', file]), ...bounds];
  const { seed, symbols, interval } = source;
  return [
    ...['--seed', seed, '--symbols', symbols.join(','), '--interval', interval],
    ...['--history', String(HISTORY_BARS)],
    ...bounds,
  ];
}

function bound(flag: string, time: number | undefined): string[] {
  return time === undefined ? [] : [flag, new Date(time).toISOString()];
}

function unfinished(home: FleetHome): z.output<typeof keptSchema> | undefined {
  const record = readJson(join(home.simulator, 'run.json'), runRecordSchema);
  if (record === undefined || record.finished) return undefined;
  return readJson(home.marketFile, keptSchema);
}

function readJson<Schema extends z.ZodType>(file: string, schema: Schema): z.output<Schema> | undefined {
  if (!existsSync(file)) return undefined;
  try {
    return schema.parse(JSON.parse(readFileSync(file, 'utf8')));
  } catch (cause) {
    throw new RunFailure(`${file} is damaged`, 'begin a new run with --fresh', cause);
  }
}

function sourceOf(
  request: MarketRequest,
  strategies: StrategiesConfig,
  kept: MarketSource | undefined,
): MarketSource {
  const { candles, symbols, seed, from, to } = request;
  const bounds = { ...(from === undefined ? {} : { from }), ...(to === undefined ? {} : { to }) };
  if (candles.length > 0) return { kind: 'candles', files: [...candles], ...bounds };
  const named = [symbols, seed, from, to].some((option) => option !== undefined);
  if (kept !== undefined && !named) return kept;
  const before = kept?.kind === 'synthetic' ? kept : undefined;
  return {
    kind: 'synthetic',
    seed: seed ?? before?.seed ?? randomBytes(4).toString('hex'),
    symbols: [...(symbols ?? before?.symbols ?? strategies.strategies.map(({ symbol }) => symbol))],
    interval: strategies.interval,
    ...bounds,
  };
}

function loadMarket(source: MarketSource, configDir: string): Market {
  const { instruments } = loadYaml(join(configDir, 'instruments.yaml'), instrumentsSchema);
  if (source.kind === 'candles') return loadCandleMarket(instruments, { ...source, candles: source.files });
  return loadSyntheticMarket(instruments, { ...source, historyBars: HISTORY_BARS });
}

function assertFits(market: Market, { interval, strategies }: StrategiesConfig): void {
  if (market.interval !== interval)
    throw new RunFailure(
      `the candles are of ${market.interval}, and config/strategies.yaml trades bars of ${interval}`,
      `give candles of ${interval}, or change the interval in config/strategies.yaml`,
    );
  const traded = new Set(strategies.map(({ symbol }) => symbol));
  const strangers = market.symbols.filter((symbol) => !traded.has(symbol));
  if (strangers.length > 0)
    throw new RunFailure(
      `config/strategies.yaml has no strategy for ${strangers.join(', ')}`,
      'give it one there, or leave its candles out',
    );
}

function otherRun(kept: MarketSource, asked: MarketSource): RunFailure {
  return new RunFailure(
    `an unfinished run of ${describeSource(kept)} stands here, and this start names ${describeSource(asked)}`,
    'start without --candles, --symbols, --seed, --from and --to to finish it, or begin a new run with --fresh',
  );
}

export function describeSource(source: MarketSource): string {
  const span = [source.from, source.to].map((time) =>
    time === undefined ? '' : new Date(time).toISOString(),
  );
  const bounds = span.some((text) => text !== '')
    ? ` from ${span[0] || 'the start'} to ${span[1] || 'the end'}`
    : '';
  if (source.kind === 'candles') {
    const names = source.files.map((file) => file.split('/').at(-1));
    return `${names.join(', ')}${bounds}`;
  }
  return `the synthetic market of seed ${source.seed} (${source.symbols.join(', ')})${bounds}`;
}
