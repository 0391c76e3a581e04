export class IndicatorPeriodError extends Error {
  override readonly name = 'IndicatorPeriodError';
  readonly code = 'INDICATOR_PERIOD_INVALID';
  readonly retry = 'crash';
  readonly action = 'Give the indicator a whole number of bars within the range that the message names.';
  readonly indicator: string;
  readonly period: number;

  constructor(indicator: string, period: number, min: number) {
    super(`The period of ${indicator} must be a whole number from ${min} to ${PERIOD_MAX}, not ${period}.`);
    this.indicator = indicator;
    this.period = period;
  }
}

/** Bounds the memory of a ring; the longest useful look-back is a year of hours. */
export const PERIOD_MAX = 10_000;

/** Returns the period when it is a whole number of bars in [min, PERIOD_MAX], else throws. */
export function checkedPeriod(indicator: string, period: number, min = 1): number {
  if (!Number.isInteger(period) || period < min || period > PERIOD_MAX) {
    throw new IndicatorPeriodError(indicator, period, min);
  }
  return period;
}
