import { setTimeout as sleep } from 'node:timers/promises';

const POLL_MS = 500;

/** Polls until `look` finds nothing missing (null or no words). Rejects with the last of what it found. */
export async function until(
  msMax: number,
  signal: AbortSignal,
  look: () => Promise<string | null>,
): Promise<void> {
  const deadline = performance.now() + msMax;
  for (;;) {
    signal.throwIfAborted();
    const missing = await look().catch((error: unknown) =>
      error instanceof Error ? error.message || error.name : String(error),
    );
    if (!missing) return;
    if (performance.now() > deadline) throw new Error(`after ${msMax / 1000} s: ${missing}`);
    await sleep(POLL_MS);
  }
}
