const KEPT = 1_000;

/** Milliseconds of the newest cycles, and their quantiles. */
export class Latencies {
  readonly #ring: number[] = [];
  #next = 0;
  #sorted: Float64Array | null = null;

  add(ms: number): void {
    this.#ring[this.#next] = ms;
    this.#next = (this.#next + 1) % KEPT;
    this.#sorted = null;
  }

  clear(): void {
    this.#ring.length = 0;
    this.#next = 0;
    this.#sorted = null;
  }

  /** By the nearest-rank method; null before the first. `share` from 0 to 1. */
  quantile(share: number): number | null {
    if (this.#ring.length === 0) return null;
    this.#sorted ??= Float64Array.from(this.#ring).sort();
    const rank = Math.max(1, Math.ceil(share * this.#sorted.length));
    return this.#sorted[rank - 1] ?? null;
  }
}
