import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { instrumentsSchema } from '@fleet/domain/instruments';
import { loadYaml } from '@fleet/shared/config';
import { testRedis } from '@fleet/testkit/infrastructure';
import { afterAll, describe, expect, inject, it } from 'vitest';
import { backtestRecord } from '../scripts/parity/backtest-record.ts';
import { generateCandles, ROUGH } from '../scripts/parity/generated-candles.ts';
import { livelyConfig } from './lively-config.ts';
import { startRunner } from './runner-process.ts';

const redis = await testRedis();
const dir = mkdtempSync(join(tmpdir(), 'parity-'));
const configDir = livelyConfig(join(dir, 'config'));

/** A day and nine hours: the trading day rolls, the loss cap and the target are reached, a stop is refused. */
const MARKET = { seed: '58', bars: 2_000, from: Date.UTC(2024, 7, 1), interval: '1m' };

afterAll(() => rmSync(dir, { recursive: true, force: true }));

describe('parity', { timeout: 240_000 }, () => {
  it('is of a stretch in which everything happens that the comparison is about', () => {
    const { instruments } = loadYaml(join(configDir, 'instruments.yaml'), instrumentsSchema);
    const traded = instruments.slice(0, 2);
    const files = generateCandles({ ...ROUGH, ...MARKET, dir, instruments: traded });
    const candles = files.map((path, index) => ({ path, symbol: traded[index]!.symbol }));
    const { orders, denials, equity } = backtestRecord({ configDir, candles, versions: [] });
    const seen = new Set([...orders].map(([key, { state }]) => `${key.split(' ')[2]} ${state}`));
    for (const wanted of [
      'entry FILLED',
      'exit FILLED',
      'rebalance FILLED',
      'flatten FILLED',
      'emergency FILLED',
    ])
      expect(seen).toContain(wanted);
    for (const wanted of ['stop FILLED', 'stop CANCELED', 'stop REJECTED']) expect(seen).toContain(wanted);
    expect(new Set([...denials.values()].map(({ code }) => code))).toContain('DAILY_LOSS_CAP');
    expect(equity.size).toBeLessThan(MARKET.bars); // minutes without any bar
  });

  it('holds to the last digit between the eight services and the backtest', async () => {
    const args = ['--bars', String(MARKET.bars), '--seed', MARKET.seed];
    const env = { CONFIG_DIR: configDir, REDIS_URL: redis.url, DATABASE_URL: inject('databaseUrl') };
    const { code, said } = await startRunner('parity.ts', args, env).ended;
    expect(said.trimEnd().split('\n').at(-1)).toMatch(
      /^parity: 131 orders, 87 fills, 1918 bars, 0 differences$/,
    );
    expect(code).toBe(0);
  });

  it('tells what is wrong with candles before it starts anything', async () => {
    const { code, said } = await startRunner('parity.ts', ['--candles', join(dir, 'BTCUSDT-1m-none.csv')])
      .ended;
    expect(said).toContain('the file does not exist');
    expect(code).toBe(1);
  });

  it('exits with 2 on a wrong option', async () => {
    const { code, said } = await startRunner('parity.ts', ['--candels', 'x']).ended;
    expect(said).toContain("Unknown option '--candels'");
    expect(code).toBe(2);
  });
});
