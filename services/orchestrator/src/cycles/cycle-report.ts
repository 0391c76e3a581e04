import { type Cycle, type CycleStatus, cycleStatus, waitingFor } from './cycle.ts';

/** A cycle as it is told outside: a copy that no later event changes. */
export interface CycleReport {
  readonly cycleId: string;
  readonly kind: 'bars' | 'orders';
  readonly parent: string | null;
  readonly openTime: number;
  readonly status: CycleStatus;
  readonly settled: boolean;
  readonly proposals: readonly string[];
  readonly waitingFor: readonly string[];
  /** Of its mark. */
  readonly equity: string | null;
  /** Wall time from the first bar seen to complete. */
  readonly latencyMs: number | null;
  readonly stateEpoch: number | null;
  readonly flattenId: string | null;
  readonly openedAt: number | null;
}

export function reportOf(cycle: Cycle, flatten: Cycle | undefined): CycleReport {
  const status = cycleStatus(cycle, flatten);
  return {
    cycleId: cycle.cycleId,
    kind: cycle.kind,
    parent: cycle.parent,
    openTime: cycle.openTime,
    status,
    settled: status === 'settled',
    proposals: cycle.proposals ?? [],
    waitingFor: status === 'settled' ? [] : waitingFor(cycle, flatten),
    equity: cycle.mark?.equity ?? null,
    latencyMs: latencyMs(cycle),
    stateEpoch: cycle.stateEpoch,
    flattenId: cycle.flattenId,
    openedAt: cycle.openedAt,
  };
}

export function latencyMs({ openedAt, completedAt }: Cycle): number | null {
  return openedAt === null || completedAt === null ? null : completedAt - openedAt;
}
