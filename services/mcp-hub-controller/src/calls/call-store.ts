import type { Queryable } from '@fleet/shared/postgres';

export type Outcome = 'ok' | 'failed' | 'refused';

export interface CallBegin {
  readonly id: string;
  readonly tool: string;
  readonly via: 'mcp' | 'command';
  readonly caller: string;
  readonly argumentsHash: string;
  readonly requestId: string;
}

export interface CallEnd {
  readonly outcome: Outcome;
  readonly errorCode: string | null;
  readonly latencyMs: number;
}

export interface CallSummary {
  readonly tool: string;
  readonly outcome: Outcome | 'begun';
  readonly calls: number;
}

/** The record of what was asked. */
export interface CallStore {
  begin(call: CallBegin): Promise<void>;
  finish(id: string, end: CallEnd): Promise<void>;
  /** Counts of the last 24 hours. */
  summary(): Promise<readonly CallSummary[]>;
}

export function callStore(db: Queryable): CallStore {
  return {
    async begin({ id, tool, via, caller, argumentsHash, requestId }) {
      await db.query(
        `insert into mcp.calls (id, tool, via, caller, arguments_hash, request_id) values ($1, $2, $3, $4, $5, $6)`,
        [id, tool, via, caller, argumentsHash, requestId],
      );
    },
    async finish(id, { outcome, errorCode, latencyMs }) {
      await db.query('update mcp.calls set outcome = $2, error_code = $3, latency_ms = $4 where id = $1', [
        id,
        outcome,
        errorCode,
        latencyMs,
      ]);
    },
    async summary() {
      const { rows } = await db.query<{ tool: string; outcome: CallSummary['outcome']; calls: number }>(
        `select tool, outcome, count(*)::int as calls from mcp.calls
         where begun_at > now() - interval '24 hours' group by tool, outcome order by tool, outcome limit 200`,
      );
      return rows;
    },
  };
}
