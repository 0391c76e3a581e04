import type { Mark } from '@fleet/domain/supervision';
import { type Cycle, type CycleStatus, cycleStatus } from './cycle.ts';
import type { CycleReport } from './cycle-report.ts';

export interface CycleRow {
  readonly cycle_id: string;
  readonly kind: Cycle['kind'];
  readonly parent: string | null;
  readonly open_time: string;
  readonly opened_at: string | null;
  readonly completed_at: string | null;
  readonly status: CycleStatus;
  readonly proposals: {
    readonly planned: readonly string[];
    readonly acknowledged: readonly string[];
  } | null;
  readonly mark: Mark | null;
  readonly decided: boolean;
  readonly flatten_id: string | null;
  readonly timed_out: boolean;
  readonly state_epoch: string | null;
  readonly inputs: Cycle['inputs'];
}

export function rowOfCycle(
  run: string,
  cycle: Cycle,
  flatten: Cycle | undefined,
): Readonly<Record<string, unknown>> {
  return {
    run,
    cycle_id: cycle.cycleId,
    kind: cycle.kind,
    parent: cycle.parent,
    open_time: cycle.openTime,
    opened_at: cycle.openedAt,
    completed_at: cycle.completedAt,
    status: cycleStatus(cycle, flatten),
    proposals:
      cycle.proposals === null ? null : { planned: cycle.proposals, acknowledged: [...cycle.acknowledged] },
    mark: cycle.mark,
    decided: cycle.decided,
    flatten_id: cycle.flattenId,
    timed_out: cycle.timedOut,
    state_epoch: cycle.stateEpoch,
    inputs: cycle.inputs,
  };
}

export function cycleOfRow(row: CycleRow): Cycle {
  return {
    cycleId: row.cycle_id,
    kind: row.kind,
    parent: row.parent,
    openTime: Number(row.open_time),
    openedAt: numberOrNull(row.opened_at),
    completedAt: numberOrNull(row.completed_at),
    proposals: row.proposals?.planned ?? null,
    acknowledged: new Set(row.proposals?.acknowledged),
    mark: row.mark,
    decided: row.decided,
    flattenId: row.flatten_id,
    timedOut: row.timed_out,
    stateEpoch: numberOrNull(row.state_epoch),
    inputs: row.inputs,
  };
}

/** Of a cycle that memory has let go of: it is finished. */
export function reportOfRow(row: CycleRow): CycleReport {
  const { status } = row;
  const openedAt = numberOrNull(row.opened_at);
  const completedAt = numberOrNull(row.completed_at);
  return {
    cycleId: row.cycle_id,
    kind: row.kind,
    parent: row.parent,
    openTime: Number(row.open_time),
    status,
    settled: status === 'settled',
    proposals: row.proposals?.planned ?? [],
    waitingFor: [],
    equity: row.mark?.equity ?? null,
    latencyMs: openedAt === null || completedAt === null ? null : completedAt - openedAt,
    stateEpoch: numberOrNull(row.state_epoch),
    flattenId: row.flatten_id,
    openedAt,
  };
}

function numberOrNull(value: string | null): number | null {
  return value === null ? null : Number(value);
}
