/**
 * Works on entries in their order, at most `count` at a time. After the first failure, or when the signal is aborted,
 * nothing new begins; what is under way is awaited, then it rejects.
 */
export async function inParallel<Entry>(
  entries: Iterable<Entry> | AsyncIterable<Entry>,
  count: number,
  signal: AbortSignal,
  work: (entry: Entry) => Promise<void>,
): Promise<void> {
  const running = new Set<Promise<void>>();
  const failures: unknown[] = [];
  for await (const entry of entries) {
    if (signal.aborted || failures.length > 0) break;
    const task = work(entry)
      .catch((error: unknown) => void failures.push(error))
      .finally(() => running.delete(task));
    running.add(task);
    if (running.size >= count) await Promise.race(running);
  }
  await Promise.all(running);
  signal.throwIfAborted();
  if (failures.length > 0) throw failures[0];
}
