import type { Item } from './item.ts';

const COMPACT_AT = 1_024;

/** Items of one stream (or the submitted ones) in the order they are decided in. The head stays until committed. */
export class ItemQueue {
  /** Physical key, or the name of a local queue. */
  readonly name: string;
  #items: Item[] = [];
  #start = 0;
  /** What the head waits for, as `decide` said it. */
  blockedFor: string | null = null;

  constructor(name: string) {
    this.name = name;
  }

  get length(): number {
    return this.#items.length - this.#start;
  }

  push(item: Item): void {
    this.#items.push(item);
  }

  /** The item `offset` places behind the head. */
  at(offset: number): Item | undefined {
    return this.#items[this.#start + offset];
  }

  /** Removes the first `count` items. */
  shift(count: number): void {
    this.#start += count;
    if (this.#start < COMPACT_AT && this.#start < this.#items.length) return;
    this.#items = this.#items.slice(this.#start);
    this.#start = 0;
  }

  /** Removes and returns everything. */
  clear(): Item[] {
    const rest = this.#items.slice(this.#start);
    this.#items = [];
    this.#start = 0;
    this.blockedFor = null;
    return rest;
  }

  *[Symbol.iterator](): IterableIterator<Item> {
    for (let i = this.#start; i < this.#items.length; i += 1) yield this.#items[i] as Item;
  }
}
