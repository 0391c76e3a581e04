import { z } from 'zod';
import type { Bar } from '../bars/index.ts';
import {
  type AtrState,
  type BollingerState,
  createAtr,
  createBollinger,
  createRsi,
  type RsiState,
  updateAtr,
  updateBollinger,
  updateRsi,
} from '../indicators/index.ts';
import { copyState, restoreState } from '../snapshots/index.ts';
import { flatSignal, type Strategy, type StrategySignal, stopDistance, WARM_UP } from './strategy.ts';

const periods = z.int().min(2).max(500);

const parameters = z
  .strictObject({
    bandPeriod: periods.default(20).meta({ description: 'Bars of the bands.', unit: 'bars' }),
    bandWidth: z
      .number()
      .min(0.1)
      .max(10)
      .default(2)
      .meta({ description: 'Half width of the bands.', unit: 'standard deviations' }),
    rsiPeriod: periods.default(14).meta({ description: 'Bars of the RSI.', unit: 'bars' }),
    rsiLow: z.number().min(1).max(99).default(30).meta({ description: 'An entry needs an RSI below.' }),
    rsiHigh: z.number().min(1).max(99).default(70).meta({ description: 'An RSI above ends the position.' }),
    atrPeriod: periods.default(14).meta({ description: 'Bars of the ATR.', unit: 'bars' }),
    atrMultiple: z
      .number()
      .min(0.1)
      .max(50)
      .default(3)
      .meta({ description: 'Stop distance as a multiple of the ATR.', unit: 'ATR' }),
  })
  .refine((p) => p.rsiLow < p.rsiHigh, { message: 'rsiLow must be less than rsiHigh', path: ['rsiLow'] });

export type BollingerRsiParameters = z.infer<typeof parameters>;

export interface BollingerRsiState {
  /** Bars taken during the warm-up. */
  bars: number;
  long: boolean;
  /** Confidence of the entry, kept until its end; 0 while flat. */
  confidence: number;
  readonly bands: BollingerState;
  readonly rsi: RsiState;
  readonly atr: AtrState;
}

const NO_ENTRY = flatSignal('no-entry');
const MID_BAND = flatSignal('mid-band-reached');
const RSI_HIGH = flatSignal('rsi-high');

/** Wilder's averages start from a plain one, whose weight is under 5 % after four of their periods. */
const WILDER_SETTLE = 4;

function warmUpBars(p: BollingerRsiParameters): number {
  return Math.max(p.bandPeriod, WILDER_SETTLE * Math.max(p.rsiPeriod, p.atrPeriod) + 1);
}

function onBar(p: BollingerRsiParameters, state: BollingerRsiState, bar: Bar): StrategySignal {
  const { close } = bar;
  updateBollinger(state.bands, close);
  const rsi = updateRsi(state.rsi, close);
  const atr = updateAtr(state.atr, bar.high, bar.low, close);
  if (state.bars < warmUpBars(p)) {
    state.bars += 1;
    return WARM_UP;
  }
  const wasLong = state.long;
  if (wasLong) {
    if (close >= state.bands.mid) return leave(state, MID_BAND);
    if (rsi > p.rsiHigh) return leave(state, RSI_HIGH);
  } else {
    if (!(close < state.bands.lower && rsi < p.rsiLow)) return NO_ENTRY;
    state.long = true;
    state.confidence = 0.5 + 0.5 * ((p.rsiLow - rsi) / p.rsiLow);
  }
  return {
    target: 1,
    stopDistance: stopDistance(atr * p.atrMultiple),
    confidence: state.confidence,
    reason: wasLong ? 'awaiting-mid-band' : 'below-lower-band',
  };
}

function leave(state: BollingerRsiState, signal: StrategySignal): StrategySignal {
  state.long = false;
  state.confidence = 0;
  return signal;
}

/**
 * Mean reversion: long when a close falls below the lower Bollinger band with an RSI under `rsiLow`, until a close
 * reaches the middle band or the RSI exceeds `rsiHigh`. The stop lies `atrMultiple` average true ranges away.
 */
export const bollingerRsi: Strategy<BollingerRsiParameters, BollingerRsiState> = {
  name: 'bollinger-rsi',
  parameters,
  searchSpace: {
    bandPeriod: { kind: 'int', min: 10, max: 120 },
    bandWidth: { kind: 'float', min: 1, max: 4 },
    rsiPeriod: { kind: 'int', min: 5, max: 40 },
    rsiLow: { kind: 'float', min: 10, max: 45 },
    rsiHigh: { kind: 'float', min: 50, max: 90 },
    atrPeriod: { kind: 'int', min: 7, max: 50 },
    atrMultiple: { kind: 'float', min: 1, max: 8 },
  },
  warmUpBars,
  create: (p) => ({
    bars: 0,
    long: false,
    confidence: 0,
    bands: createBollinger(p.bandPeriod, p.bandWidth),
    rsi: createRsi(p.rsiPeriod),
    atr: createAtr(p.atrPeriod),
  }),
  onBar,
  snapshot: copyState,
  restore: (p, snapshot) => restoreState(bollingerRsi.create(p), snapshot),
};
