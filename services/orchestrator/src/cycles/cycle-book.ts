import { type Cycle, emptyCycle, isFinished, isSettled } from './cycle.ts';

/** Finished cycles that stay in memory; whoever follows the newest is answered without a database. */
export const CYCLES_KEPT = 1_000;

/**
 * The cycles in memory by id, oldest first. Keeps what is unfinished without limit (a replay waits for it, a time-out
 * ends it when live) and of the finished the newest.
 */
export class CycleBook {
  readonly #cycles = new Map<string, Cycle>();
  /** Planned proposals that are not acknowledged yet, and their cycle. */
  readonly #awaited = new Map<string, Cycle>();
  /** Bar sets up to here were let go of: what comes of them late changes no cycle. */
  #goneThrough = -1;
  #newest: Cycle | null = null;

  get(cycleId: string): Cycle | undefined {
    return this.#cycles.get(cycleId);
  }

  get size(): number {
    return this.#cycles.size;
  }

  /** The bar set's cycle with the latest open time. */
  get newest(): Cycle | null {
    return this.#newest;
  }

  all(): IterableIterator<Cycle> {
    return this.#cycles.values();
  }

  /** The flatten that a cycle asked for. */
  flattenOf(cycle: Cycle): Cycle | undefined {
    return cycle.flattenId === null ? undefined : this.#cycles.get(cycle.flattenId);
  }

  /** The cycle of a bar set, made on its first event; null for one that was finished and let go of long ago. */
  ofBars(cycleId: string, openTime: number): Cycle | null {
    const known = this.#cycles.get(cycleId);
    if (known !== undefined) return known;
    if (openTime <= this.#goneThrough) return null;
    return this.add(emptyCycle({ cycleId, kind: 'bars', parent: null, openTime }));
  }

  add(cycle: Cycle): Cycle {
    this.#cycles.set(cycle.cycleId, cycle);
    if (cycle.kind === 'bars' && (this.#newest === null || cycle.openTime > this.#newest.openTime))
      this.#newest = cycle;
    for (const proposal of cycle.proposals ?? []) {
      if (!cycle.acknowledged.has(proposal)) this.#awaited.set(proposal, cycle);
    }
    this.#prune();
    return cycle;
  }

  /** The latest bar set's cycle before an open time. */
  before(openTime: number): Cycle | null {
    let found: Cycle | null = null;
    for (const cycle of this.#cycles.values()) {
      if (cycle.kind !== 'bars' || cycle.openTime >= openTime) continue;
      if (found === null || cycle.openTime > found.openTime) found = cycle;
    }
    return found;
  }

  /** Takes the plan once; `isAcknowledged` tells of proposals whose answers came before it. */
  plan(cycle: Cycle, proposals: readonly string[], isAcknowledged: (proposal: string) => boolean): void {
    if (cycle.proposals !== null) return;
    cycle.proposals = [...new Set(proposals)];
    for (const proposal of cycle.proposals) {
      if (isAcknowledged(proposal)) cycle.acknowledged.add(proposal);
      else this.#awaited.set(proposal, cycle);
    }
  }

  /** A proposal was answered for good: the cycle that waited for it, if one did. */
  acknowledge(proposal: string): Cycle | null {
    const cycle = this.#awaited.get(proposal);
    if (cycle === undefined) return null;
    this.#awaited.delete(proposal);
    cycle.acknowledged.add(proposal);
    return cycle;
  }

  /** True when nothing more is expected of the cycle. */
  isFinished(cycle: Cycle): boolean {
    return isFinished(cycle, this.flattenOf(cycle));
  }

  isSettled(cycle: Cycle): boolean {
    return isSettled(cycle, this.flattenOf(cycle));
  }

  #prune(): void {
    if (this.#cycles.size <= CYCLES_KEPT) return;
    for (const [id, cycle] of this.#cycles) {
      if (!this.isFinished(cycle)) continue;
      this.#cycles.delete(id);
      for (const proposal of cycle.proposals ?? []) this.#awaited.delete(proposal);
      if (cycle.kind === 'bars') this.#goneThrough = Math.max(this.#goneThrough, cycle.openTime);
      return;
    }
  }
}
