import type { Step } from '../exchange/command.ts';
import { type BarSet, type Market, nextSetFrom } from '../market/market.ts';

/** The last step done. */
export interface Cursor {
  readonly openTime: number;
  readonly step: Step;
}

/** The answer to `advance`. */
export interface AdvanceAnswer {
  /** The market is over and its open orders have expired. */
  readonly done: boolean;
  readonly step: Step;
  readonly openTime: number;
  /** Symbols with a bar in this set, in configured order, and those without. */
  readonly closed: readonly string[];
  readonly missing: readonly string[];
  /** True when this step closed a set, which opens a decision cycle. */
  readonly cycle: boolean;
  /** Market time after the step, epoch ms. */
  readonly time: number;
  readonly cursor: Cursor;
}

/** Where a replay stands; plain JSON. `before` is the cursor from which the last answer was given. */
export interface ReplayPosition {
  readonly cursor: Cursor | null;
  readonly before: Cursor | null;
  readonly last: AdvanceAnswer | null;
  /** Closed sets. */
  readonly sets: number;
}

export const START: ReplayPosition = { cursor: null, before: null, last: null, sets: 0 };

export function sameCursor(left: Cursor | null, right: Cursor | null): boolean {
  return left?.openTime === right?.openTime && left?.step === right?.step;
}

/** The bar set that the next step belongs to: null at the market's end. */
export function nextOpenTime(market: Market, cursor: Cursor | null): number | null {
  if (cursor === null) return nextSetFrom(market, market.from);
  if (cursor.step === 'end') return null;
  return cursor.step === 'close' ? nextSetFrom(market, cursor.openTime + market.intervalMs) : cursor.openTime;
}

/** The position after a step. */
export function moved(position: ReplayPosition, step: Step, set: BarSet, time: number): ReplayPosition {
  const cursor = { openTime: set.openTime, step };
  const last: AdvanceAnswer = {
    done: step === 'end',
    step,
    openTime: set.openTime,
    closed: step === 'end' ? [] : set.bars.map(({ symbol }) => symbol),
    missing: step === 'end' ? [] : set.missing,
    cycle: step === 'close',
    time,
    cursor,
  };
  return { cursor, before: position.cursor, last, sets: position.sets + (step === 'close' ? 1 : 0) };
}
