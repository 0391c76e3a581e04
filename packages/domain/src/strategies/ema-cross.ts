import { z } from 'zod';
import type { Bar } from '../bars/index.ts';
import {
  type AtrState,
  createAtr,
  createEma,
  type EmaState,
  updateAtr,
  updateEma,
} from '../indicators/index.ts';
import { copyState, restoreState } from '../snapshots/index.ts';
import { flatSignal, type Strategy, type StrategySignal, stopDistance, WARM_UP } from './strategy.ts';

const periods = z.int().min(2).max(1000);

const parameters = z
  .strictObject({
    fast: periods.default(12).meta({ description: 'Bars of the fast average.', unit: 'bars' }),
    slow: periods
      .default(26)
      .meta({ description: 'Bars of the slow average; more than fast.', unit: 'bars' }),
    atrPeriod: z.int().min(2).max(500).default(14).meta({ description: 'Bars of the ATR.', unit: 'bars' }),
    atrMultiple: z
      .number()
      .min(0.1)
      .max(50)
      .default(3)
      .meta({ description: 'Stop distance as a multiple of the ATR.', unit: 'ATR' }),
    entryBand: z
      .number()
      .min(0)
      .max(10)
      .default(0)
      .meta({ description: 'Lead of the fast average that an entry needs.', unit: 'ATR' }),
  })
  .refine((p) => p.fast < p.slow, { message: 'fast must be less than slow', path: ['fast'] });

export type EmaCrossParameters = z.infer<typeof parameters>;

export interface EmaCrossState {
  /** Bars taken during the warm-up. */
  bars: number;
  long: boolean;
  readonly fast: EmaState;
  readonly slow: EmaState;
  readonly atr: AtrState;
}

const CROSS_DOWN = flatSignal('ema-cross-down');
const NO_CROSS = flatSignal('no-ema-cross');

/** The seed of an average that has seen n times its period weighs less than e^-2(n-1); 3 leaves under 2 %. */
const EMA_SETTLE = 3;
/** Wilder's average forgets half as fast. */
const WILDER_SETTLE = 4;

function warmUpBars(p: EmaCrossParameters): number {
  return Math.max(EMA_SETTLE * p.slow, WILDER_SETTLE * p.atrPeriod + 1);
}

/** Half sure at the cross, fully sure when the fast average leads by one ATR. */
function confidence(lead: number, atr: number): number {
  return atr > 0 ? 0.5 + 0.5 * Math.min(1, Math.max(0, lead / atr)) : 0.5;
}

function onBar(p: EmaCrossParameters, state: EmaCrossState, bar: Bar): StrategySignal {
  const fast = updateEma(state.fast, bar.close);
  const slow = updateEma(state.slow, bar.close);
  const atr = updateAtr(state.atr, bar.high, bar.low, bar.close);
  if (state.bars < warmUpBars(p)) {
    state.bars += 1;
    return WARM_UP;
  }
  const lead = fast - slow;
  const wasLong = state.long;
  state.long = wasLong ? lead > 0 : lead > p.entryBand * atr;
  if (!state.long) return lead > 0 ? NO_CROSS : CROSS_DOWN;
  return {
    target: 1,
    stopDistance: stopDistance(atr * p.atrMultiple),
    confidence: confidence(lead, atr),
    reason: wasLong ? 'ema-trend' : 'ema-cross-up',
  };
}

/**
 * Trend following: long while the fast exponential average of the closes is above the slow one, entered when it
 * leads by `entryBand` ATRs. The stop lies `atrMultiple` average true ranges from the entry.
 */
export const emaCross: Strategy<EmaCrossParameters, EmaCrossState> = {
  name: 'ema-cross',
  parameters,
  searchSpace: {
    fast: { kind: 'int', min: 5, max: 60 },
    slow: { kind: 'int', min: 20, max: 240 },
    atrPeriod: { kind: 'int', min: 7, max: 50 },
    atrMultiple: { kind: 'float', min: 1, max: 8 },
    entryBand: { kind: 'float', min: 0, max: 2 },
  },
  warmUpBars,
  create: (p) => ({
    bars: 0,
    long: false,
    fast: createEma(p.fast),
    slow: createEma(p.slow),
    atr: createAtr(p.atrPeriod),
  }),
  onBar,
  snapshot: copyState,
  restore: (p, snapshot) => restoreState(emaCross.create(p), snapshot),
};
