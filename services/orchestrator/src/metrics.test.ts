import { createMetrics } from '@fleet/shared/telemetry';
import { expect, test } from 'vitest';
import {
  approved,
  bar,
  cycleOf,
  DAY_START,
  type Fed,
  type Feed,
  MINUTE,
  marked,
  market,
  openedFeed,
  order,
  planned,
  proposal,
  SYMBOLS,
} from '../test/feed.ts';
import { Board } from './live/board.ts';
import { orchestratorMetrics } from './metrics.ts';
import type { Effect } from './supervision/turn.ts';

function watched(feed: Feed) {
  const metrics = createMetrics({ service: 'x', version: '1', defaultMetrics: false });
  const board = new Board('run-1');
  board.reset(feed.state);
  const place = { leads: true, wall: 0 };
  const { committed } = orchestratorMetrics(metrics, {
    ...{ board, targetPct: 1, lossCapPct: 2 },
    leads: () => place.leads,
    wall: () => place.wall,
  });
  const give = (...fed: readonly Fed[]) => {
    for (const each of fed) {
      const decided = feed.give(each);
      const effects = decided.kind === 'done' ? ((decided.effects ?? []) as Effect[]) : [];
      board.update(feed.state, effects);
      committed(effects);
    }
  };
  return { place, give, text: () => metrics.registry.metrics() };
}

const run = 'run="run-1",service="x"';

test('figures of the day: equity, profit, target and cap, what was reached', async () => {
  const { give, text, place } = watched(openedFeed());
  give(planned(DAY_START, []), marked(DAY_START, 970));
  const said = await text();
  for (const line of [
    `equity{${run}} 970`,
    `day_opening_equity{${run}} 1000`,
    `day_pnl{${run}} -30`,
    `day_pnl_pct{${run}} -3`,
    `day_target_pct{${run}} 1`,
    `day_loss_cap_pct{${run}} 2`,
    `day_target_reached{${run}} 0`,
    `day_loss_cap_reached{${run}} 1`,
    'trading_state{mode="HALTED",service="x"} 1',
    'trading_state_reason{reason="DAILY_LOSS_CAP",service="x"} 1',
    'trading_state_reason{reason="ADMIN",service="x"} 0',
    'halts_total{reason="DAILY_LOSS_CAP",service="x"} 1',
    'halts_total{reason="ADMIN",service="x"} 0',
    `trading_state_applied_epoch{${run}} 0`,
    `market_stale_symbols{${run}} 0`,
    `reconciliation_failed{${run}} 0`,
    'cycles_total{outcome="complete",service="x"} 1',
    'cycles_total{outcome="timed-out",service="x"} 0',
  ])
    expect(said).toContain(line);
  place.leads = false;
  expect(await text()).not.toMatch(/^(equity|day_\w+|trading_state\w*|cycles_open)\{/m);
});

test('conditions that bring the state down', async () => {
  const feed = openedFeed();
  const { give, text } = watched(feed);
  feed.state.conditions = { ...feed.state.conditions, reconciliation: 'failed' };
  give(market('recovered', SYMBOLS[0]));
  expect(await text()).toContain(`reconciliation_failed{${run}} 1`);
});

test('an open cycle ages by the wall clock until it is complete', async () => {
  const feed = openedFeed();
  const { give, text, place } = watched(feed);
  const open = DAY_START + MINUTE;
  give(bar(open), planned(open, [proposal(1)]), marked(open, 1_000));
  const openedAt = feed.state.cycles.get(cycleOf(open))?.openedAt ?? 0;
  place.wall = openedAt + 12_000;
  const said = await text();
  expect(said).toContain(`cycle_oldest_open_seconds{${run}} 12`);
  expect(said).toMatch(/cycles_open\{run="run-1",service="x"\} [12]/);
  give(approved(proposal(1), cycleOf(open)), order('accepted', proposal(1), cycleOf(open)));
  give(planned(DAY_START, []), marked(DAY_START, 1_000));
  const after = await text();
  expect(after).toContain(`cycle_oldest_open_seconds{${run}} 0`);
  expect(after).toContain(`cycles_open{${run}} 0`);
  expect(after).toMatch(/cycle_last_completed_timestamp_seconds\{run="run-1",service="x"\} \d/);
});

test('fills, turnover, latency from decision to acceptance, and events that do not fit', async () => {
  const { give, text } = watched(openedFeed());
  const cycle = cycleOf(DAY_START);
  give(
    approved(proposal(2), cycle),
    order('accepted', proposal(2), cycle),
    order('accepted', proposal(3), cycle),
  );
  give(order('filled', proposal(2), cycle));
  give(order('rejected', proposal(2), cycle));
  const said = await text();
  expect(said).toContain('order_decision_to_accept_seconds_count{service="x"} 1');
  expect(said).toContain('fills_total{symbol="BTCUSDT",side="buy",purpose="entry",service="x"} 1');
  expect(said).toContain('fills_quote_total{symbol="BTCUSDT",side="buy",service="x"} 105');
  expect(said).toContain('order_violations_total{service="x"} 1');
});
