import { strategyAssignmentSchema } from '@fleet/domain/strategies';
import type { LocalInput, RunnerControl } from '@fleet/shared/streams';
import { describe, expect, it } from 'vitest';
import { createState } from '../signals/state.ts';
import { wave } from './fake-market.fixture.ts';
import { SilenceWatch } from './silence-watch.ts';

const MINUTE = 60_000;
const NOW = Date.UTC(2026, 0, 1);

function arranged(live: boolean) {
  const assignments = ['BTCUSDT', 'ETHUSDT'].map((symbol) =>
    strategyAssignmentSchema.parse({ symbol, strategy: 'ema-cross' }),
  );
  const scope = { run: 'r', venue: 'binance', interval: '1m', intervalMs: MINUTE, assignments };
  const state = createState(scope, { cursor: 0, symbols: new Map() });
  const told: LocalInput[] = [];
  const control: RunnerControl = {
    submit: async (input) => void told.push(input),
    state: () => state,
    holdsLease: () => true,
  };
  const clock = { now: NOW };
  const options = { scope, live, staleAfterMs: 150_000, wall: () => clock.now, onFailure: () => undefined };
  const watch = new SilenceWatch(options);
  watch.start(control);
  const silent = (): unknown[] => {
    watch.check(control);
    return told.splice(0).map(({ data }) => data);
  };
  return { watch, state, clock, silent };
}

describe('silence', () => {
  it('of a live symbol is the age of its last bar, also when old bars keep coming', () => {
    const { watch, state, clock, silent } = arranged(true);
    for (const [symbol, age] of [
      ['BTCUSDT', 0],
      ['ETHUSDT', 10 * MINUTE],
    ] as const) {
      const entry = state.symbols.get(symbol)!;
      entry.lastBar = wave(symbol, NOW - MINUTE - age);
      watch.heard(symbol);
    }
    expect(silent()).toEqual([{ symbol: 'ETHUSDT', ageMs: 10 * MINUTE }]);
    clock.now += 150_001;
    expect(silent()).toHaveLength(2);
    watch.stop();
  });

  it('of a replayed symbol is the time since it was heard', () => {
    const { watch, clock, silent } = arranged(false);
    clock.now += 150_000;
    expect(silent()).toEqual([]);
    watch.heard('BTCUSDT');
    clock.now += 1;
    expect(silent()).toEqual([{ symbol: 'ETHUSDT', ageMs: 150_001 }]);
    watch.stop();
  });

  it('is told only while the symbol is not known to be stale', () => {
    const { watch, state, clock, silent } = arranged(false);
    for (const entry of state.symbols.values()) entry.stale = true;
    clock.now += 10 * MINUTE;
    expect(silent()).toEqual([]);
    watch.stop();
  });
});
