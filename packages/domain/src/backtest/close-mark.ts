import { cycleId } from '../orders/index.ts';
import type { Mark } from '../supervision/index.ts';

/** A mark whose texts are made when something asks for them: on most bars nothing does. */
export class CloseMark implements Mark {
  readonly openTime: number;
  readonly equityMark: number;
  readonly holding: boolean;
  readonly #interval: string;
  readonly #exact: string | null;

  constructor(
    interval: string,
    openTime: number,
    at: { readonly equityMark: number; readonly holding: boolean; readonly exact: string | null },
  ) {
    this.#interval = interval;
    this.openTime = openTime;
    this.equityMark = at.equityMark;
    this.holding = at.holding;
    this.#exact = at.exact;
  }

  get cycleId(): string {
    return cycleId(this.#interval, this.openTime);
  }

  get equity(): string {
    return this.#exact ?? String(this.equityMark);
  }
}
