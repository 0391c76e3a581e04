export interface AlertSketch {
  readonly fingerprint: string;
  readonly status?: 'firing' | 'resolved';
  readonly startsAt?: string;
  readonly severity?: string;
  readonly summary?: string;
}

/** A webhook as Alertmanager 0.33 sends it, with fields that nobody here uses. */
export function webhook(group: string, alerts: readonly AlertSketch[]) {
  const named = alerts.map(
    ({ fingerprint, status = 'firing', startsAt = '2026-01-05T00:00:00.123Z', ...rest }) => ({
      status,
      labels: { alertname: group, severity: rest.severity ?? 'critical', instance: fingerprint },
      annotations: {
        summary: rest.summary ?? `${group} of ${fingerprint}`,
        description: 'Described.',
        runbook_url: 'https://example.com/runbooks/page.md',
      },
      startsAt,
      endsAt: status === 'firing' ? '0001-01-01T00:00:00Z' : '2026-01-05T01:00:00Z',
      generatorURL: 'http://prometheus/graph',
      fingerprint,
    }),
  );
  return {
    version: '4',
    groupKey: `{}:{alertname="${group}"}`,
    truncatedAlerts: 0,
    status: named.some(({ status }) => status === 'firing') ? 'firing' : 'resolved',
    receiver: 'notification-manager',
    groupLabels: { alertname: group },
    commonLabels: { alertname: group },
    commonAnnotations: {},
    externalURL: 'http://alertmanager:9093',
    notificationReason: 'first notification',
    alerts: named,
  };
}
