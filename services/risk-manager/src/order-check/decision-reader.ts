import type { Queryable } from '@fleet/shared/postgres';

export interface DecisionFilter {
  readonly limit: number;
  readonly symbol: string | null;
  readonly outcome: 'approved' | 'denied' | null;
}

export interface StoredDecision {
  readonly proposalId: string;
  readonly cycleId: string;
  readonly symbol: string;
  readonly side: string;
  readonly purpose: string;
  readonly outcome: string;
  readonly code: string | null;
  readonly requestedQuantity: string;
  readonly approvedQuantity: string | null;
  readonly referencePrice: string;
  readonly figures: Readonly<Record<string, string | number | null>>;
  readonly decidedAt: string;
}

export interface DecisionReader {
  /** Newest first. */
  recent(filter: DecisionFilter): Promise<StoredDecision[]>;
}

interface Row {
  readonly proposal_id: string;
  readonly cycle_id: string;
  readonly symbol: string;
  readonly side: string;
  readonly purpose: string;
  readonly outcome: string;
  readonly code: string | null;
  readonly requested: string;
  readonly approved: string | null;
  readonly reference: string;
  readonly figures: StoredDecision['figures'];
  readonly decided_at: string;
}

export function decisionReader(db: Queryable, run: string): DecisionReader {
  return {
    recent: async ({ limit, symbol, outcome }) => {
      const { rows } = await db.query<Row>(
        `SELECT * FROM risk.decisions WHERE run = $1 AND ($2::text IS NULL OR symbol = $2)
           AND ($3::text IS NULL OR outcome = $3) ORDER BY decided_at DESC, proposal_id LIMIT $4`,
        [run, symbol, outcome, limit],
      );
      return rows.map(decisionOf);
    },
  };
}

function decisionOf(row: Row): StoredDecision {
  return {
    proposalId: row.proposal_id,
    cycleId: row.cycle_id,
    symbol: row.symbol,
    side: row.side,
    purpose: row.purpose,
    outcome: row.outcome,
    code: row.code,
    requestedQuantity: row.requested,
    approvedQuantity: row.approved,
    referencePrice: row.reference,
    figures: row.figures,
    decidedAt: new Date(Number(row.decided_at)).toISOString(),
  };
}
