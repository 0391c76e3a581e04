import { type BarClosed, barClosed, signalProduced } from '@fleet/domain/events';
import { strategyAssignmentSchema } from '@fleet/domain/strategies';
import { silentLogger } from '@fleet/shared/telemetry';
import fc from 'fast-check';
import { afterEach, describe, expect, it } from 'vitest';
import type { ExactBar } from '../bar-set/decide.ts';
import { createProcessor } from '../signals/processor.ts';
import { type AnalystScope, createState } from '../signals/state.ts';
import { venueHistory } from './bar-history.ts';
import { FakeVenue, MemoryRunner, MINUTE, wave } from './fake-market.fixture.ts';
import { VenueFeed } from './venue-feed.ts';

const SYMBOLS = ['BTCUSDT', 'ETHUSDT'];
const FIRST = Date.UTC(2024, 7, 1);
const CROSS = { fast: 2, slow: 3, atrPeriod: 2, atrMultiple: 2 };
const scope: AnalystScope = {
  run: 'run-1',
  venue: 'simulator',
  interval: '1m',
  intervalMs: MINUTE,
  assignments: SYMBOLS.map((symbol) =>
    strategyAssignmentSchema.parse({ symbol, strategy: 'ema-cross', parameters: CROSS }),
  ),
};
const running: VenueFeed[] = [];

afterEach(() => {
  for (const feed of running.splice(0)) feed.stop();
});

describe('the feed of a venue', () => {
  it('connects to nothing before it has the lease, and lets go when it is lost', async () => {
    const { venue, feed, runner } = arranged([]);
    expect([feed.mode, venue.followers, venue.asked.length]).toEqual(['stopped', 0, 0]);
    feed.start(runner);
    await until(() => feed.mode === 'following');
    expect(venue.followers).toBe(1);
    feed.stop();
    await until(() => venue.followers === 0);
    expect(feed.mode).toBe('stopped');
  });

  it('asks for exactly the warm-up, once, and for nothing in a steady market', async () => {
    const history = minutes(-20, 0);
    const { venue, feed, runner } = arranged([...history, ...minutes(0, 6)], history.length);
    feed.start(runner);
    await until(() => feed.mode === 'following');
    const warmUps = venue.asked.filter(({ from }) => from === undefined);
    expect(warmUps.map(({ symbol, to, limit }) => [symbol, to, limit])).toEqual(
      SYMBOLS.map((symbol) => [symbol, FIRST - MINUTE, 9]),
    );
    const asked = venue.asked.length;
    await play(venue, runner);
    expect(venue.asked.length).toBe(asked);
    expect(opened(runner)).toEqual([0, 1, 2, 3, 4, 5]);
  });

  it('repairs what was missed while it was away, in order and before anything new', async () => {
    const { venue, feed, runner } = arranged(minutes(0, 8));
    feed.start(runner);
    await until(() => feed.mode === 'following');
    venue.closeNext();
    await until(() => opened(runner).length === 1);
    venue.copies = () => 0;
    for (let minute = 0; minute < 5; minute += 1) venue.closeNext();
    venue.copies = () => 1;
    venue.disconnect();
    await play(venue, runner);
    expect(opened(runner)).toEqual([0, 1, 2, 3, 4, 5, 6, 7]);
  });

  it('goes on after commits that failed, without a bar lost or doubled', async () => {
    const { venue, feed, runner } = arranged(minutes(0, 30));
    feed.start(runner);
    await until(() => feed.mode === 'following');
    let closed = 0;
    while (venue.closeNext()) {
      closed += 1;
      if (closed % 7 === 0) runner.failures = 1;
      await until(() => opened(runner).length === closed);
    }
    expect(opened(runner)).toEqual(Array.from({ length: 30 }, (_, minute) => minute));
  });

  it('refuses an impossible bar, says it once, and lets the set go without it', async () => {
    const bars = minutes(0, 4).map((bar) =>
      bar.symbol === 'ETHUSDT' && bar.openTime === FIRST + MINUTE ? { ...bar, high: '1', low: '2' } : bar,
    );
    const { venue, feed, runner } = arranged(bars);
    feed.start(runner);
    await until(() => feed.mode === 'following');
    await play(venue, runner);
    expect(opened(runner)).toEqual([0, 1, 2, 3]);
    expect(closedBars(runner).filter(({ missing }) => missing.length > 0)).toMatchObject([
      { symbol: 'BTCUSDT', openTime: FIRST + MINUTE, missing: ['ETHUSDT'] },
    ]);
    expect(runner.events.filter(({ type }) => type === 'notification.raised')).toHaveLength(1);
  });

  it('is down while the venue is, says why, and comes back by itself', async () => {
    const { venue, feed, runner } = arranged(minutes(0, 2));
    venue.unreachable = true;
    feed.start(runner);
    await until(() => feed.mode === 'waiting');
    expect(feed.problem).toBe('unreachable');
    venue.unreachable = false;
    await until(() => feed.mode === 'following');
    expect(feed.problem).toBeNull();
    await play(venue, runner);
    expect(opened(runner)).toEqual([0, 1]);
  });

  it('takes a deployed version at the next set, warmed up on the bars before it', async () => {
    const { venue, feed, runner } = arranged(minutes(0, 40));
    feed.start(runner);
    await until(() => feed.mode === 'following');
    for (let minute = 1; minute <= 30; minute += 1) {
      venue.closeNext();
      await until(() => opened(runner).length === minute);
    }
    const deployed = { parameterVersion: 'v2', strategy: 'ema-cross', parameters: { ...CROSS, slow: 5 } };
    await runner.submit({
      ...{ id: 'deploy-1', type: 'parameters.deployed', key: 'run-1', ts: '2024-08-01T00:00:00.000Z' },
      data: { ...deployed, symbols: SYMBOLS, deployedBy: 'admin', rollbackOf: null },
    });
    await play(venue, runner);
    const versions = runner.events
      .filter(({ type }) => type === signalProduced.type)
      .map(({ data }) => data as { openTime: number; strategyVersion: string; reason: string });
    const after = versions.filter(({ openTime }) => openTime >= FIRST + 30 * MINUTE);
    const before = new Set(versions.filter((v) => !after.includes(v)).map((v) => v.strategyVersion));
    expect(after).toHaveLength(20);
    expect(after.every(({ strategyVersion }) => !before.has(strategyVersion))).toBe(true);
    expect(after.every(({ reason }) => reason !== 'warm-up')).toBe(true);
    const warmUps = venue.asked.slice(-2);
    expect(warmUps.map(({ to, limit }) => [to, limit])).toEqual([
      [FIRST + 29 * MINUTE, 15],
      [FIRST + 29 * MINUTE, 15],
    ]);
  });

  it('publishes the same under any loss, repetition, break and failed commit', async () => {
    const trouble = fc.record({
      /** By minute: which symbols have a bar. */
      has: fc.array(fc.subarray(SYMBOLS), { minLength: 1, maxLength: 12 }),
      copies: fc.array(fc.integer({ min: 0, max: 2 }), { minLength: 24, maxLength: 24 }),
      breaks: fc.array(fc.integer({ min: 0, max: 11 }), { maxLength: 3 }),
      failures: fc.array(fc.integer({ min: 0, max: 11 }), { maxLength: 3 }),
    });
    await fc.assert(
      fc.asyncProperty(trouble, async ({ has, copies, breaks, failures }) => {
        const bars = has.flatMap((symbols, minute) =>
          symbols.map((symbol) => wave(symbol, FIRST + minute * MINUTE)),
        );
        const { venue, feed, runner } = arranged(bars);
        let message = 0;
        venue.copies = () => copies[message++ % copies.length] ?? 1;
        feed.start(runner);
        await until(() => feed.mode === 'following');
        for (let step = 0; venue.closeNext(); step += 1) {
          if (failures.includes(step)) runner.failures = 1;
          if (breaks.includes(step)) venue.disconnect();
          await new Promise((resolve) => setImmediate(resolve));
        }
        venue.disconnect();
        await until(() => closedBars(runner).length >= bars.length);
        feed.stop();
        expect(closedBars(runner).map(({ symbol, openTime }) => `${openTime} ${symbol}`)).toEqual(
          bars.map(({ symbol, openTime }) => `${openTime} ${symbol}`),
        );
        expect(runner.events.filter(({ type }) => type === signalProduced.type)).toHaveLength(bars.length);
      }),
      { numRuns: 40 },
    );
  });
});

