const WINDOW_MS = 60_000;
const CALLERS_MAX = 10_000;

interface Window {
  readonly begun: number;
  calls: number;
}

/** Calls a minute by address, in fixed windows of the monotonic clock. Bounded: the oldest address is forgotten. */
export class CallLimit {
  readonly #callsMax: number;
  readonly #monotonic: () => number;
  readonly #windows = new Map<string, Window>();

  constructor(callsPerMinute: number, monotonic: () => number) {
    this.#callsMax = callsPerMinute;
    this.#monotonic = monotonic;
  }

  /** 0 when the call may pass, else the seconds (from 1) until it may. */
  take(caller: string): number {
    const now = this.#monotonic();
    const window = this.#windows.get(caller);
    if (window === undefined || now - window.begun >= WINDOW_MS) {
      this.#begin(caller, now);
      return 0;
    }
    if (window.calls < this.#callsMax) {
      window.calls += 1;
      return 0;
    }
    return Math.max(1, Math.ceil((window.begun + WINDOW_MS - now) / 1_000));
  }

  #begin(caller: string, now: number): void {
    this.#windows.delete(caller);
    this.#windows.set(caller, { begun: now, calls: 1 });
    const oldest = this.#windows.keys().next().value;
    if (this.#windows.size > CALLERS_MAX && oldest !== undefined) this.#windows.delete(oldest);
  }
}
