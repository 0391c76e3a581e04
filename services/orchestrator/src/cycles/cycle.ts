import type { Mark } from '@fleet/domain/supervision';

/** What an order of a cycle was decided on, kept for its explanation. */
export interface SymbolInputs {
  readonly bar?: BarInput;
  readonly signal?: SignalInput;
}

export interface BarInput {
  readonly open: string;
  readonly high: string;
  readonly low: string;
  readonly close: string;
  readonly volume: string;
  readonly closeTime: number;
}

export interface SignalInput {
  readonly strategy: string;
  readonly strategyVersion: string;
  readonly target: number;
  readonly stopDistance: number | null;
  readonly confidence: number;
  readonly reason: string;
}

/**
 * One decision cycle: that of a bar set, or (`orders`) what a flatten or a person asked for outside of one. Its events come over several streams in any order;
 * what has come is noted here, and what follows from it is asked of the functions below.
 */
export interface Cycle {
  readonly cycleId: string;
  readonly kind: 'bars' | 'orders';
  /** Cycle whose mark asked for the flatten; null for a bar set's, and where a person asked. */
  readonly parent: string | null;
  /** Of the bar set, epoch ms. */
  openTime: number;
  /** Wall time of the first bar (of orders: of the request), for the latency; null before it. */
  openedAt: number | null;
  completedAt: number | null;
  /** Null until cycle.planned has come. */
  proposals: readonly string[] | null;
  /** Of the planned ones: denied, acknowledged by the venue, or ended. */
  readonly acknowledged: Set<string>;
  mark: Mark | null;
  /** Its mark was decided on. Happens once. */
  decided: boolean;
  /** The flatten that its decision asked for. */
  flattenId: string | null;
  timedOut: boolean;
  /** Epoch of the trading state after the decision. */
  stateEpoch: number | null;
  inputs: Record<string, SymbolInputs>;
}

export type CycleStatus = 'open' | 'planned' | 'complete' | 'settled' | 'timed-out';

export function emptyCycle(head: Pick<Cycle, 'cycleId' | 'kind' | 'parent' | 'openTime'>): Cycle {
  return {
    ...head,
    openedAt: null,
    completedAt: null,
    proposals: null,
    acknowledged: new Set(),
    mark: null,
    decided: false,
    flattenId: null,
    timedOut: false,
    stateEpoch: null,
    inputs: {},
  };
}

/** Each proposal is denied, or its order acknowledged or ended, and the mark has come. A fill is never waited for. */
export function isComplete(cycle: Cycle): boolean {
  const { proposals, acknowledged, kind, openedAt, mark } = cycle;
  if (proposals === null || acknowledged.size < proposals.length) return false;
  return kind === 'orders' || (openedAt !== null && mark !== null);
}

/** Nothing is expected of it any more. */
export function isFinished(cycle: Cycle, flatten: Cycle | undefined): boolean {
  return cycle.timedOut || isSettled(cycle, flatten);
}

/** Complete and decided on, and so is the flatten that it asked for, if any. */
export function isSettled(cycle: Cycle, flatten: Cycle | undefined): boolean {
  if (!isComplete(cycle) || (cycle.kind === 'bars' && !cycle.decided)) return false;
  if (cycle.flattenId === null || flatten === undefined) return true;
  return flatten.timedOut || isComplete(flatten);
}

export function cycleStatus(cycle: Cycle, flatten: Cycle | undefined): CycleStatus {
  if (isSettled(cycle, flatten)) return 'settled';
  if (isComplete(cycle)) return 'complete';
  if (cycle.timedOut) return 'timed-out';
  return cycle.proposals === null ? 'open' : 'planned';
}

/** What it still needs, in words for whoever waits. */
export function waitingFor(cycle: Cycle, flatten: Cycle | undefined): string[] {
  const words: string[] = [];
  if (cycle.kind === 'bars' && cycle.openedAt === null) words.push('bar.closed');
  if (cycle.proposals === null) words.push('cycle.planned');
  for (const proposal of cycle.proposals ?? []) {
    if (!cycle.acknowledged.has(proposal)) words.push(`order ${proposal}`);
  }
  if (cycle.kind === 'bars' && cycle.mark === null) words.push('equity.marked');
  if (words.length === 0 && cycle.flattenId !== null && !isSettled(cycle, flatten))
    words.push(cycle.flattenId);
  return words;
}
