import { chmodSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { instrumentsSchema } from '@fleet/domain/instruments';
import { loadYaml } from '@fleet/shared/config';
import { startPostgres } from '@fleet/testkit/infrastructure';
import { afterAll, describe, expect, it } from 'vitest';
import { controlStatus } from '../scripts/fleet/fleet-answers.ts';
import { askJson } from '../scripts/fleet/http-json.ts';
import { SERVICE_NAMES } from '../scripts/fleet/services.ts';
import type { Summary } from '../scripts/fleet/summary.ts';
import { withClient } from '../scripts/fleet/with-client.ts';
import { comparisonText } from '../scripts/parity/compare-records.ts';
import { generateCandles, ROUGH } from '../scripts/parity/generated-candles.ts';
import { compareRun } from '../scripts/parity/parity-run.ts';
import { livelyConfig } from './lively-config.ts';
import { type RunnerProcess, startRunner } from './runner-process.ts';

const dir = mkdtempSync(join(tmpdir(), 'demo-crash-'));
chmodSync(dir, 0o711); // run by root, Postgres is another user
const home = join(dir, 'demo');
const configDir = livelyConfig(join(dir, 'config'));
const summaryFile = join(dir, 'summary.json');
/** Stores of the demo's own, for they are killed too. */
const env = { CONFIG_DIR: configDir, REDIS_URL: undefined, DATABASE_URL: undefined };

const { instruments } = loadYaml(join(configDir, 'instruments.yaml'), instrumentsSchema);
const candles = generateCandles({
  ...{ ...ROUGH, dir, instruments: instruments.slice(0, 2), interval: '1m' },
  ...{ seed: '58', bars: 1_000, from: Date.UTC(2024, 7, 1) },
});

const SERVICE_KILLS_EVERY = 50;
const runners: RunnerProcess[] = [];

afterAll(async () => {
  for (const runner of runners) if (runner.child.exitCode === null) runner.child.kill('SIGTERM');
  await Promise.all(runners.map((runner) => runner.ended));
  rmSync(dir, { recursive: true, force: true });
});

function start(): RunnerProcess {
  const runner = startRunner(
    'demo.ts',
    ['--dir', home, '--candles', ...candles, '--summary', summaryFile],
    env,
  );
  runners.push(runner);
  return runner;
}

function pidOf(file: string): number {
  return (JSON.parse(readFileSync(join(home, file), 'utf8')) as { pid: number }).pid;
}

/** SIGKILL to the whole group, as a machine that runs out of memory does. A process that is just being started again has none. */
function killHard(file: string): void {
  try {
    process.kill(-pidOf(file), 'SIGKILL');
  } catch (error) {
    if (!['ESRCH', 'ENOENT'].includes((error as NodeJS.ErrnoException).code ?? '')) throw error;
  }
}

async function untilCycle(count: number): Promise<void> {
  for (;;) {
    if ((await cyclesDone()) >= count) return;
    await sleep(20);
  }
}

async function cyclesDone(): Promise<number> {
  try {
    const state = JSON.parse(readFileSync(join(home, 'state.json'), 'utf8')) as {
      simulator: { controlUrl: string };
    };
    return controlStatus.parse(await askJson(`${state.simulator.controlUrl}/control/status`)).done;
  } catch {
    return -1; // just being started again
  }
}

describe('a fleet that is killed piece by piece', { timeout: 400_000 }, () => {
  it('goes on after kill -9 of each service, of Redis and of Postgres', async () => {
    const runner = start();
    await runner.hears(/all 8 services are ready/);
    let at = 0;
    for (const name of ['simulator', ...SERVICE_NAMES]) {
      at += SERVICE_KILLS_EVERY;
      await untilCycle(at);
      killHard(`pids/${name}.pid`);
      await runner.hears(new RegExp(`^${name} ended \\(SIGKILL\\)`, 'm'));
    }
    at += SERVICE_KILLS_EVERY;
    await untilCycle(at);
    killHard('redis/redis.pid');
    await runner.hears(/^redis ended by itself/m);
    at += SERVICE_KILLS_EVERY;
    await untilCycle(at);
    killHard('postgres/postgres.pid');
    await runner.hears(/^postgres ended by itself/m);
    await untilCycle(at + SERVICE_KILLS_EVERY);
    expect(runner.child.exitCode).toBeNull();
  });

  it('goes on with the same run after kill -9 of everything, runner first', async () => {
    const before = await cyclesDone();
    const runner = runners.at(-1)!;
    runner.child.kill('SIGKILL');
    for (const name of ['simulator', ...SERVICE_NAMES]) killHard(`pids/${name}.pid`);
    killHard('redis/redis.pid');
    killHard('postgres/postgres.pid');
    await runner.ended;
    const { code, said } = await start().ended;
    expect(said).toContain('going on with');
    expect(said.trimEnd().split('\n').at(-1)).toMatch(/^proof: ledger equals the venue: USDT /);
    const summary = JSON.parse(readFileSync(summaryFile, 'utf8')) as Summary;
    expect(summary).toMatchObject({ finished: true, proof: { equal: true } });
    expect(summary.cycles.completed).toBe(summary.cycles.expected);
    expect(summary.replay.cycles).toBeLessThanOrEqual(summary.cycles.expected - before);
    expect(code).toBe(0);
  });

  it('has done in the end exactly what the backtest does', async () => {
    const { run } = JSON.parse(readFileSync(join(home, 'simulator/run.json'), 'utf8')) as { run: string };
    const postgres = await startPostgres({ dir: join(home, 'postgres'), env: {} });
    try {
      const comparison = await withClient(postgres.url, (client) =>
        compareRun(client, { run, configDir, candles }),
      );
      expect(comparisonText(comparison)).toMatch(/^parity: \d+ orders, \d+ fills, \d+ bars, 0 differences$/);
      expect(comparison.fills).toBeGreaterThan(20);
    } finally {
      await postgres.stop();
    }
  });

  it('leaves nothing running behind', () => {
    for (const name of ['simulator', ...SERVICE_NAMES])
      expect(() => pidOf(`pids/${name}.pid`), name).toThrow('ENOENT');
    expect(() => pidOf('redis/redis.pid')).toThrow('ENOENT');
    expect(() => readFileSync(join(home, 'state.json'))).toThrow('ENOENT');
    expect(() => readFileSync(join(home, 'runner.pid'))).toThrow('ENOENT');
  });
});
