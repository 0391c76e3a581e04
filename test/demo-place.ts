import { chmodSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { instrumentsSchema } from '@fleet/domain/instruments';
import { loadYaml } from '@fleet/shared/config';
import { afterAll } from 'vitest';
import type { Summary } from '../scripts/fleet/summary.ts';
import { generateCandles, ROUGH } from '../scripts/parity/generated-candles.ts';
import { livelyConfig } from './lively-config.ts';
import { type RunnerProcess, startRunner } from './runner-process.ts';

export interface DemoPlace {
  /** What the demo keeps between its runs. */
  readonly home: string;
  readonly configDir: string;
  readonly candles: readonly string[];
  /** Every demo that was started here; those still alive end with the file. */
  readonly runners: readonly RunnerProcess[];
  start(...args: string[]): RunnerProcess;
  summary(): Summary;
}

/** A folder with a lively configuration and candles of two symbols for demos with stores of their own. */
export function demoPlace(name: string, bars: number): DemoPlace {
  const dir = mkdtempSync(join(tmpdir(), `${name}-`));
  chmodSync(dir, 0o711); // run by root, Postgres is another user
  const home = join(dir, 'demo');
  const configDir = livelyConfig(join(dir, 'config'));
  const summaryFile = join(dir, 'summary.json');
  const env = { CONFIG_DIR: configDir, REDIS_URL: undefined, DATABASE_URL: undefined };
  const runners: RunnerProcess[] = [];
  afterAll(async () => {
    for (const runner of runners) if (runner.child.exitCode === null) runner.child.kill('SIGTERM');
    try {
      await Promise.all(runners.map((runner) => runner.ended));
    } finally {
      rmSync(dir, { recursive: true, force: true });
    }
  });
  const start = (...args: string[]) => {
    const runner = startRunner('demo.ts', ['--dir', home, '--summary', summaryFile, ...args], env);
    runners.push(runner);
    return runner;
  };
  const summary = () => JSON.parse(readFileSync(summaryFile, 'utf8')) as Summary;
  return { home, configDir, candles: roughCandles(dir, configDir, bars), runners, start, summary };
}

function roughCandles(dir: string, configDir: string, bars: number): readonly string[] {
  const { instruments } = loadYaml(join(configDir, 'instruments.yaml'), instrumentsSchema);
  return generateCandles({
    ...{ ...ROUGH, dir, instruments: instruments.slice(0, 2), interval: '1m' },
    ...{ seed: '58', bars, from: Date.UTC(2024, 7, 1) },
  });
}
