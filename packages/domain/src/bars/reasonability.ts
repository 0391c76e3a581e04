import type { Bar } from './bar.ts';
import { historyFull, type ReturnHistory, returnDeviation } from './return-history.ts';

/** What a bar can have wrong, in the order in which it is judged. Each code has a row in the test. */
export const BAR_FAULTS = [
  'non-positive',
  'range',
  'misaligned',
  'not-ascending',
  'gap',
  'zero-volume-run',
  'jump',
] as const;

export type BarFaultCode = (typeof BAR_FAULTS)[number];

export interface BarFault {
  readonly code: BarFaultCode;
  /** The numbers behind it, by name with unit. */
  readonly numbers: Readonly<Record<string, number>>;
}

/**
 * `impossible`: no market makes such a bar; it is not used at all. `implausible`: it may be true, but nothing that
 * raises risk is decided on it.
 */
export interface BarVerdict {
  readonly verdict: 'reasonable' | 'implausible' | 'impossible';
  readonly faults: readonly BarFault[];
}

export interface BarLimits {
  readonly intervalMs: number;
  /** A gap is reported from this many missing bars + 1; 0 reports each. */
  readonly missingBarsMax: number;
  /** Bars without a trade in a row, this one included, that are still reasonable. */
  readonly zeroVolumeRunMax: number;
  /** A move of more standard deviations of the bar returns is a jump, once the history is full. */
  readonly jumpSigmaMax: number;
  /** No smaller move is a jump, as a share of the previous close: a dead market's deviation is near 0. */
  readonly jumpShareMin: number;
}

const REASONABLE: BarVerdict = Object.freeze({ verdict: 'reasonable', faults: Object.freeze([]) });

/**
 * Judges a closed bar against the one before it (null for the first) and the history of earlier returns; changes
 * nothing. Afterwards the caller passes every bar that is not impossible to `recordBar`, a jump too: the deviation
 * then grows, and a market that has really become wilder is soon plausible again.
 */
export function judgeBar(
  previous: Bar | null,
  bar: Bar,
  history: ReturnHistory,
  limits: BarLimits,
): BarVerdict {
  const impossible = impossibleFault(previous, bar, limits);
  if (impossible !== null) return { verdict: 'impossible', faults: [impossible] };
  const gap = previous === null ? null : gapFault(previous, bar, limits);
  const silence = zeroVolumeFault(bar, history, limits);
  const jump = previous === null ? null : jumpFault(previous, bar, history, limits);
  if (gap === null && silence === null && jump === null) return REASONABLE;
  return { verdict: 'implausible', faults: [gap, silence, jump].filter((fault) => fault !== null) };
}

function impossibleFault(previous: Bar | null, bar: Bar, limits: BarLimits): BarFault | null {
  const { open, high, low, close, volume, openTime } = bar;
  const numbers = { open, high, low, close, volume };
  const positive = open > 0 && high > 0 && low > 0 && close > 0 && volume >= 0;
  if (!positive || !Number.isFinite(open + high + low + close + volume))
    return { code: 'non-positive', numbers };
  if (high < low || open > high || open < low || close > high || close < low)
    return { code: 'range', numbers };
  if (!Number.isSafeInteger(openTime) || openTime % limits.intervalMs !== 0) {
    return { code: 'misaligned', numbers: { openTime, intervalMs: limits.intervalMs } };
  }
  if (previous !== null && openTime <= previous.openTime) {
    return { code: 'not-ascending', numbers: { openTime, previousOpenTime: previous.openTime } };
  }
  return null;
}

function gapFault(previous: Bar, bar: Bar, limits: BarLimits): BarFault | null {
  const missingBars = (bar.openTime - previous.openTime) / limits.intervalMs - 1;
  if (missingBars <= limits.missingBarsMax) return null;
  return { code: 'gap', numbers: { missingBars, missingBarsMax: limits.missingBarsMax } };
}

function zeroVolumeFault(bar: Bar, history: ReturnHistory, limits: BarLimits): BarFault | null {
  if (bar.volume !== 0) return null;
  const zeroVolumeRun = history.zeroVolumeRun + 1;
  if (zeroVolumeRun <= limits.zeroVolumeRunMax) return null;
  return { code: 'zero-volume-run', numbers: { zeroVolumeRun, zeroVolumeRunMax: limits.zeroVolumeRunMax } };
}

/** The farthest of high and low from the previous close is judged: a wick that came back is a jump as well. */
function jumpFault(previous: Bar, bar: Bar, history: ReturnHistory, limits: BarLimits): BarFault | null {
  const moveShare = Math.max(bar.high / previous.close - 1, 1 - bar.low / previous.close);
  if (moveShare < limits.jumpShareMin || !historyFull(history)) return null;
  const deviation = returnDeviation(history);
  if (moveShare <= limits.jumpSigmaMax * deviation) return null;
  return { code: 'jump', numbers: { moveShare, deviation, jumpSigmaMax: limits.jumpSigmaMax } };
}
