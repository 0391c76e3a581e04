import type { Queryable } from '@fleet/shared/postgres';
import type { Scope, TableWrite } from '@fleet/shared/streams';
import { incidentRows, loadIncidents } from '../incidents/incident-store.ts';
import { KEYS_MAX } from './decide.ts';
import {
  type Content,
  type Delivery,
  emptyNotifyState,
  type Notification,
  type NotifyState,
} from './notify-state.ts';

interface NotificationRow {
  readonly id: string;
  readonly dedupe_key: string;
  readonly severity: Notification['severity'];
  readonly code: string;
  readonly title: string;
  readonly body: string;
  readonly figures: Notification['figures'];
  readonly raised_by: string;
  readonly outcome: Notification['outcome'];
  readonly occurrences: number;
  readonly tellings: number;
  readonly first_at: Date;
  readonly last_at: Date;
}

interface DeliveryRow {
  readonly id: string;
  readonly notification_id: string;
  readonly position: string;
  readonly channel: string;
  readonly action: Delivery['action'];
  readonly incident_id: string | null;
  readonly target: Delivery['target'];
  readonly message: Content;
  readonly status: Delivery['status'];
  readonly attempts: number;
  readonly last_error: string | null;
  readonly slack_ts: string | null;
  readonly slack_channel: string | null;
  readonly created_at: Date;
  readonly settled_at: Date | null;
}

/** The keys told last and every pending delivery, which the bound on waiting deliveries keeps few. */
export async function loadNotifyState(db: Queryable, scope: Scope): Promise<NotifyState> {
  const { run, partition } = scope;
  const state = emptyNotifyState(run, partition);
  const notifications = await db.query<NotificationRow>(
    `select * from (
       select distinct on (dedupe_key) * from notify.notifications where run = $1 and partition = $2
       order by dedupe_key, stored_at desc) latest
     order by stored_at desc limit $3`,
    [run, partition, KEYS_MAX],
  );
  for (const row of notifications.rows.toReversed()) state.byKey.set(row.dedupe_key, notificationOf(row));
  const deliveries = await db.query<DeliveryRow>(
    "select * from notify.deliveries where run = $1 and partition = $2 and status = 'pending' order by position",
    [run, partition],
  );
  for (const row of deliveries.rows) state.pending.set(row.id, deliveryOf(row));
  const next = await db.query<{ position: string }>(
    'select coalesce(max(position), 0) + 1 as position from notify.deliveries where run = $1 and partition = $2',
    [run, partition],
  );
  state.position = Number(next.rows[0]?.position ?? 1);
  await loadIncidents(db, scope, state.incidents);
  return state;
}

/** What changed since the last call, as rows; the marks are cleared. */
export function notifyRows(state: NotifyState): readonly TableWrite[] {
  const { run, partition, changed } = state;
  const notifications = [...changed.notifications.values()].map((each) => notificationRow(each));
  const deliveries = [...changed.deliveries.values()].map((each) => deliveryRow(each));
  const acks = [...changed.acks.values()].map((ack) => ({
    run,
    notification_id: ack.notificationId,
    acked_by: ack.ackedBy,
    note: ack.note,
    acked_at: new Date(ack.ackedAt).toISOString(),
  }));
  changed.notifications.clear();
  changed.deliveries.clear();
  changed.acks.clear();
  const place = { run, partition };
  return [
    {
      table: 'notify.notifications',
      key: ['run', 'id'],
      rows: notifications.map((row) => ({ ...place, ...row })),
    },
    { table: 'notify.deliveries', key: ['run', 'id'], rows: deliveries.map((row) => ({ ...place, ...row })) },
    { table: 'notify.acks', key: ['run', 'notification_id'], rows: acks, mode: 'ignore' },
    ...incidentRows(state.incidents, place),
  ];
}

function notificationOf(row: NotificationRow): Notification {
  return {
    id: row.id,
    dedupeKey: row.dedupe_key,
    code: row.code,
    raisedBy: row.raised_by,
    firstAt: row.first_at.getTime(),
    severity: row.severity,
    title: row.title,
    body: row.body,
    figures: row.figures,
    outcome: row.outcome,
    occurrences: row.occurrences,
    tellings: row.tellings,
    lastAt: row.last_at.getTime(),
  };
}

function notificationRow(notification: Notification) {
  return {
    id: notification.id,
    dedupe_key: notification.dedupeKey,
    severity: notification.severity,
    code: notification.code,
    title: notification.title,
    body: notification.body,
    figures: notification.figures,
    raised_by: notification.raisedBy,
    outcome: notification.outcome,
    occurrences: notification.occurrences,
    tellings: notification.tellings,
    first_at: new Date(notification.firstAt).toISOString(),
    last_at: new Date(notification.lastAt).toISOString(),
  };
}

function deliveryOf(row: DeliveryRow): Delivery {
  return {
    id: row.id,
    notificationId: row.notification_id,
    position: Number(row.position),
    channel: row.channel,
    action: row.action,
    incidentId: row.incident_id,
    target: row.target,
    message: row.message,
    status: row.status,
    attempts: row.attempts,
    lastError: row.last_error,
    slackTs: row.slack_ts,
    slackChannel: row.slack_channel,
    createdAt: row.created_at.getTime(),
    settledAt: row.settled_at?.getTime() ?? null,
  };
}

function deliveryRow(delivery: Delivery) {
  return {
    id: delivery.id,
    notification_id: delivery.notificationId,
    position: delivery.position,
    channel: delivery.channel,
    action: delivery.action,
    incident_id: delivery.incidentId,
    target: delivery.target,
    message: delivery.message,
    status: delivery.status,
    attempts: delivery.attempts,
    last_error: delivery.lastError,
    slack_ts: delivery.slackTs,
    slack_channel: delivery.slackChannel,
    created_at: new Date(delivery.createdAt).toISOString(),
    settled_at: delivery.settledAt === null ? null : new Date(delivery.settledAt).toISOString(),
  };
}
