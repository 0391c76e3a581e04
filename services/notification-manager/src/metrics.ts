import { SEVERITIES } from '@fleet/domain/events';
import type { Metrics } from '@fleet/shared/telemetry';
import type { Incident } from './incidents/incident.ts';
import type { AlertCounts } from './incidents/receive.ts';
import type { Told } from './notifying/decide.ts';
import type { Delivery } from './notifying/notify-state.ts';
import type { Severity } from './notifying/policy.ts';

export interface NotifyMetrics {
  told(told: Told, severity: Severity): void;
  attempted(delivery: Delivery, result: string): void;
  settled(delivery: Delivery, seconds: number): void;
  alerted(counts: AlertCounts): void;
  /** A whole webhook that was not taken. */
  alertsRefused(outcome: string): void;
  interacted(outcome: string): void;
}

const DELIVERY_BUCKETS_SECONDS = [0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 300, 1_800];

export interface Gauges {
  readonly waiting: () => number;
  /** Epoch milliseconds of the oldest that waits; null when none does. */
  readonly oldestAt: () => number | null;
  /** Epoch milliseconds. */
  readonly wall: () => number;
  readonly slackState: () => string;
  readonly openIncidents: () => readonly Incident[];
}

export const SLACK_STATES = ['not-configured', 'ok', 'retrying', 'needs-person'] as const;

export function notifyMetrics(metrics: Metrics, gauges: Gauges): NotifyMetrics {
  const raised = metrics.counter({
    name: 'notifications_total',
    help: 'Notifications raised, by severity and by what became of them.',
    labelNames: ['severity', 'outcome'],
  });
  for (const severity of SEVERITIES)
    for (const outcome of ['told', 'counted']) raised.inc({ severity, outcome }, 0);
  const attempts = metrics.counter({
    name: 'notification_delivery_attempts_total',
    help: 'Attempts to deliver, by result: sent, retry, refused, expired.',
    labelNames: ['severity', 'result'],
  });
  // From 0, so that the first message that is given up is an increase.
  for (const severity of SEVERITIES)
    for (const result of ['sent', 'retry', 'refused', 'expired']) attempts.inc({ severity, result }, 0);
  const duration = metrics.histogram({
    name: 'notification_delivery_seconds',
    help: 'From the commit of a notification to its acceptance by Slack.',
    labelNames: ['severity'],
    buckets: DELIVERY_BUCKETS_SECONDS,
  });
  // From 0 too: also the first late one is an increase.
  for (const severity of SEVERITIES) duration.zero({ severity });
  stateGauges(metrics, gauges);
  const alerts = metrics.counter({
    name: 'alerts_received_total',
    help: 'Alerts of Alertmanager, by what became of each (opened, added, resolved, reopened, duplicate, stale, unknown), and refused webhooks (unauthorized, invalid, too-large, not-stored).',
    labelNames: ['outcome'],
  });
  const pressed = metrics.counter({
    name: 'slack_interactions_total',
    help: 'Buttons pressed in Slack: done, already, closed, unknown, replayed, or the code of the refusal.',
    labelNames: ['outcome'],
  });
  return {
    alerted: (counts) => {
      for (const [outcome, count] of Object.entries(counts)) if (count > 0) alerts.inc({ outcome }, count);
    },
    alertsRefused: (outcome) => alerts.inc({ outcome }),
    interacted: (outcome) => pressed.inc({ outcome }),
    told: ({ outcome }, severity) => raised.inc({ severity, outcome }),
    attempted: ({ message }, result) => attempts.inc({ severity: message.severity, result }),
    settled: ({ message }, seconds) => duration.observe({ severity: message.severity }, seconds),
  };
}

function stateGauges(metrics: Metrics, gauges: Gauges): void {
  metrics.gauge({
    name: 'notification_deliveries_waiting',
    help: 'Deliveries that are owed and not settled.',
    collect: (gauge) => gauge.set(gauges.waiting()),
  });
  metrics.gauge({
    name: 'notification_oldest_waiting_seconds',
    help: 'Age of the oldest delivery that is owed and not settled; 0 when none is.',
    collect: (gauge) => {
      const oldestAt = gauges.oldestAt();
      gauge.set(oldestAt === null ? 0 : Math.max(0, gauges.wall() - oldestAt) / 1_000);
    },
  });
  metrics.gauge({
    name: 'notification_slack_state',
    help: '1 for the state that the way to Slack is in.',
    labelNames: ['state'],
    collect: (gauge) => {
      for (const state of SLACK_STATES) gauge.set({ state }, state === gauges.slackState() ? 1 : 0);
    },
  });
  metrics.gauge({
    name: 'incidents_open',
    help: 'Incidents that are open, by their highest severity.',
    labelNames: ['severity'],
    collect: (gauge) => {
      const open = gauges.openIncidents();
      for (const severity of SEVERITIES)
        gauge.set({ severity }, open.filter((incident) => incident.severity === severity).length);
    },
  });
}
