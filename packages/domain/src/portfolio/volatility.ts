/** Bars a year of an interval: crypto trades all 365 days. */
export function barsPerYear(intervalMs: number): number {
  return (365 * 86_400_000) / intervalMs;
}

/**
 * Sample standard deviation of the last `size` simple returns of a close series, in O(1) a bar. Sums are taken anew
 * each time the ring has gone round, so that rounding does not pile up, and so that the value depends on the last
 * 2 × size + 1 closes and their count alone: whoever replays those has the same bits.
 */
export class ReturnWindow {
  readonly size: number;
  /** Closes seen so far. */
  count = 0;
  #ring: Float64Array;
  #last = Number.NaN;
  #sum = 0;
  #squares = 0;

  constructor(size: number) {
    this.size = size;
    this.#ring = new Float64Array(size);
  }

  /** How many of the newest closes, at most, decide the value: load these after a restart. */
  static historyOf(size: number): number {
    return 2 * size + 1;
  }

  push(close: number): void {
    const previous = this.#last;
    this.#last = close;
    this.count += 1;
    if (this.count === 1) return;
    const ret = close / previous - 1;
    const slot = (this.count - 2) % this.size;
    const leaving = this.#ring[slot] ?? 0;
    this.#ring[slot] = ret;
    if (slot === this.size - 1) {
      this.#resum();
      return;
    }
    this.#sum += ret - leaving;
    this.#squares += ret * ret - leaving * leaving;
  }

  get full(): boolean {
    return this.count > this.size;
  }

  /** Per bar, as a fraction; 0 until the window is full. */
  deviation(): number {
    if (!this.full) return 0;
    const n = this.size;
    const variance = (this.#squares - (this.#sum * this.#sum) / n) / (n - 1);
    return variance > 0 ? Math.sqrt(variance) : 0;
  }

  /**
   * The window after `count` closes of which the newest are given, oldest first.
   * @throws RangeError when fewer are given than decide the value.
   */
  static replay(size: number, closes: readonly number[], count: number): ReturnWindow {
    if (closes.length < Math.min(count, ReturnWindow.historyOf(size))) {
      throw new RangeError(
        `a return window of ${size} needs its last ${ReturnWindow.historyOf(size)} closes, got ${closes.length}`,
      );
    }
    const window = new ReturnWindow(size);
    // Replay starts so that the slots fall where they fell: a round begins at a close number 1 + k × size.
    const skippable = Math.max(0, count - closes.length);
    const first = Math.ceil(skippable / size) * size;
    window.count = first;
    for (const close of closes.slice(first - skippable)) window.#replayPush(close, first);
    return window;
  }

  #replayPush(close: number, first: number): void {
    if (this.count === first) {
      this.#last = close;
      this.count += 1;
      return;
    }
    this.push(close);
  }

  #resum(): void {
    let sum = 0;
    let squares = 0;
    for (const ret of this.#ring) {
      sum += ret;
      squares += ret * ret;
    }
    this.#sum = sum;
    this.#squares = squares;
  }
}
