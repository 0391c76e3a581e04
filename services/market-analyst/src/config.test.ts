import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, describe, expect, it } from 'vitest';
import { graceMs, readConfig, readStrategies, simulatorUrl } from './config.ts';

const STORES = { DATABASE_URL: 'postgres://u:p@127.0.0.1/d', REDIS_URL: 'redis://127.0.0.1' };
const PAPER = { ...STORES, SIMULATOR_URL: 'http://127.0.0.1:7100' };
const folder = mkdtempSync(join(tmpdir(), 'analyst-config-'));

afterAll(() => rmSync(folder, { recursive: true }));

function instrument(symbol: string): string {
  const filters = "tickSize: '0.01', stepSize: '0.1', quantityMin: '0.1', quantityMax: '9', notionalMin: '5'";
  return `  - { symbol: ${symbol}, base: ${symbol.slice(0, 3)}, quote: USDT, ${filters} }\n`;
}

function files(symbols: readonly string[], assigned: readonly string[]): string {
  writeFileSync(join(folder, 'instruments.yaml'), `instruments:\n${symbols.map(instrument).join('')}`);
  const strategies = assigned.map((symbol) => `  - { symbol: ${symbol}, strategy: ema-cross }\n`).join('');
  writeFileSync(join(folder, 'strategies.yaml'), `interval: 5m\nstrategies:\n${strategies}`);
  return folder;
}

describe('the environment', () => {
  it('needs the simulator in paper mode, and says so', () => {
    expect(() => readConfig(STORES)).toThrow(/SIMULATOR_URL: is required in paper mode/);
    expect(readConfig({ ...STORES, MARKET_DATA_SOURCE: 'ingest' }).MARKET_DATA_SOURCE).toBe('ingest');
  });

  it('reaches the simulator in paper mode alone, and waits longer for a real venue', () => {
    const paper = readConfig(PAPER);
    const live = readConfig({ ...PAPER, TRADING_MODE: 'live', RUN_ID: 'account' });
    expect([simulatorUrl(paper), simulatorUrl(live)]).toEqual(['http://127.0.0.1:7100', null]);
    expect(graceMs(live)).toBeGreaterThan(graceMs(paper));
    expect(graceMs(readConfig({ ...PAPER, MARKET_GRACE_MS: '7' }))).toBe(7);
  });

  it('lists every fault at once, unknown settings too', () => {
    const faulty = { ...PAPER, MARKET_DATA_SOURCE: 'tv', MARKET_STALE_AFTER: '1', PORT: 'x' };
    expect(() => readConfig(faulty)).toThrow(/MARKET_STALE_AFTER[\s\S]*PORT[\s\S]*MARKET_DATA_SOURCE/);
  });
});

describe('strategies.yaml', () => {
  it('is read in the order of the instruments', () => {
    const { assignments, interval, intervalMs } = readStrategies(
      files(['ETHUSDT', 'SOLUSDT', 'BTCUSDT'], ['BTCUSDT', 'ETHUSDT']),
    );
    expect(assignments.map(({ symbol }) => symbol)).toEqual(['ETHUSDT', 'BTCUSDT']);
    expect([interval, intervalMs]).toEqual(['5m', 300_000]);
  });

  it('names every symbol that is no instrument', () => {
    const config = files(['ETHUSDT'], ['BTCUSDT', 'ETHUSDT', 'XRPUSDT']);
    expect(() => readStrategies(config)).toThrow(
      /BTCUSDT[\s\S]*XRPUSDT: has a strategy and is not in instruments.yaml/,
    );
  });

  it('of the product is valid', () => {
    const shipped = fileURLToPath(new URL('../../../config', import.meta.url));
    expect(readStrategies(shipped).assignments.length).toBeGreaterThan(1);
  });
});
