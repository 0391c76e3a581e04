import { createMetrics } from '@fleet/shared/telemetry';
import { START } from '@fleet/testkit/account-events';
import { expect, test } from 'vitest';
import { barSet, configuration, dayOpened, feed, RUN, snapshot, tradingState } from '../test/inputs.ts';
import { portfolioMetrics } from './metrics.ts';
import { createState, type PlanningState } from './planning/state.ts';

test('equity, PnL, slippage and positions of the leader; nothing of a standby or before the ledger is open', async () => {
  const metrics = createMetrics({ service: 'x', version: '1', defaultMetrics: false });
  const state = createState(RUN, configuration);
  let current: PlanningState | undefined = state;
  portfolioMetrics(metrics, () => current);
  expect(await metrics.registry.metrics()).not.toContain('portfolio_equity{');
  feed(
    state,
    tradingState(1),
    dayOpened(),
    snapshot(1, { USDT: '9000', BTC: '10' }),
    ...barSet(START, 0, '100'),
  );
  const said = await metrics.registry.metrics();
  const close = state.portfolio.closes[0] ?? 0;
  expect(close).toBeGreaterThan(0);
  for (const line of [
    'portfolio_cash{service="x"} 9000',
    `portfolio_equity{service="x"} ${9000 + 10 * close}`,
    `portfolio_position_quantity{symbol="BTCUSDT",service="x"} 10`,
    `portfolio_position_notional{symbol="BTCUSDT",service="x"} ${10 * close}`,
    'portfolio_position_notional{symbol="ETHUSDT",service="x"} 0',
    'portfolio_slippage{service="x"} 0',
    'portfolio_fees{service="x"} 0',
  ])
    expect(said).toContain(line);
  expect(said).toMatch(/^portfolio_unrealised_pnl\{service="x"\} /m);
  current = undefined;
  const standby = await metrics.registry.metrics();
  expect(standby).not.toMatch(/^portfolio_\w+\{/m);
});
