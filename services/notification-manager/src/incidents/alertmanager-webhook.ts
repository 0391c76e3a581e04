import { SEVERITIES } from '@fleet/domain/events';
import { z } from 'zod';
import type { Severity } from '../notifying/policy.ts';
import type { IncidentAlert } from './incident.ts';

const NAME_CHARACTERS_MAX = 200;
const SUMMARY_CHARACTERS_MAX = 300;
const DESCRIPTION_CHARACTERS_MAX = 1_000;
const URL_CHARACTERS_MAX = 500;

const wordsField = z.record(z.string(), z.string());

/**
 * Alertmanager's webhook, version 4: https://prometheus.io/docs/alerting/latest/configuration/#webhook_config
 * Only what is used; fields that other versions add are left alone.
 */
export const webhookSchema = z.looseObject({
  version: z.literal('4'),
  groupKey: z.string().min(1).max(2_000),
  groupLabels: wordsField,
  commonLabels: wordsField.default({}),
  commonAnnotations: wordsField.default({}),
  truncatedAlerts: z.number().default(0),
  alerts: z.array(
    z.looseObject({
      status: z.enum(['firing', 'resolved']),
      labels: wordsField,
      annotations: wordsField.default({}),
      startsAt: z.iso.datetime({ offset: true }),
      fingerprint: z.string().min(1).max(100),
    }),
  ),
});
type Webhook = z.output<typeof webhookSchema>;

/** What a webhook says, in the words of this service. */
export interface AlertsReceived {
  readonly groupKey: string;
  readonly labels: Readonly<Record<string, string>>;
  /** Of the whole group, where its alerts agree on one. */
  readonly summary: string | null;
  readonly alerts: readonly IncidentAlert[];
}

export function alertsReceived(webhook: Webhook): AlertsReceived {
  const summary = webhook.commonAnnotations.summary?.slice(0, SUMMARY_CHARACTERS_MAX);
  return {
    groupKey: webhook.groupKey,
    labels: webhook.groupLabels,
    summary: summary === undefined || summary === '' ? null : summary,
    alerts: webhook.alerts.map(alertOf),
  };
}

function alertOf({ status, labels, annotations, startsAt, fingerprint }: Webhook['alerts'][number]) {
  const name = (labels.alertname ?? 'alert without a name').slice(0, NAME_CHARACTERS_MAX);
  return {
    fingerprint,
    startsAt: new Date(startsAt).toISOString(),
    status,
    name,
    severity: severityOf(labels.severity),
    summary: (annotations.summary ?? name).slice(0, SUMMARY_CHARACTERS_MAX),
    description: (annotations.description ?? '').slice(0, DESCRIPTION_CHARACTERS_MAX),
    runbookUrl: annotations.runbook_url?.slice(0, URL_CHARACTERS_MAX) ?? null,
  } satisfies IncidentAlert;
}

/** A rule without a severity, or with one that nobody knows, is not to be overlooked. */
function severityOf(label: string | undefined): Severity {
  return SEVERITIES.find((severity) => severity === label) ?? 'warning';
}
