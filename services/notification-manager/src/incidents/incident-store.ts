import type { Queryable } from '@fleet/shared/postgres';
import type { Scope, TableWrite } from '@fleet/shared/streams';
import type { Incident, IncidentBook, Interaction, Silence } from './incident.ts';
import { REOPEN_MS_MAX, SIGNATURE_MS_MAX } from './limits.ts';

interface IncidentRow {
  readonly id: string;
  readonly group_key: string;
  readonly status: Incident['status'];
  readonly severity: Incident['severity'];
  readonly title: string;
  readonly labels: Incident['labels'];
  readonly alerts: Incident['alerts'];
  readonly firings: number;
  readonly channel: string;
  readonly thread: Incident['thread'];
  readonly deliveries: number;
  readonly opened_at: Date;
  readonly changed_at: Date;
  readonly heard_at: Date;
  readonly resolved_at: Date | null;
  readonly acked_by: string | null;
  readonly acked_at: Date | null;
  readonly silenced_by: string | null;
  readonly silenced_until: Date | null;
  readonly escalations: number;
  readonly escalate_at: Date | null;
}

interface SilenceRow {
  readonly id: string;
  readonly incident_id: string;
  readonly matchers: Silence['matchers'];
  readonly hours: number;
  readonly requested_by: string;
  readonly requested_at: Date;
  readonly attempts: number;
  readonly last_error: string | null;
}

interface InteractionRow {
  readonly id: string;
  readonly slack_user: string;
  readonly identity: string;
  readonly action: string;
  readonly target: string;
  readonly outcome: Interaction['outcome'];
  readonly at: Date;
}

/** What is open, what may open again, and what still owes a message to its thread. */
export async function loadIncidents(db: Queryable, { run, partition }: Scope, book: IncidentBook) {
  const incidents = await db.query<IncidentRow>(
    `select * from notify.incidents i where run = $1 and partition = $2
       and (status = 'open' or resolved_at > now() - make_interval(secs => $3)
         or exists (select from notify.deliveries d
           where d.run = i.run and d.incident_id = i.id and d.status = 'pending'))
     order by opened_at`,
    [run, partition, REOPEN_MS_MAX / 1_000],
  );
  for (const row of incidents.rows) {
    book.byId.set(row.id, incidentOf(row));
    book.byGroup.set(row.group_key, row.id);
  }
  const silences = await db.query<SilenceRow>(
    "select * from notify.silences where run = $1 and partition = $2 and status = 'pending' order by requested_at",
    [run, partition],
  );
  for (const row of silences.rows) book.silences.set(row.id, silenceOf(row));
  const pressed = await db.query<InteractionRow>(
    `select * from notify.interactions
     where run = $1 and partition = $2 and at > now() - make_interval(secs => $3) order by at`,
    [run, partition, SIGNATURE_MS_MAX / 1_000],
  );
  for (const row of pressed.rows) book.interactions.set(row.id, interactionOf(row));
}

/** What changed since the last call, as rows; the marks are cleared. */
export function incidentRows(
  book: IncidentBook,
  place: { readonly run: string; readonly partition: number },
) {
  const { incidents, silences, interactions } = book.changed;
  const writes: TableWrite[] = [
    { table: 'notify.incidents', key: ['run', 'id'], rows: [...incidents.values()].map(incidentRow) },
    { table: 'notify.silences', key: ['run', 'id'], rows: [...silences.values()].map(silenceRow) },
    {
      table: 'notify.interactions',
      key: ['run', 'id'],
      rows: [...interactions.values()].map(interactionRow),
    },
  ];
  incidents.clear();
  silences.clear();
  interactions.clear();
  return writes.map((write) => ({ ...write, rows: write.rows.map((row) => ({ ...place, ...row })) }));
}

function incidentOf(row: IncidentRow): Incident {
  return {
    id: row.id,
    groupKey: row.group_key,
    status: row.status,
    severity: row.severity,
    title: row.title,
    labels: row.labels,
    alerts: row.alerts,
    firings: row.firings,
    channel: row.channel,
    thread: row.thread,
    deliveries: row.deliveries,
    openedAt: row.opened_at.getTime(),
    changedAt: row.changed_at.getTime(),
    heardAt: row.heard_at.getTime(),
    resolvedAt: row.resolved_at?.getTime() ?? null,
    ackedBy: row.acked_by,
    ackedAt: row.acked_at?.getTime() ?? null,
    silencedBy: row.silenced_by,
    silencedUntil: row.silenced_until?.getTime() ?? null,
    escalations: row.escalations,
    escalateAt: row.escalate_at?.getTime() ?? null,
  };
}

function incidentRow(incident: Incident) {
  return {
    id: incident.id,
    group_key: incident.groupKey,
    status: incident.status,
    severity: incident.severity,
    title: incident.title,
    labels: incident.labels,
    alerts: incident.alerts,
    firings: incident.firings,
    channel: incident.channel,
    thread: incident.thread,
    deliveries: incident.deliveries,
    opened_at: time(incident.openedAt),
    changed_at: time(incident.changedAt),
    heard_at: time(incident.heardAt),
    resolved_at: time(incident.resolvedAt),
    acked_by: incident.ackedBy,
    acked_at: time(incident.ackedAt),
    silenced_by: incident.silencedBy,
    silenced_until: time(incident.silencedUntil),
    escalations: incident.escalations,
    escalate_at: time(incident.escalateAt),
  };
}

function silenceOf(row: SilenceRow): Silence {
  return {
    id: row.id,
    incidentId: row.incident_id,
    matchers: row.matchers,
    hours: row.hours,
    requestedBy: row.requested_by,
    requestedAt: row.requested_at.getTime(),
    status: 'pending',
    attempts: row.attempts,
    lastError: row.last_error,
    alertmanagerId: null,
    settledAt: null,
  };
}

function silenceRow(silence: Silence) {
  return {
    id: silence.id,
    incident_id: silence.incidentId,
    matchers: silence.matchers,
    hours: silence.hours,
    requested_by: silence.requestedBy,
    requested_at: time(silence.requestedAt),
    status: silence.status,
    attempts: silence.attempts,
    last_error: silence.lastError,
    alertmanager_id: silence.alertmanagerId,
    settled_at: time(silence.settledAt),
  };
}

function interactionOf(row: InteractionRow): Interaction {
  return {
    id: row.id,
    slackUser: row.slack_user,
    identity: row.identity,
    action: row.action,
    target: row.target,
    outcome: row.outcome,
    at: row.at.getTime(),
  };
}

function interactionRow({ slackUser, at, ...rest }: Interaction) {
  return { ...rest, slack_user: slackUser, at: time(at) };
}

function time(at: number): string;
function time(at: number | null): string | null;
function time(at: number | null): string | null {
  return at === null ? null : new Date(at).toISOString();
}
