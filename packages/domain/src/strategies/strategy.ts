import type { ZodType } from 'zod';
import type { Bar } from '../bars/index.ts';

/** What a strategy wants after a closed bar. It knows no position, no cash and no fill. */
export interface StrategySignal {
  /** Share of the symbol's full weight that it wants to hold, in [0, 1]. */
  readonly target: number;
  /** Distance of the protective stop from the entry in quote units, above 0; null for no stop. */
  readonly stopDistance: number | null;
  /** How sure it is of the target, in [0, 1]. */
  readonly confidence: number;
  /** Stable short code of why, such as 'ema-cross-up'. */
  readonly reason: string;
}

/** How an optimiser may draw a parameter; bounds included. A drawn set still has to pass the schema. */
export type SearchRange =
  | { readonly kind: 'int'; readonly min: number; readonly max: number; readonly step?: number }
  | { readonly kind: 'float'; readonly min: number; readonly max: number; readonly log?: boolean }
  | { readonly kind: 'choice'; readonly values: readonly (string | number | boolean)[] };

/**
 * A deterministic streaming strategy: parameters P, state S. The state is plain JSON and belongs to one symbol.
 * Same parameters and same bars give the same signals, wherever the state was stored and restored between them.
 */
export interface Strategy<P, S> {
  readonly name: string;
  /** Refuses unknown keys and fills in defaults. */
  readonly parameters: ZodType<P>;
  readonly searchSpace: Readonly<Record<keyof P & string, SearchRange>>;
  /** Bars to take in before the first real signal; each of them is answered by target 0, reason 'warm-up'. */
  warmUpBars(parameters: P): number;
  /** A fresh state, before any bar. */
  create(parameters: P): S;
  /** Takes the next closed bar; may change the state. The answer is never changed afterwards and may be kept. */
  onBar(parameters: P, state: S, bar: Bar): StrategySignal;
  /** The state as JSON, exact; later bars do not change it. */
  snapshot(state: S): unknown;
  /** The state of a snapshot; throws SnapshotShapeError when it was taken by other code or other parameters. */
  restore(parameters: P, snapshot: unknown): S;
}

export type StrategyParameters = Readonly<Record<string, string | number | boolean>>;

/** A strategy whose parameters and state only it knows: what registries hold and services call. */
export type AnyStrategy = Strategy<StrategyParameters, unknown>;

/** The signals without a position, one object each for ever, so that the usual bar allocates nothing. */
export function flatSignal(reason: string, confidence = 1): StrategySignal {
  return Object.freeze({ target: 0, stopDistance: null, confidence, reason });
}

/** Nothing is known yet, so nothing is wanted. */
export const WARM_UP: StrategySignal = flatSignal('warm-up', 0);

/** A distance that a stop can have: above 0 and finite, else none. */
export function stopDistance(distance: number): number | null {
  return distance > 0 && distance < Number.POSITIVE_INFINITY ? distance : null;
}
