import { createHash } from 'node:crypto';
import { keep, owe } from '../notifying/decide.ts';
import type {
  Content,
  Delivery,
  IncidentLine,
  IncidentMessage,
  NotifyState,
  ReplyMessage,
} from '../notifying/notify-state.ts';
import { type Button, type Routing, severityRank } from '../notifying/policy.ts';
import type { Incident, IncidentAlert } from './incident.ts';
import { LINES_MAX } from './limits.ts';
import { keepIncident } from './thread.ts';

/** The moment and the rules of a decision; what it owes is collected in `owed`. */
export interface Saying {
  readonly state: NotifyState;
  readonly routing: Routing;
  /** Epoch milliseconds, wall time. */
  readonly now: number;
  readonly owed: Delivery[];
}

/** The first message of an incident; also when it rises to a severity that people are told of. */
export function sayFirst(saying: Saying, incident: Incident): Incident {
  return deliver(saying, incident, { action: 'post', message: firstMessage(incident, saying) });
}

/** A line in the thread, and the first message as it stands now. */
export function sayChange(saying: Saying, incident: Incident, reply: ReplyText): Incident {
  if (incident.deliveries === 0) return sayFirst(saying, incident);
  const replied = deliver(saying, incident, { action: 'reply', message: replyMessage(incident, reply) });
  return deliver(saying, replied, { action: 'update', message: firstMessage(replied, saying) });
}

/** A word on the incident in another channel than its own, where its thread is not seen. */
export function sayElsewhere(
  saying: Saying,
  incident: Incident,
  { channel, ...reply }: ReplyText & { readonly channel: string },
): Incident {
  const message = { ...replyMessage(incident, reply), buttons: buttonsOf(incident, saying) };
  return deliver(saying, incident, { action: 'post', channel, message });
}

/** Keeps the incident, and the notification of the same id that lists and acknowledges it. */
export function keepWithNotification({ state, routing }: Saying, incident: Incident): void {
  keepIncident(state, incident);
  const quiet = severityRank(incident.severity) < severityRank(routing.minimumSeverity);
  const sendable = routing.slackConfigured ? 'told' : 'stored-only';
  const [first] = Object.values(incident.alerts);
  keep(state, {
    id: incident.id,
    dedupeKey: `incident:${createHash('sha256').update(incident.groupKey).digest('hex').slice(0, 32)}`,
    code: first?.name ?? 'alert',
    raisedBy: 'alertmanager',
    firstAt: incident.openedAt,
    severity: incident.severity,
    title: incident.title,
    body: '',
    figures: { alerts: Object.keys(incident.alerts).length },
    outcome: quiet ? 'below-minimum' : sendable,
    occurrences: incident.firings,
    tellings: incident.deliveries,
    lastAt: incident.changedAt,
  });
}

export interface ReplyText {
  readonly text: string;
  readonly alerts?: readonly IncidentAlert[];
  readonly mention?: string | null;
}

interface Wanted {
  readonly action: Delivery['action'];
  readonly channel?: string;
  readonly message: Content;
}

/** Nothing below the minimum; without Slack the row says what would have been sent. */
function deliver({ state, routing, now, owed }: Saying, incident: Incident, wanted: Wanted): Incident {
  if (severityRank(incident.severity) < severityRank(routing.minimumSeverity)) return incident;
  const delivery: Delivery = {
    id: `${incident.id}:${incident.deliveries + 1}`,
    notificationId: incident.id,
    position: state.position,
    channel: wanted.channel ?? incident.channel,
    action: wanted.action,
    incidentId: incident.id,
    target: null,
    message: wanted.message,
    status: routing.slackConfigured ? 'pending' : 'stored-only',
    attempts: 0,
    lastError: null,
    slackTs: null,
    slackChannel: null,
    createdAt: now,
    settledAt: routing.slackConfigured ? null : now,
  };
  state.position += 1;
  owe(state, delivery);
  owed.push(delivery);
  return { ...incident, deliveries: incident.deliveries + 1 };
}

function firstMessage(incident: Incident, saying: Saying): IncidentMessage {
  const alerts = firingFirst(Object.values(incident.alerts));
  const { silencedBy, silencedUntil, ackedBy } = incident;
  return {
    kind: 'incident',
    notificationId: incident.id,
    severity: incident.severity,
    status: incident.status,
    title: incident.title,
    lines: linesOf(alerts),
    more: Math.max(0, alerts.length - LINES_MAX),
    openedAt: new Date(incident.openedAt).toISOString(),
    changedAt: new Date(incident.changedAt).toISOString(),
    ackedBy,
    silenced:
      silencedBy === null || silencedUntil === null || silencedUntil <= saying.now
        ? null
        : { by: silencedBy, until: new Date(silencedUntil).toISOString() },
    buttons: buttonsOf(incident, saying),
  };
}

function replyMessage(incident: Incident, { text, alerts = [], mention = null }: ReplyText): ReplyMessage {
  const { id, severity } = incident;
  const more = alerts.length > LINES_MAX ? ` (${alerts.length - LINES_MAX} more not shown)` : '';
  return {
    kind: 'reply',
    notificationId: id,
    severity,
    text: `${text}${more}`,
    lines: linesOf(alerts),
    mention,
    buttons: [],
  };
}

/** What can still be done: nothing with a closed one, and each thing once. */
function buttonsOf(incident: Incident, { routing, now }: Saying): readonly Button[] {
  if (incident.status === 'resolved') return [];
  const silenceable = (incident.silencedUntil ?? 0) <= now && Object.keys(incident.labels).length > 0;
  return routing.buttons.filter((button) => (button === 'ack' ? incident.ackedBy === null : silenceable));
}

function linesOf(alerts: readonly IncidentAlert[]): readonly IncidentLine[] {
  return alerts.slice(0, LINES_MAX).map(({ status, summary, description, runbookUrl }) => ({
    state: status,
    text: description === '' ? summary : `${summary}: ${description}`,
    runbook: runbookUrl,
  }));
}

function firingFirst(alerts: readonly IncidentAlert[]): readonly IncidentAlert[] {
  return [
    ...alerts.filter(({ status }) => status === 'firing'),
    ...alerts.filter(({ status }) => status === 'resolved'),
  ];
}
