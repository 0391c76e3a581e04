import type { NotifyState } from '../notifying/notify-state.ts';
import { type Routing, type Severity, severityRank } from '../notifying/policy.ts';
import type { AlertsReceived } from './alertmanager-webhook.ts';
import { AlertsHeldBack } from './errors.ts';
import { escalationTime } from './escalate.ts';
import type { Incident, IncidentAlert } from './incident.ts';
import { ALERTS_MAX, INCIDENTS_OPEN_MAX } from './limits.ts';
import { keepWithNotification, type Saying, sayChange, sayElsewhere, sayFirst } from './say.ts';

/**
 * What an alert of a webhook was. `unknown`: resolved, and nobody was told that it fired. `stale`: of an earlier firing
 * than the one that is known.
 */
export type AlertOutcome = 'opened' | 'added' | 'resolved' | 'reopened' | 'duplicate' | 'stale' | 'unknown';
export type AlertCounts = Readonly<Partial<Record<AlertOutcome, number>>>;

const BACKLOG_FACTOR = 10;

/** Throws ALERTS_HELD_BACK when it may not be taken now: nothing is changed, and Alertmanager comes again. */
export function assertRoom(state: NotifyState, received: AlertsReceived, routing: Routing): void {
  const waiting = state.pending.size;
  if (routing.slackConfigured && waiting >= routing.delivery.backlogMax * BACKLOG_FACTOR)
    throw new AlertsHeldBack(`${waiting} deliveries wait for Slack`);
  const known = state.incidents.byGroup.has(received.groupKey);
  const open = [...state.incidents.byId.values()].filter(({ status }) => status === 'open').length;
  if (!known && open >= INCIDENTS_OPEN_MAX) throw new AlertsHeldBack(`${open} incidents are open`);
}

/**
 * Takes one webhook of a group: opens its incident, adds to it, closes it, or opens it again within the window.
 * An alert that is known in this state, by fingerprint, start and status, changes nothing, so that a webhook may come
 * any number of times.
 */
export function receive(saying: Saying, received: AlertsReceived, id: string): AlertCounts {
  forgetClosed(saying);
  const before = latestOf(saying, received.groupKey);
  const sorted = sortAlerts(before, received.alerts);
  const counts = (outcome?: AlertOutcome) => countsOf(sorted, outcome);
  if (before === undefined) {
    if (sorted.fired.length === 0) return { unknown: received.alerts.length };
    begin(saying, received, { id, alerts: sorted.fired });
    return counts('opened');
  }
  const heard = { ...before, heardAt: saying.now };
  if (sorted.fired.length + sorted.resolved.length === 0) {
    keepWithNotification(saying, heard);
    return counts();
  }
  if (before.status === 'resolved' && sorted.fired.length === 0) {
    keepWithNotification(saying, { ...heard, alerts: alertsWith(heard, received, sorted) });
    return counts();
  }
  go(saying, heard, received, sorted);
  return counts(before.status === 'resolved' ? 'reopened' : 'added');
}

interface Sorted {
  readonly fired: readonly IncidentAlert[];
  readonly resolved: readonly IncidentAlert[];
  readonly duplicates: number;
  readonly stale: number;
  readonly unknown: number;
}

function sortAlerts(incident: Incident | undefined, alerts: readonly IncidentAlert[]): Sorted {
  const fired: IncidentAlert[] = [];
  const resolved: IncidentAlert[] = [];
  const tally = { duplicates: 0, stale: 0, unknown: 0 };
  for (const alert of alerts) {
    const known = incident?.alerts[alert.fingerprint];
    if (known !== undefined && alert.startsAt < known.startsAt) tally.stale += 1;
    else if (known?.startsAt === alert.startsAt && known.status === alert.status) tally.duplicates += 1;
    else if (alert.status === 'firing') fired.push(alert);
    else if (known === undefined) tally.unknown += 1;
    else resolved.push(alert);
  }
  return { fired, resolved, ...tally };
}

function countsOf({ fired, resolved, duplicates, stale, unknown }: Sorted, outcome?: AlertOutcome) {
  const counts: Partial<Record<AlertOutcome, number>> = { resolved: resolved.length, duplicate: duplicates };
  if (outcome !== undefined) counts[outcome] = fired.length;
  return { ...counts, stale, unknown };
}

function begin(
  saying: Saying,
  { groupKey, labels, summary }: AlertsReceived,
  { id, alerts }: { readonly id: string; readonly alerts: readonly IncidentAlert[] },
): void {
  const { now, routing } = saying;
  const severity = worstOf(alerts);
  const incident: Incident = {
    ...{ id, groupKey, labels, severity, status: 'open' },
    title: titleOf(summary, alerts),
    alerts: Object.fromEntries(alerts.map((alert) => [alert.fingerprint, alert])),
    firings: alerts.length,
    channel: routing.channels[severity],
    ...{ thread: null, deliveries: 0, openedAt: now, changedAt: now, heardAt: now, resolvedAt: null },
    ...{ ackedBy: null, ackedAt: null, silencedBy: null, silencedUntil: null, escalations: 0 },
    escalateAt: escalationTime(severity, now, routing),
  };
  keepWithNotification(saying, sayFirst(saying, incident));
}