function arranged(bars: readonly ExactBar[], closed = 0) {
  const venue = new FakeVenue(bars, closed);
  const feed = new VenueFeed({
    scope,
    venue,
    history: venueHistory(venue, MINUTE),
    logger: silentLogger(),
    times: { graceMs: 1, probeMs: 60_000, retryMsMax: 2 },
    monotonic: () => performance.now(),
    observer: {
      onPublishSeconds: () => undefined,
      onRefused: () => undefined,
      onRepaired: () => undefined,
      onConnected: () => undefined,
      onHeard: () => undefined,
    },
  });
  running.push(feed);
  const processor = createProcessor({ scope, feed, onPublished: () => undefined });
  const runner = new MemoryRunner(processor, createState(scope, { cursor: null, symbols: new Map() }));
  return { venue, feed, runner };
}

function minutes(from: number, to: number): ExactBar[] {
  return Array.from({ length: to - from }, (_, index) => FIRST + (from + index) * MINUTE).flatMap(
    (openTime) => SYMBOLS.map((symbol) => wave(symbol, openTime)),
  );
}

/** Closes everything that is left, one minute after the other is published. */
async function play(venue: FakeVenue, runner: MemoryRunner): Promise<void> {
  for (let known = opened(runner).length; venue.closeNext(); known = opened(runner).length) {
    await until(() => opened(runner).length > known);
  }
}

function closedBars({ events }: MemoryRunner): BarClosed[] {
  return events.flatMap(({ type, data }) => (type === barClosed.type ? [data as BarClosed] : []));
}

/** Minutes of the published sets, in the order of publication. */
function opened(runner: MemoryRunner): number[] {
  const times = closedBars(runner).map(({ openTime }) => (openTime - FIRST) / MINUTE);
  return times.filter((minute, index) => minute !== times[index - 1]);
}

async function until(condition: () => boolean): Promise<void> {
  while (!condition()) await new Promise((resolve) => setTimeout(resolve, 1));
}
