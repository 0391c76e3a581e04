import { createRandom, nextInteger, nextNormal, nextUniform, type RandomState } from '../random/index.ts';

/** The part of a synthetic market that all its symbols share. Plain JSON; one step a bar slot. */
export interface FactorState {
  readonly random: RandomState;
  /** −1 falling, 0 ranging, 1 rising. */
  trend: number;
  /** Bars left in this phase. */
  left: number;
  /** Drift of a bar in this phase, in standard deviations. */
  drift: number;
  /** Sum of the factor since a ranging phase began, which pulls it back. */
  level: number;
  /** Variance of the next bar around 1 (GARCH(1,1) with mean 1): calm and wild times come in clusters. */
  variance: number;
  /** Bars that the exchange still stands still; no symbol has a candle. */
  outage: number;
  /** This bar's common return in standard deviations of a calm bar. */
  value: number;
}

export interface FactorShares {
  /** Share of bars with a jump of 6 to 15 deviations. */
  readonly jumpShare: number;
  /** Share of bars on which an outage of up to 20 bars begins. */
  readonly gapShare: number;
}

const PHASE_BARS_MIN = 60;
const PHASE_BARS_MAX = 600;
const OUTAGE_BARS_MAX = 20;
const PULL_BACK = 0.03;

export function createFactor(seed: string): FactorState {
  const random = createRandom(`${seed}|market`);
  return { random, trend: 0, left: 0, drift: 0, level: 0, variance: 1, outage: 0, value: 0 };
}

/** Draws the common move of the next bar; the same number of draws whatever a symbol does with it. */
export function stepFactor(state: FactorState, shares: FactorShares): void {
  const { random } = state;
  if (state.left === 0) beginPhase(state);
  state.left -= 1;
  const shock = nextNormal(random) * Math.sqrt(state.variance);
  state.variance = 0.05 + 0.1 * Math.min(shock * shock, 25) + 0.85 * state.variance;
  const pull = state.trend === 0 ? -PULL_BACK * state.level : 0;
  const jump = nextUniform(random) < shares.jumpShare ? jumpSize(random) : 0;
  state.value = shock + state.drift + pull + jump;
  state.level += state.value;
  if (state.outage > 0) state.outage -= 1;
  else if (nextUniform(random) < shares.gapShare) state.outage = nextInteger(random, 1, OUTAGE_BARS_MAX);
}

function beginPhase(state: FactorState): void {
  const { random } = state;
  const draw = nextUniform(random);
  state.trend = draw < 0.4 ? 0 : draw < 0.7 ? 1 : -1;
  state.left = nextInteger(random, PHASE_BARS_MIN, PHASE_BARS_MAX);
  state.drift = state.trend * (0.05 + 0.1 * nextUniform(random));
  state.level = 0;
}

/** A move of 6 to 15 standard deviations, up or down. */
export function jumpSize(random: RandomState): number {
  const size = 6 + 9 * nextUniform(random);
  return nextUniform(random) < 0.5 ? -size : size;
}
