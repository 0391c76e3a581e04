import { setTimeout as sleep } from 'node:timers/promises';

/** Polls until the condition holds; fails with its last answer after `timeoutMs`. */
export async function until<Value>(
  what: string,
  read: () => Value | Promise<Value>,
  holds: (value: Value) => boolean,
  timeoutMs = 30_000,
): Promise<Value> {
  const end = performance.now() + timeoutMs;
  for (;;) {
    const value = await read();
    if (holds(value)) return value;
    if (performance.now() > end)
      throw new Error(`${what}: last seen ${(JSON.stringify(value) ?? String(value)).slice(-400)}`);
    await sleep(10);
  }
}
