import type { Queryable } from '@fleet/shared/postgres';
import type { CycleReport } from './cycle-report.ts';
import { type CycleRow, reportOfRow } from './cycle-row.ts';

/** Cycles that memory has let go of. */
export interface CycleReader {
  byId(cycleId: string): Promise<CycleReport | undefined>;
}

export function cycleReader(db: Queryable, run: string): CycleReader {
  return {
    byId: async (cycleId) => {
      const { rows } = await db.query<CycleRow>(
        'SELECT * FROM orchestrator.cycles WHERE run = $1 AND cycle_id = $2',
        [run, cycleId],
      );
      return rows[0] === undefined ? undefined : reportOfRow(rows[0]);
    },
  };
}
