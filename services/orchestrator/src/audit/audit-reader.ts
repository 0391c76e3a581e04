import type { Queryable } from '@fleet/shared/postgres';
import { type AuditHead, type AuditRow, type ChainVerdict, EMPTY_CHAIN, verifyChain } from './chain.ts';

export interface AuditEntryView {
  readonly sequence: number;
  readonly hash: string;
  readonly body: Readonly<Record<string, unknown>>;
}

export interface AuditReader {
  /** Newest first, below `before` when it is given. */
  recent(query: {
    readonly limit: number;
    readonly before: number | null;
    readonly kind: string | null;
  }): Promise<AuditEntryView[]>;
  /** Reads the whole chain of the run and compares its end with the recorded one. */
  verify(): Promise<ChainVerdict>;
}

const PAGE = 1_000;

export function auditReader(db: Queryable, run: string): AuditReader {
  return {
    recent: async ({ limit, before, kind }) => {
      const { rows } = await db.query<{ sequence: string; hash: string; body: string }>(
        `SELECT sequence, hash, body FROM orchestrator.audit_events
         WHERE run = $1 AND ($2::bigint IS NULL OR sequence < $2) AND ($3::text IS NULL OR kind = $3)
         ORDER BY sequence DESC LIMIT $4`,
        [run, before, kind, limit],
      );
      return rows.map(({ sequence, hash, body }) => ({
        sequence: Number(sequence),
        hash,
        body: JSON.parse(body) as AuditEntryView['body'],
      }));
    },
    verify: () => verifyStored(db, run),
  };
}

async function verifyStored(db: Queryable, run: string): Promise<ChainVerdict> {
  // The recorded end is read first: rows that are added meanwhile are beyond it.
  const recorded = await recordedHead(db, run);
  let head: AuditHead = EMPTY_CHAIN;
  while (head.sequence < recorded.sequence) {
    const rows = await page(db, run, head.sequence, recorded.sequence);
    if (rows.length === 0) {
      const sequence = head.sequence + 1;
      return { intact: false, sequence, problem: `rows ${sequence} to ${recorded.sequence} are missing` };
    }
    const verdict = verifyChain(head, rows);
    if (!verdict.intact) return verdict;
    head = verdict.head;
  }
  if (head.hash !== recorded.hash)
    return { intact: false, sequence: head.sequence, problem: 'the last row is not the recorded one' };
  return { intact: true, head };
}

async function recordedHead(db: Queryable, run: string): Promise<AuditHead> {
  const { rows } = await db.query<{ audit_sequence: string; audit_hash: string }>(
    'SELECT audit_sequence, audit_hash FROM orchestrator.run_state WHERE run = $1',
    [run],
  );
  const row = rows[0];
  return row === undefined ? EMPTY_CHAIN : { sequence: Number(row.audit_sequence), hash: row.audit_hash };
}

async function page(db: Queryable, run: string, after: number, through: number): Promise<AuditRow[]> {
  const { rows } = await db.query<{ sequence: string; hash: string; body: string }>(
    `SELECT sequence, hash, body FROM orchestrator.audit_events
     WHERE run = $1 AND sequence > $2 AND sequence <= $3 ORDER BY sequence LIMIT ${PAGE}`,
    [run, after, through],
  );
  return rows.map(({ sequence, hash, body }) => ({ run, sequence: Number(sequence), hash, body }));
}
