import type { TradingState } from '@fleet/domain/events';
import type { Conditions, OpenDay } from '@fleet/domain/supervision';
import { CYCLES_KEPT } from '../cycles/cycle-book.ts';
import { type CycleReport, reportOf } from '../cycles/cycle-report.ts';
import type { EquityFigures, OrchestratorState } from '../supervision/state.ts';
import type { Effect } from '../supervision/turn.ts';
import { Latencies } from './latencies.ts';

/** The committed figures of the run; null before its first commit is known here. */
export interface Figures {
  readonly trading: TradingState;
  readonly day: OpenDay | null;
  readonly conditions: Conditions;
  readonly equity: EquityFigures | null;
  readonly execSequence: number;
  readonly appliedEpoch: number;
  readonly decidedCycle: string | null;
  readonly lastCycle: string | null;
  readonly cyclesCompleted: number;
  readonly cyclesTimedOut: number;
  readonly auditSequence: number;
}

/**
 * What is told outside: only what is committed, by copies that no later decision changes. Filled after each commit,
 * and anew when the lease was taken. Answers are given from memory; who waits for a cycle is woken by its commit.
 */
export class Board {
  readonly run: string;
  readonly latencies = new Latencies();
  readonly #cycles = new Map<string, CycleReport>();
  readonly #waiting = new Set<() => void>();
  #figures: Figures | null = null;

  constructor(run: string) {
    this.run = run;
  }

  get figures(): Figures | null {
    return this.#figures;
  }

  cycle(cycleId: string): CycleReport | undefined {
    return this.#cycles.get(cycleId);
  }

  /** Newest first. */
  newest(limit: number): CycleReport[] {
    return [...this.#cycles.values()].slice(-limit).toReversed();
  }

  all(): IterableIterator<CycleReport> {
    return this.#cycles.values();
  }

  /** After the lease was taken or the state was read again. */
  reset(state: OrchestratorState): void {
    this.#cycles.clear();
    this.latencies.clear();
    for (const cycle of state.cycles.all()) {
      const report = reportOf(cycle, state.cycles.flattenOf(cycle));
      this.#cycles.set(report.cycleId, report);
      if (report.kind === 'bars' && report.latencyMs !== null) this.latencies.add(report.latencyMs);
    }
    this.#figures = state.began ? figuresOf(state) : null;
    this.#wake();
  }

  /** After a commit. Returns the reports that changed. */
  update(state: OrchestratorState, effects: readonly Effect[]): CycleReport[] {
    const changed = new Set(effects.flatMap((effect) => (effect.kind === 'cycle' ? effect.cycle : [])));
    const reports = [...changed].map((cycle) => reportOf(cycle, state.cycles.flattenOf(cycle)));
    for (const report of reports) this.#cycles.set(report.cycleId, report);
    for (const effect of effects) {
      if (effect.kind === 'completed' && effect.latencyMs !== null) this.latencies.add(effect.latencyMs);
    }
    this.#figures = figuresOf(state);
    this.#prune();
    this.#wake();
    return reports;
  }

  /** The lease is lost: who waits asks elsewhere. */
  lost(): void {
    this.#wake();
  }

  /** Resolves when `check` holds, looked at now and after each commit: true; or false after `ms`, or when aborted. */
  until(check: () => boolean, ms: number, signal: AbortSignal): Promise<boolean> {
    if (check()) return Promise.resolve(true);
    if (ms <= 0 || signal.aborted) return Promise.resolve(false);
    return new Promise((resolve) => {
      const end = (holds: boolean) => {
        clearTimeout(timer);
        signal.removeEventListener('abort', aborted);
        this.#waiting.delete(look);
        resolve(holds);
      };
      const look = () => {
        if (check()) end(true);
      };
      const aborted = () => end(false);
      const timer = setTimeout(() => end(check()), ms);
      signal.addEventListener('abort', aborted, { once: true });
      this.#waiting.add(look);
    });
  }

  #wake(): void {
    for (const look of [...this.#waiting]) look();
  }

  #prune(): void {
    if (this.#cycles.size <= CYCLES_KEPT) return;
    for (const [id, { status }] of this.#cycles) {
      if (this.#cycles.size <= CYCLES_KEPT) return;
      if (status === 'settled' || status === 'timed-out') this.#cycles.delete(id);
    }
  }
}

function figuresOf(state: OrchestratorState): Figures {
  const { supervision, conditions, equity, execSequence, appliedEpoch, decidedCycle } = state;
  return {
    trading: supervision.trading,
    day: supervision.day === null ? null : { ...supervision.day },
    conditions,
    equity,
    execSequence,
    appliedEpoch,
    decidedCycle,
    lastCycle: state.cycles.newest?.cycleId ?? null,
    cyclesCompleted: state.cyclesCompleted,
    cyclesTimedOut: state.cyclesTimedOut,
    auditSequence: state.audit.sequence,
  };
}
