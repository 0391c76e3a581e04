import type { Incident, Matcher } from './incident.ts';

/** `group_by` of the routes of Alertmanager that lead here (alertmanager/alertmanager.yml.tmpl); a test compares them. */
export const GROUPED_BY = ['alertname', 'service', 'run'] as const;

/**
 * Matchers of exactly the alerts that Alertmanager groups with this incident's. A label that they do not have must be
 * absent: a webhook names present ones alone, and without a matcher of its own a silence of the alert without a service
 * would silence the same alert of every service. `name=""` matches what lacks the label
 * (https://prometheus.io/docs/alerting/latest/configuration/#label-matchers).
 */
export function silenceMatchers({ labels }: Pick<Incident, 'labels'>): readonly Matcher[] {
  const absent = GROUPED_BY.filter((name) => !Object.hasOwn(labels, name)).map((name) => [name, ''] as const);
  return [...Object.entries(labels), ...absent].map(([name, value]) => ({
    ...{ name, value, isRegex: false, isEqual: true },
  }));
}
