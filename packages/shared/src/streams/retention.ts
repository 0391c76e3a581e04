import type { Queryable } from '../postgres/queryable.ts';

export interface RetentionOptions {
  readonly schema: string;
  readonly inboxRetentionMs: number;
  readonly outboxRetentionMs: number;
}

const ROWS_MAX = 5_000;

/**
 * Deletes what nobody can ask for any more, a bounded number of rows a call: published outbox rows, then inbox rows,
 * which live longer, because a repeated outbox row or dead letter has to be known. The last outbox row of a run stays:
 * seq must go on from it.
 * @returns deleted rows of each.
 */
export async function prune(
  db: Queryable,
  options: RetentionOptions,
): Promise<{ outbox: number; inbox: number }> {
  const outbox = await db.query(
    `DELETE FROM "${options.schema}".outbox WHERE ctid IN (
       SELECT o.ctid FROM "${options.schema}".outbox o
       WHERE o.published_at < now() - $1 * interval '1 millisecond'
         AND o.seq < (SELECT max(n.seq) FROM "${options.schema}".outbox n
                      WHERE n.run = o.run AND n.partition = o.partition)
       LIMIT ${ROWS_MAX})`,
    [options.outboxRetentionMs],
  );
  const inbox = await db.query(
    `DELETE FROM "${options.schema}".inbox WHERE ctid IN (
       SELECT ctid FROM "${options.schema}".inbox
       WHERE applied_at < now() - $1 * interval '1 millisecond' LIMIT ${ROWS_MAX})`,
    [options.inboxRetentionMs],
  );
  return { outbox: outbox.rowCount ?? 0, inbox: inbox.rowCount ?? 0 };
}
