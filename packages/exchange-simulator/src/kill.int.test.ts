import { type ChildProcess, spawn } from 'node:child_process';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { RunningSimulator } from './start-simulator.ts';
import { BinanceClient } from './testing/binance-client.ts';
import { type Prices, temporaryFolder, writeCandles } from './testing/market-fixture.ts';

const MAIN = join(import.meta.dirname, 'main.ts');
const SETS = 60;

/** A market that falls and rises, so that stops and limits fill. */
const BARS: Prices[] = Array.from({ length: SETS }, (_, at): Prices => {
  const open = 100 + (at % 10);
  return [open, open + 3, open - 3, open + 1];
});

let folder: ReturnType<typeof temporaryFolder>;
let child: ChildProcess | null = null;

beforeEach(() => {
  folder = temporaryFolder();
});
afterEach(() => {
  child?.kill('SIGKILL');
  folder.remove();
});

/** The simulator as its own process; resolves when it says that it is ready. */
async function startProcess(journal: string): Promise<BinanceClient> {
  const env = { ...process.env, PORT: '0', CONTROL_PORT: '0' };
  const candles = writeCandles(folder.path, 'BTCUSDT', BARS);
  const started = spawn(
    process.execPath,
    [MAIN, '--candles', candles, '--journal', join(folder.path, journal)],
    { env },
  );
  child = started;
  for await (const chunk of started.stdout) {
    for (const line of String(chunk).split('\n')) {
      if (!line.includes('"simulator ready"')) continue;
      const { url, controlUrl, run } = JSON.parse(line) as { url: string; controlUrl: string; run: string };
      const simulator: RunningSimulator = {
        url,
        controlUrl,
        run,
        wsUrl: '',
        continued: false,
        close: () => Promise.resolve(),
      };
      // What it writes later must not fill the pipe.
      started.stdout.resume();
      return new BinanceClient(simulator);
    }
  }
  throw new Error('the simulator ended before it was ready');
}

async function killProcess(): Promise<void> {
  const ended = new Promise((resolve) => child?.once('exit', resolve));
  child?.kill('SIGKILL');
  await ended;
}

type Answer = { done: boolean; cycle: boolean; openTime: number; cursor: unknown };

/** One decision: an entry, its stop, and the cancel of an older stop; ids by the set, so that a repeat is seen. */
async function decide(api: BinanceClient, at: number): Promise<void> {
  const common = { symbol: 'BTCUSDT', quantity: '0.1' };
  await placeOnce(api, { ...common, side: 'BUY', type: 'MARKET', newClientOrderId: `m${at}` });
  await placeOnce(api, {
    ...common,
    side: 'SELL',
    type: 'STOP_LOSS',
    stopPrice: '98.5',
    newClientOrderId: `s${at}`,
  });
  if (at % 3 === 0)
    await api.signed('DELETE', 'order', {
      symbol: 'BTCUSDT',
      origClientOrderId: `s${at - 2}`,
      newClientOrderId: `x${at}`,
    });
}

/** As a careful client does after a cut: asks for the id first, and sends only what is not there. */
async function placeOnce(api: BinanceClient, order: Record<string, string>): Promise<void> {
  const known = await api.signed('GET', 'order', {
    symbol: 'BTCUSDT',
    origClientOrderId: order['newClientOrderId'] ?? '',
  });
  if (known.status !== 200) await api.order(order);
}

/** Runs to the end of the market; `cuts` says after how many calls of the control API the process is killed. */
async function replay(journal: string, cuts: readonly number[]): Promise<unknown> {
  let api = await startProcess(journal);
  let after: unknown = null;
  let sets = 0;
  for (let call = 1; ; call += 1) {
    const cut = cuts.includes(call);
    // The answer of a cut call is lost: the same call is made again.
    if (cut && call % 2 === 0) {
      await api.control('POST', 'advance', { after });
      await killProcess();
      api = await startProcess(journal);
    }
    const answer = (await api.control('POST', 'advance', { after })).body as Answer;
    after = answer.cursor;
    if (answer.done) break;
    if (!answer.cycle) continue;
    sets += 1;
    if (cut && call % 2 === 1) {
      // Killed while the first order is on its way: it stands or it does not, and is asked for afterwards.
      void decide(api, sets).catch(() => undefined);
      await killProcess();
      api = await startProcess(journal);
    }
    await decide(api, sets);
  }
  const { run: _run, ...account } = (await api.control('GET', 'account')).body as Record<string, unknown>;
  const trades = (await api.signed('GET', 'myTrades', { symbol: 'BTCUSDT' })).body;
  const orders = (await api.signed('GET', 'allOrders', { symbol: 'BTCUSDT' })).body;
  await killProcess();
  return { account, trades, orders };
}

describe('kill -9 of the simulator', () => {
  it('goes on with the same account, orders and ids to the same end', async () => {
    const whole = await replay('whole', []);
    const cut = await replay('cut', [1, 10, 23, 44, 61, 90]);
    expect(cut).toEqual(whole);
    const { trades } = cut as { trades: { id: number }[] };
    expect(trades.length).toBeGreaterThan(60);
    expect(trades.map(({ id }) => id)).toEqual(trades.map((_, at) => at + 1));
  });
});
