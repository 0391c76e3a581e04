import { setTimeout as sleep } from 'node:timers/promises';

/** Pauses of a loop that has to end early when it is told to stop. */
export class Pause {
  #abort = new AbortController();

  /** Resolves after `ms`, or at once when ended. */
  async for(ms: number): Promise<void> {
    await sleep(ms, undefined, { signal: this.#abort.signal }).catch(() => {});
  }

  /** Ends the pause under way and every later one until `begin`. */
  end(): void {
    this.#abort.abort();
  }

  begin(): void {
    if (this.#abort.signal.aborted) this.#abort = new AbortController();
  }
}