/** An incident that is known changes: alerts more, alerts less, closed, open again. */
function go(saying: Saying, before: Incident, received: AlertsReceived, sorted: Sorted): void {
  const { now, routing } = saying;
  const { fired, resolved } = sorted;
  const alerts = alertsWith(before, received, sorted);
  const firing = Object.values(alerts).filter(({ status }) => status === 'firing');
  const closed = firing.length === 0;
  const severity = worstOf([...fired, { severity: before.severity }]);
  const reopened = before.status === 'resolved';
  const rose = severityRank(severity) > severityRank(before.severity);
  const silenceOver = before.silencedUntil !== null && before.silencedUntil <= now;
  const incident: Incident = {
    ...before,
    ...{ alerts, severity, status: closed ? 'resolved' : 'open', resolvedAt: closed ? now : null },
    ...(rose && before.deliveries === 0 ? { channel: routing.channels[severity] } : {}),
    ...(silenceOver ? { silencedBy: null, silencedUntil: null } : {}),
    firings: before.firings + fired.length,
    changedAt: now,
    escalateAt: closed ? null : nextEscalation(before, { severity, begins: reopened || rose }, saying),
  };
  const said = sayChange(saying, incident, {
    text: changeText({ fired, resolved, closed, reopened }),
    alerts: [...fired, ...resolved],
  });
  const elsewhere = routing.channels[severity];
  const pointed =
    rose && elsewhere !== said.channel && before.deliveries > 0
      ? sayElsewhere(saying, said, {
          channel: elsewhere,
          text: `Now ${severity}: ${said.title}`,
          alerts: fired,
        })
      : said;
  keepWithNotification(saying, pointed);
}

interface Escalating {
  readonly severity: Severity;
  readonly begins: boolean;
}

function nextEscalation(before: Incident, { severity, begins }: Escalating, { now, routing }: Saying) {
  if (before.ackedBy !== null) return null;
  return begins ? escalationTime(severity, now, routing) : before.escalateAt;
}

interface Change {
  readonly fired: readonly IncidentAlert[];
  readonly resolved: readonly IncidentAlert[];
  readonly closed: boolean;
  readonly reopened: boolean;
}

function changeText({ fired, resolved, closed, reopened }: Change): string {
  if (closed) return 'Resolved: nothing of it fires any more.';
  if (reopened) return `Fires again: ${count(fired.length)}.`;
  const parts = [
    ...(fired.length === 0 ? [] : [`${count(fired.length)} more`]),
    ...(resolved.length === 0 ? [] : [`${count(resolved.length)} resolved`]),
  ];
  return `${parts.join(', ')}.`;
}

function count(alerts: number): string {
  return `${alerts} ${alerts === 1 ? 'alert' : 'alerts'}`;
}

/** Bounded: beyond ALERTS_MAX what is resolved and not named now makes way, then what began first. */
function alertsWith(incident: Incident, { alerts: named }: AlertsReceived, { fired, resolved }: Sorted) {
  const alerts = { ...incident.alerts };
  for (const alert of [...fired, ...resolved]) alerts[alert.fingerprint] = alert;
  const surplus = Object.keys(alerts).length - ALERTS_MAX;
  if (surplus <= 0) return alerts;
  const now = new Set(named.map(({ fingerprint }) => fingerprint));
  const age = (alert: IncidentAlert) => `${alert.status === 'firing' ? 1 : 0}${alert.startsAt}`;
  const dispensable = Object.values(alerts)
    .filter(({ fingerprint }) => !now.has(fingerprint))
    .toSorted((left, right) => (age(left) < age(right) ? -1 : 1));
  for (const { fingerprint } of dispensable.slice(0, surplus)) delete alerts[fingerprint];
  return alerts;
}

function latestOf({ state, now, routing }: Saying, groupKey: string): Incident | undefined {
  const id = state.incidents.byGroup.get(groupKey);
  const incident = id === undefined ? undefined : state.incidents.byId.get(id);
  if (incident?.resolvedAt == null) return incident;
  return now - incident.resolvedAt < routing.incidents.reopenWithinMinutes * 60_000 ? incident : undefined;
}

/** Closed ones that cannot open again and owe nothing are rows alone. */
function forgetClosed({ state, now, routing }: Saying): void {
  const { byId, byGroup } = state.incidents;
  const owing = new Set([...state.pending.values()].map(({ incidentId }) => incidentId));
  const windowMs = routing.incidents.reopenWithinMinutes * 60_000;
  for (const { id, groupKey, resolvedAt } of byId.values()) {
    if (resolvedAt === null || now - resolvedAt < windowMs || owing.has(id)) continue;
    byId.delete(id);
    if (byGroup.get(groupKey) === id) byGroup.delete(groupKey);
  }
}

function worstOf(alerts: readonly { readonly severity: Severity }[]): Severity {
  return alerts.reduce<Severity>(
    (worst, { severity }) => (severityRank(severity) > severityRank(worst) ? severity : worst),
    'info',
  );
}

const TITLE_CHARACTERS_MAX = 200;

function titleOf(summary: string | null, alerts: readonly IncidentAlert[]): string {
  const [first] = alerts;
  const names = new Set(alerts.map(({ name }) => name));
  const own =
    alerts.length === 1 ? first?.summary : `${[...names].slice(0, 3).join(', ')} (${alerts.length})`;
  return (summary ?? own ?? 'alerts').slice(0, TITLE_CHARACTERS_MAX);
}
