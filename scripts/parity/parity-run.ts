import { mkdirSync, rmSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { instrumentsSchema } from '@fleet/domain/instruments';
import { strategiesSchema } from '@fleet/domain/strategies';
import { loadYaml } from '@fleet/shared/config';
import { checkout, localFolder } from '@fleet/testkit/infrastructure';
import type { Client } from 'pg';
import { type RunningFleet, startFleet } from '../fleet/fleet.ts';
import { controlStatus } from '../fleet/fleet-answers.ts';
import { type FleetHome, fleetHome } from '../fleet/fleet-home.ts';
import { askJson } from '../fleet/http-json.ts';
import { chooseMarket } from '../fleet/market-choice.ts';
import { Replay } from '../fleet/replay.ts';
import { RunFailure } from '../fleet/run-failure.ts';
import { stopSignals } from '../fleet/stop-signals.ts';
import { withClient } from '../fleet/with-client.ts';
import { backtestRecord } from './backtest-record.ts';
import { candlePaths } from './candle-paths.ts';
import { type Comparison, compareRecords } from './compare-records.ts';
import { fleetRecord, recordedVersions } from './fleet-record.ts';
import { generateCandles, ROUGH } from './generated-candles.ts';
import { takeGivenStores } from './given-stores.ts';
import type { ParityOptions } from './parity-options.ts';

/** Where generated candles begin: a Thursday, so that a week has seven whole trading days. */
const GENERATED_FROM = Date.UTC(2024, 7, 1);
const SAY_EVERY_CYCLES = 1_000;

/** Replays through a fleet of its own, backtests, compares. What it started and wrote is gone afterwards. */
export async function runParity(options: ParityOptions, say: (line: string) => void): Promise<Comparison> {
  const home = fleetHome(options.dir ?? join(localFolder, `parity-${process.pid}`));
  const configDir = resolve(checkout, process.env['CONFIG_DIR'] ?? 'config');
  const rolePrefix = `parity_${process.pid}`;
  const signals = stopSignals(say);
  let giveBack = async () => {};
  try {
    mkdirSync(home.dir, { recursive: true, mode: 0o711 });
    const candles = options.candles.length > 0 ? options.candles : generated(options, home, configDir);
    const { from, to } = options;
    const market = chooseMarket(home, { candles, from, to, fresh: true }, configDir);
    say(`parity: ${market.total} bar sets of ${market.symbols.join(', ')} through the fleet`);
    giveBack = await takeGivenStores(rolePrefix);
    const broken = new AbortController();
    const fleet = await startFleet({
      ...{ home, market, configDir, say, speed: 'max', fresh: true, rolePrefix },
      onGiveUp: (failure) => broken.abort(failure),
      signal: AbortSignal.any([signals.stop, broken.signal]),
    });
    try {
      await replayAll(fleet, { say, stop: signals.stop, abort: broken.signal });
      const { run } = controlStatus.parse(await askJson(`${fleet.controlUrl}/control/status`));
      const compared = { run, configDir: fleet.configDir, candles, from, to };
      return await withClient(fleet.databaseUrl, (client) => compareRun(client, compared));
    } finally {
      await fleet.stop();
    }
  } finally {
    signals.release();
    await giveBack();
    if (options.dir === undefined) rmSync(home.dir, { recursive: true, force: true });
  }
}

function generated({ seed, bars }: ParityOptions, home: FleetHome, configDir: string): string[] {
  const { instruments } = loadYaml(join(configDir, 'instruments.yaml'), instrumentsSchema);
  const { interval, strategies } = loadYaml(join(configDir, 'strategies.yaml'), strategiesSchema);
  const traded = instruments.filter(({ symbol }) => strategies.some((each) => each.symbol === symbol));
  const dir = join(home.dir, 'candles');
  return generateCandles({ ...ROUGH, dir, instruments: traded, interval, seed, bars, from: GENERATED_FROM });
}

interface ReplayControl {
  readonly say: (line: string) => void;
  readonly stop: AbortSignal;
  readonly abort: AbortSignal;
}

async function replayAll(fleet: RunningFleet, control: ReplayControl): Promise<void> {
  const begun = performance.now();
  let cycles = 0;
  const onStep = ({ cycle }: { readonly cycle: boolean }) => {
    if (!cycle) return;
    cycles += 1;
    if (cycles % SAY_EVERY_CYCLES === 0) control.say(`parity: ${cycles} cycles`);
  };
  const { finished } = await new Replay({ ...fleet, ...control, onStep }).run();
  if (!finished)
    throw new RunFailure('stopped before the end of the candles', 'start again: parity needs them whole');
  const seconds = (performance.now() - begun) / 1_000;
  control.say(
    `parity: ${cycles} cycles in ${seconds.toFixed(1)} s, ${(cycles / seconds).toFixed(0)} cycles/s`,
  );
}

export interface Compared {
  readonly run: string;
  readonly configDir: string;
  readonly candles: readonly string[];
  readonly from?: number | undefined;
  readonly to?: number | undefined;
}

/** The fleet's record of a run against a backtest of the same candles. */
export async function compareRun(client: Client, compared: Compared): Promise<Comparison> {
  const { run, configDir, from, to } = compared;
  const versions = await recordedVersions(client, run);
  const candles = candlePaths(compared.candles);
  const backtest = backtestRecord({ configDir, versions, from, to, candles });
  return compareRecords(await fleetRecord(client, run), backtest);
}
