import { createHash } from 'node:crypto';

/** What the audit tells apart. */
export const AUDIT_KINDS = [
  'run.began',
  'state.changed',
  'day.opened',
  'day.closed',
  'admin.called',
  'admin.refused',
  'break-glass.used',
  'halt.requested',
  'halt.unconfirmed',
  'unhalt.requested',
  'reduce.requested',
  'pnl.reset',
  'analysis.requested',
  'flatten.requested',
  'flatten.timed-out',
  'cycle.timed-out',
  'order.lifecycle',
  'dlq.requeue',
] as const;
export type AuditKind = (typeof AUDIT_KINDS)[number];

export interface AuditRecord {
  readonly kind: AuditKind;
  /** ISO 8601 UTC: the time of what caused it. */
  readonly at: string;
  readonly actor: string;
  readonly requestId: string;
  readonly detail: Readonly<Record<string, unknown>>;
}

/** End of the chain: what the next row is bound to. */
export interface AuditHead {
  readonly sequence: number;
  readonly hash: string;
}

export interface AuditRow {
  readonly run: string;
  readonly sequence: number;
  /** Canonical JSON of the record with run and sequence: keys sorted, no spaces. */
  readonly body: string;
  /** Hex SHA-256 of the previous row's hash followed by the body. */
  readonly hash: string;
}

export const EMPTY_CHAIN: AuditHead = Object.freeze({ sequence: 0, hash: '0'.repeat(64) });

export function appendAudit(run: string, head: AuditHead, record: AuditRecord): AuditRow {
  const sequence = head.sequence + 1;
  const body = canonicalJson({ ...record, run, sequence });
  return { run, sequence, body, hash: chained(head.hash, body) };
}

export type ChainVerdict =
  | { readonly intact: true; readonly head: AuditHead }
  | { readonly intact: false; readonly sequence: number; readonly problem: string };

/** Follows the chain from `head` over the rows, which are in the order of their sequence. */
export function verifyChain(head: AuditHead, rows: readonly AuditRow[]): ChainVerdict {
  let { sequence, hash } = head;
  for (const row of rows) {
    sequence += 1;
    if (row.sequence !== sequence) return broken(sequence, `row ${sequence} is missing`);
    const expected = chained(hash, row.body);
    if (row.hash !== expected) return broken(sequence, `row ${sequence} was changed: its hash does not fit`);
    const said = parsed(row.body);
    if (said?.sequence !== sequence || said.run !== row.run)
      return broken(sequence, `row ${sequence} stands in a place that is not its own`);
    hash = expected;
  }
  return { intact: true, head: { sequence, hash } };
}

function broken(sequence: number, problem: string): ChainVerdict {
  return { intact: false, sequence, problem };
}

function chained(previous: string, body: string): string {
  return createHash('sha256').update(previous).update(body).digest('hex');
}

function parsed(body: string): { sequence?: unknown; run?: unknown } | undefined {
  try {
    const value: unknown = JSON.parse(body);
    return typeof value === 'object' && value !== null ? value : undefined;
  } catch {
    return undefined;
  }
}

/** JSON with sorted keys at every level: one text for one content. */
export function canonicalJson(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map((entry) => canonicalJson(entry ?? null)).join(',')}]`;
  if (typeof value !== 'object' || value === null) return JSON.stringify(value) ?? 'null';
  const fields = Object.entries(value)
    .filter(([, field]) => field !== undefined)
    .toSorted(([left], [right]) => (left < right ? -1 : 1))
    .map(([name, field]) => `${JSON.stringify(name)}:${canonicalJson(field)}`);
  return `{${fields.join(',')}}`;
}
