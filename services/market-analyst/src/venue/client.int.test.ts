import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import type { Socket } from 'node:net';
import { loadSyntheticMarket, type RunningSimulator, startSimulator } from '@fleet/exchange-simulator';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import type { ExactBar } from '../bar-set/decide.ts';
import { createVenue } from './client.ts';
import type { BarVenue } from './port.ts';

const MINUTE = 60_000;
const FROM = Date.UTC(2024, 0, 1);
const SYMBOLS = ['BTCUSDT', 'ETHUSDT'];
const INSTRUMENTS = SYMBOLS.map((symbol) => ({
  symbol,
  base: symbol.slice(0, 3),
  quote: 'USDT',
  ...{ tickSize: '0.01', stepSize: '0.0001', quantityMin: '0.0001', quantityMax: '9000', notionalMin: '5' },
}));

/** Every address that this process connected to. */
const reached: (string | undefined)[] = [];
const onSocket = (message: unknown): void => {
  const { socket } = message as { socket: Socket };
  socket.once('connect', () => reached.push(socket.remoteAddress));
};

let simulator: RunningSimulator;
const venues: BarVenue[] = [];

beforeAll(async () => {
  subscribe('net.client.socket', onSocket);
  simulator = await startSimulator({
    market: loadSyntheticMarket(INSTRUMENTS, {
      seed: 'venue-test',
      symbols: SYMBOLS,
      interval: '1m',
      from: FROM,
      to: FROM + 1_440 * MINUTE,
      historyBars: 1_200,
    }),
    venue: {
      makerFeeRate: '0',
      takerFeeRate: '0',
      slippageBps: 0,
      collar: '0',
      startBalances: { USDT: '1' },
    },
  });
});

afterEach(async () => {
  await Promise.all(venues.splice(0).map((venue) => venue.close()));
});

afterAll(async () => {
  unsubscribe('net.client.socket', onSocket);
  await simulator.close();
});

function venueFor(symbols: readonly string[], url = simulator.url): BarVenue {
  const venue = createVenue({ simulatorUrl: url, symbols, interval: '1m', intervalMs: MINUTE });
  venues.push(venue);
  return venue;
}

async function advance(): Promise<{ openTime: number | null; step: string }> {
  const answer = await fetch(`${simulator.controlUrl}/control/advance`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: '{}',
  });
  return (await answer.json()) as { openTime: number; step: string };
}

/** Steps until `sets` bar sets have closed. */
async function close(sets: number): Promise<void> {
  const before = await closedSets();
  while ((await closedSets()) < before + sets) await advance();
}

async function closedSets(): Promise<number> {
  const answer = await fetch(`${simulator.controlUrl}/control/status`);
  return ((await answer.json()) as { done: number }).done;
}

async function eventually(condition: () => boolean): Promise<void> {
  while (!condition()) await new Promise((resolve) => setTimeout(resolve, 5));
}

describe('the venue over ccxt', () => {
  it('gives history as exact text, paged from the end', async () => {
    const venue = venueFor(SYMBOLS);
    await venue.open();
    expect(venue.name).toBe('simulator');
    const last = await venue.lastClosed();
    expect(last).toBe(FROM - MINUTE);
    const bars = await venue.klines({ symbol: 'BTCUSDT', to: FROM - MINUTE, limit: 3 });
    expect(bars.map(({ openTime }) => openTime)).toEqual([
      FROM - 3 * MINUTE,
      FROM - 2 * MINUTE,
      FROM - MINUTE,
    ]);
    for (const bar of bars) expect(typeof bar.close).toBe('string');
  });

  it('brings each closed bar once, equal to what REST says of it', async () => {
    const venue = venueFor(SYMBOLS);
    await venue.open();
    const heard: ExactBar[] = [];
    const following = await venue.follow((bar) => heard.push(bar));
    await close(3);
    await eventually(() => heard.length >= 6);
    const rest = await Promise.all(SYMBOLS.map((symbol) => venue.klines({ symbol, from: FROM, limit: 3 })));
    for (const [index, symbol] of SYMBOLS.entries()) {
      expect(heard.filter((bar) => bar.symbol === symbol)).toEqual(rest[index]);
    }
    await following.stop();
    await expect(following.ended).rejects.toThrow();
  });

  it('tells a lost connection, and follows again', async () => {
    const venue = venueFor(SYMBOLS);
    await venue.open();
    const following = await venue.follow(() => undefined);
    await fetch(`${simulator.controlUrl}/control/fault`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ kind: 'disconnect-ws' }),
    });
    await expect(following.ended).rejects.toMatchObject({ code: 'MARKET_DATA_UNAVAILABLE', retry: 'retry' });
    const heard: ExactBar[] = [];
    await venue.follow((bar) => heard.push(bar));
    await close(1);
    await eventually(() => heard.length >= 2);
    expect(heard.map(({ symbol }) => symbol).sort()).toEqual(SYMBOLS);
  });

  it('names a symbol that the venue does not have', async () => {
    await expect(venueFor(['BTCUSDT', 'SOLUSDT']).open()).rejects.toMatchObject({
      code: 'SYMBOL_NOT_AT_VENUE',
      message: expect.stringContaining('SOLUSDT'),
    });
  });

  it('is unavailable, not wrong, when nobody listens', async () => {
    await expect(venueFor(SYMBOLS, 'http://127.0.0.1:9').open()).rejects.toMatchObject({
      code: 'MARKET_DATA_UNAVAILABLE',
    });
  });

  it('has reached nothing but the loopback', () => {
    expect(reached.length).toBeGreaterThan(0);
    expect(new Set(reached)).toEqual(new Set(['127.0.0.1']));
  });
});
