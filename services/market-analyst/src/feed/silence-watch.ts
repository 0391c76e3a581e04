import { eventId } from '@fleet/domain/events';
import type { RunnerControl } from '@fleet/shared/streams';
import type { LocalInputs } from '../signals/inputs.ts';
import type { AnalystScope, AnalystState } from '../signals/state.ts';

export interface SilenceWatchOptions {
  readonly scope: AnalystScope;
  /** A real venue's bars are of now; a paced replay's are not, and only their coming can be timed. */
  readonly live: boolean;
  readonly staleAfterMs: number;
  readonly wall: () => number;
  readonly onFailure: (error: unknown) => void;
}

const CHECK_EVERY_MS = 1_000;

/** Tells when nothing comes of a symbol for too long. Never runs in lock-step, where time stands between steps. */
export class SilenceWatch {
  readonly #options: SilenceWatchOptions;
  readonly #heardAt = new Map<string, number>();
  #timer: NodeJS.Timeout | undefined;
  #startedAt = 0;

  constructor(options: SilenceWatchOptions) {
    this.#options = options;
  }

  heard(symbol: string): void {
    this.#heardAt.set(symbol, this.#options.wall());
  }

  start(control: RunnerControl): void {
    this.stop();
    this.#startedAt = this.#options.wall();
    this.#timer = setInterval(() => this.check(control), CHECK_EVERY_MS);
    this.#timer.unref();
  }

  stop(): void {
    clearInterval(this.#timer);
    this.#heardAt.clear();
  }

  /** One look at all symbols. */
  check(control: RunnerControl): void {
    const { scope, staleAfterMs, onFailure } = this.#options;
    for (const entry of (control.state() as AnalystState).symbols.values()) {
      const ageMs = this.#ageMs(entry);
      if (entry.stale || ageMs <= staleAfterMs) continue;
      const type = 'feed.silent';
      const at = this.#options.wall();
      const told = control.submit({
        id: eventId(scope.run, type, `${entry.symbol}|${entry.lastBar?.openTime ?? 'none'}`),
        type,
        key: 'bars',
        ts: new Date(at).toISOString(),
        data: { symbol: entry.symbol, ageMs } satisfies LocalInputs[typeof type],
      });
      told.catch(onFailure);
    }
  }

  #ageMs({ symbol, lastBar }: { readonly symbol: string; readonly lastBar: ExactOpenTime | null }): number {
    const { live, wall, scope } = this.#options;
    const heardAt = Math.max(this.#heardAt.get(symbol) ?? 0, this.#startedAt);
    if (!live) return wall() - heardAt;
    return wall() - Math.max(lastBar === null ? this.#startedAt : lastBar.openTime + scope.intervalMs, 0);
  }
}

interface ExactOpenTime {
  readonly openTime: number;
}
