import { createMetrics } from '@fleet/shared/telemetry';
import { expect, test } from 'vitest';
import { notifyMetrics } from './metrics.ts';

test('deliveries that are owed: how many, how old; results count from 0; one state of Slack holds', async () => {
  const metrics = createMetrics({ service: 'x', version: '1', defaultMetrics: false });
  notifyMetrics(metrics, {
    waiting: () => 3,
    oldestAt: () => 7_500,
    wall: () => 50_000,
    slackState: () => 'retrying',
    openIncidents: () => [],
  });
  const said = await metrics.registry.metrics();
  for (const line of [
    'notification_deliveries_waiting{service="x"} 3',
    'notification_oldest_waiting_seconds{service="x"} 42.5',
    'notification_delivery_attempts_total{severity="critical",result="refused",service="x"} 0',
    'notification_delivery_attempts_total{severity="critical",result="expired",service="x"} 0',
    ...['info', 'warning', 'critical'].flatMap((severity) => [
      `notification_delivery_seconds_count{service="x",severity="${severity}"} 0`,
      `notification_delivery_seconds_bucket{le="60",service="x",severity="${severity}"} 0`,
    ]),
    'notification_slack_state{state="retrying",service="x"} 1',
    'notification_slack_state{state="ok",service="x"} 0',
  ])
    expect(said).toContain(line);
});
