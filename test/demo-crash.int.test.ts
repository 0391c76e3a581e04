import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { startPostgres } from '@fleet/testkit/infrastructure';
import { describe, expect, it } from 'vitest';
import { controlStatus } from '../scripts/fleet/fleet-answers.ts';
import { askJson } from '../scripts/fleet/http-json.ts';
import { SERVICE_NAMES } from '../scripts/fleet/services.ts';
import { withClient } from '../scripts/fleet/with-client.ts';
import { comparisonText } from '../scripts/parity/compare-records.ts';
import { compareRun } from '../scripts/parity/parity-run.ts';
import { demoPlace } from './demo-place.ts';

const place = demoPlace('demo-crash', 1_000);
const { home, configDir, candles, runners, summary } = place;
const start = () => place.start('--candles', ...candles);

const SERVICE_KILLS_EVERY = 50;

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
    const after = summary();
    expect(after).toMatchObject({ finished: true, proof: { equal: true } });
    expect(after.cycles.completed).toBe(after.cycles.expected);
    expect(after.replay.cycles).toBeLessThanOrEqual(after.cycles.expected - before);
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
