import { RISK_CODE_NAMES } from '@fleet/domain/risk';
import { createMetrics } from '@fleet/shared/telemetry';
import { START } from '@fleet/testkit/account-events';
import { expect, test } from 'vitest';
import { bar, configuration, dayOpened, feed, RUN, snapshot, tradingState } from '../test/inputs.ts';
import { riskMetrics } from './metrics.ts';
import { createState, type OrderCheckState } from './order-check/state.ts';

function watched(state: () => OrderCheckState | undefined) {
  const metrics = createMetrics({ service: 'x', version: '1', defaultMetrics: false });
  return { ...riskMetrics(metrics, state), text: () => metrics.registry.metrics() };
}

test('every code counts from 0, and each decision where it belongs', async () => {
  const { decided, text } = watched(() => undefined);
  decided({ kind: 'denied', code: 'MARKET_DATA_STALE', figures: {} });
  decided({ kind: 'approved', quantity: '1', shrunkBy: 'POSITION_ABOVE_LIMIT', figures: {} });
  const said = await text();
  for (const code of RISK_CODE_NAMES)
    expect(said).toContain(
      `risk_decisions_total{outcome="denied",code="${code}",service="x"} ${code === 'MARKET_DATA_STALE' ? 1 : 0}`,
    );
  expect(said).toContain(
    'risk_decisions_total{outcome="approved",code="POSITION_ABOVE_LIMIT",service="x"} 1',
  );
  expect(said).toContain('risk_decisions_total{outcome="approved",code="none",service="x"} 0');
});

test('the account as the gate counts it; a standby says nothing', async () => {
  const state = createState(RUN, configuration);
  let leads = true;
  const { text } = watched(() => (leads ? state : undefined));
  expect(await text()).not.toMatch(/^risk_(equity|loss_cap|day_loss)\{/m);
  feed(state, tradingState(1), dayOpened(), snapshot(1, { USDT: '9000', BTC: '10' }), bar(START, 'BTCUSDT'));
  const close = state.risk.closes[0] ?? 0;
  const said = await text();
  expect(close).toBeGreaterThan(0);
  expect(said).toContain(`risk_symbol_notional{symbol="BTCUSDT",service="x"} ${10 * close}`);
  expect(said).toContain(`risk_gross_notional{service="x"} ${10 * close}`);
  expect(said).toContain(`risk_equity{service="x"} ${9000 + 10 * close}`);
  const opening = state.risk.day?.openingEquityMark ?? 0;
  expect(said).toContain(`risk_day_loss{service="x"} ${opening - 9000 - 10 * close}`);
  expect(said).toContain(`risk_loss_cap{service="x"} ${(state.risk.lossCapPct / 100) * opening}`);
  expect(said).toContain('risk_ledger_version{service="x"} 1');
  leads = false;
  expect(await text()).not.toMatch(
    /^risk_(equity|symbol_notional|gross_notional|reservations|ledger_version)\{/m,
  );
});
