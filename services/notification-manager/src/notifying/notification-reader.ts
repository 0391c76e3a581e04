import type { Queryable } from '@fleet/shared/postgres';
import type { DeliveryView, NotificationView } from '../http/views.ts';
import type { Severity } from './policy.ts';

export interface RecentQuery {
  readonly limit: number;
  readonly severity: Severity | null;
  readonly unackedOnly: boolean;
}

/** What routes read. Of one run alone, from the committed rows, so that every replica answers the same. */
export interface NotificationReader {
  byId(
    id: string,
  ): Promise<{ readonly notification: NotificationView; readonly deliveries: DeliveryView[] } | undefined>;
  recent(query: RecentQuery): Promise<NotificationView[]>;
}

interface JoinedRow {
  readonly id: string;
  readonly severity: Severity;
  readonly code: string;
  readonly title: string;
  readonly body: string;
  readonly figures: Record<string, string | number | null>;
  readonly raised_by: string;
  readonly dedupe_key: string;
  readonly outcome: NotificationView['outcome'];
  readonly occurrences: number;
  readonly tellings: number;
  readonly first_at: Date;
  readonly last_at: Date;
  readonly acked_by: string | null;
  readonly acked_at: Date | null;
}

interface DeliveryRow {
  readonly id: string;
  readonly channel: string;
  readonly status: DeliveryView['status'];
  readonly attempts: number;
  readonly last_error: string | null;
  readonly slack_ts: string | null;
  readonly created_at: Date;
  readonly settled_at: Date | null;
}

const JOINED = `
  select n.*, a.acked_by, a.acked_at from notify.notifications n
  left join notify.acks a on a.run = n.run and a.notification_id = n.id`;

export function notificationReader(db: Queryable, run: string): NotificationReader {
  return {
    async byId(id) {
      const found = await db.query<JoinedRow>(`${JOINED} where n.run = $1 and n.id = $2`, [run, id]);
      const row = found.rows[0];
      if (row === undefined) return undefined;
      const owed = await db.query<DeliveryRow>(
        'select * from notify.deliveries where run = $1 and notification_id = $2 order by position',
        [run, id],
      );
      return { notification: notificationOf(row), deliveries: owed.rows.map(deliveryOf) };
    },
    async recent({ limit, severity, unackedOnly }) {
      const { rows } = await db.query<JoinedRow>(
        `${JOINED} where n.run = $1 and ($2::text is null or n.severity = $2)
           and (not $3::boolean or a.acked_at is null)
         order by n.stored_at desc, n.id limit $4`,
        [run, severity, unackedOnly, limit],
      );
      return rows.map(notificationOf);
    },
  };
}

function notificationOf(row: JoinedRow): NotificationView {
  return {
    id: row.id,
    severity: row.severity,
    code: row.code,
    title: row.title,
    text: row.body,
    figures: row.figures,
    raisedBy: row.raised_by,
    dedupeKey: row.dedupe_key,
    outcome: row.outcome,
    occurrences: row.occurrences,
    tellings: row.tellings,
    firstAt: row.first_at.toISOString(),
    lastAt: row.last_at.toISOString(),
    ackedBy: row.acked_by,
    ackedAt: row.acked_at?.toISOString() ?? null,
  };
}

function deliveryOf(row: DeliveryRow): DeliveryView {
  return {
    id: row.id,
    channel: row.channel,
    status: row.status,
    attempts: row.attempts,
    lastError: row.last_error,
    slackTs: row.slack_ts,
    createdAt: row.created_at.toISOString(),
    settledAt: row.settled_at?.toISOString() ?? null,
  };
}
