import type { Redis } from 'ioredis';

interface Owed {
  readonly group: string;
  ids: string[];
}

/** XACKs that are owed, one command a stream. What is not answered stays owed: acknowledging twice is harmless. */
export class Acknowledgements {
  #owed = new Map<string, Owed>();

  add(key: string, group: string, ids: readonly string[]): void {
    if (ids.length === 0) return;
    const owed = this.#owed.get(key);
    if (owed === undefined) this.#owed.set(key, { group, ids: [...ids] });
    else owed.ids.push(...ids);
  }

  get size(): number {
    let size = 0;
    for (const { ids } of this.#owed.values()) size += ids.length;
    return size;
  }

  clear(): void {
    this.#owed.clear();
  }

  /** @throws the first error; everything unanswered is owed again. */
  async send(redis: Redis): Promise<void> {
    if (this.#owed.size === 0) return;
    const sent = this.#owed;
    this.#owed = new Map();
    const failures: unknown[] = [];
    await Promise.all(
      [...sent].map(async ([key, { group, ids }]) => {
        try {
          await redis.xack(key, group, ...ids);
        } catch (error) {
          this.add(key, group, ids);
          failures.push(error);
        }
      }),
    );
    if (failures.length > 0) throw failures[0];
  }
}
