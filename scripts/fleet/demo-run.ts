import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { checkout } from '@fleet/testkit/infrastructure';
import type { DemoOptions } from './demo-options.ts';
import { type RunningFleet, startFleet } from './fleet.ts';
import { fleetHome } from './fleet-home.ts';
import { watchFleet } from './fleet-watch.ts';
import { type ChosenMarket, chooseMarket, describeSource } from './market-choice.ts';
import { watchPaced } from './paced-watch.ts';
import { Progress } from './progress.ts';
import { Replay, type ReplayEnd, type ReplayOptions } from './replay.ts';
import { type StopSignals, stopSignals } from './stop-signals.ts';
import { completedCycles, runFigures, type Summary } from './summary.ts';
import { isSound, summaryText } from './summary-text.ts';
import { withClient } from './with-client.ts';

interface Played extends ReplayEnd {
  readonly seconds: number;
  readonly cycles: number;
}

/** The demo from start to summary; resolves with the exit code. Whatever happens, what it started is stopped. */
export async function runDemo(options: DemoOptions): Promise<number> {
  const session = new Session(options);
  try {
    return await session.run();
  } finally {
    session.signals.release();
  }
}

class Session {
  readonly signals: StopSignals;
  readonly #options: DemoOptions;
  readonly #broken = new AbortController();
  #progress: Progress | undefined;

  constructor(options: DemoOptions) {
    this.#options = options;
    this.signals = stopSignals((line) => this.#say(line));
  }

  async run(): Promise<number> {
    const { market: request, homeDir, speed, fresh, forMs } = this.#options;
    const home = fleetHome(homeDir);
    const configDir = resolve(checkout, process.env['CONFIG_DIR'] ?? 'config');
    const market = chooseMarket(home, { ...request, fresh }, configDir);
    this.#say(marketLine(market, speed));
    const fleet = await startFleet({
      ...{ home, market, configDir, speed, fresh, rolePrefix: 'fleet' },
      say: (line) => this.#say(line),
      onGiveUp: (failure) => this.#broken.abort(failure),
      signal: AbortSignal.any([this.signals.stop, this.#broken.signal]),
    });
    const timer =
      forMs === undefined ? undefined : setTimeout(() => this.signals.request('at the end of --for'), forMs);
    try {
      return await this.#trade(fleet, market);
    } finally {
      clearTimeout(timer);
      this.#progress?.stop();
      await fleet.stop();
    }
  }

  async #trade(fleet: RunningFleet, market: ChosenMarket): Promise<number> {
    this.#say(addresses(fleet));
    this.#progress = new Progress({
      out: process.stdout,
      look: () => watchFleet(fleet.urls, fleet.controlUrl),
    });
    this.#progress.start();
    const played = await this.#play(fleet);
    this.#progress.stop();
    const figures = await withClient(fleet.databaseUrl, (client) => runFigures({ ...fleet, client }));
    const summary: Summary = {
      ...figures,
      market: describeSource(market.source),
      replay: { seconds: played.seconds, cycles: played.cycles },
      restarts: Object.fromEntries(
        [fleet.stores.redis, fleet.stores.postgres, fleet.simulator, ...fleet.services].map(
          ({ name, restarts }) => [name, restarts],
        ),
      ),
    };
    this.#say(summaryText(summary));
    if (this.#options.summaryFile !== undefined) writeSummary(this.#options.summaryFile, summary);
    return isSound(summary) ? 0 : 1;
  }

  async #play(fleet: RunningFleet): Promise<Played> {
    const begun = performance.now();
    let cycles = 0;
    const replay: ReplayOptions = {
      urls: fleet.urls,
      controlUrl: fleet.controlUrl,
      stop: this.signals.stop,
      abort: this.#broken.signal,
      onStep: (answer) => {
        if (answer.cycle) cycles += 1;
      },
    };
    const { speed } = this.#options;
    if (speed === 'max') {
      const end = await new Replay(replay).run();
      return { ...end, seconds: (performance.now() - begun) / 1_000, cycles };
    }
    return await withClient(fleet.databaseUrl, async (client) => {
      const completed = () => completedCycles(client, fleet.controlUrl);
      const before = await completed();
      const end = await watchPaced({ ...replay, speed, completed, say: (line) => this.#say(line) });
      const seconds = (performance.now() - begun) / 1_000;
      return { ...end, seconds, cycles: (await completed()) - before };
    });
  }

  #say(line: string): void {
    if (this.#progress === undefined) process.stdout.write(`${line}\n`);
    else this.#progress.say(line);
  }
}

function marketLine({ source, total, continued }: ChosenMarket, speed: string): string {
  const sets = total === null ? 'without end' : `${total} bar sets`;
  const pace = speed === 'max' ? 'in lock-step' : `at ${speed}`;
  return `${continued ? 'going on with' : 'trading'} ${describeSource(source)}, ${sets}, ${pace}`;
}

function addresses({ urls, simulatorUrl, home }: RunningFleet): string {
  const entries = Object.entries(urls).map(([name, url]) => [name, `${url}/status`]);
  entries.push(['simulator', `${simulatorUrl}/sim/run`]);
  const lines = entries.map(([name = '', url = '']) => `  ${name.padEnd(22)}${url}`);
  return [...lines, `  logs in ${home.logs}; node scripts/ops_cli.js health asks all of them`].join('\n');
}

function writeSummary(file: string, summary: Summary): void {
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, `${JSON.stringify(summary, null, 2)}\n`);
}
