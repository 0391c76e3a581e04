import { type TradingDayRules, tradingDays } from '@fleet/domain/day';

/** Epoch ms UTC; `to` is exclusive. */
export interface Span {
  readonly from: number;
  readonly to: number;
}

export interface Periods {
  readonly train: Span;
  /** Later than the train period and never overlapping it; it sees earlier bars only to warm up on. */
  readonly test: Span;
}

const DAY_MS = 86_400_000;

/**
 * Divides a period: the last `testShare` of it is kept for the test. The test begins with a trading day where one
 * begins within its first half, so that no day is in both.
 */
export function splitPeriod(
  { from, to, testShare }: Span & { readonly testShare: number },
  { intervalMs, day }: { readonly intervalMs: number; readonly day: TradingDayRules },
): Periods {
  const raw = to - Math.max(1, Math.round(((to - from) * testShare) / intervalMs)) * intervalMs;
  const split = nextDayStart(raw, Math.min(raw + DAY_MS, raw + (to - raw) / 2), { intervalMs, day }) ?? raw;
  return { train: { from, to: split }, test: { from: split, to } };
}

/** The first bar from `from` on (up to `until`) that opens a trading day. */
function nextDayStart(
  from: number,
  until: number,
  { intervalMs, day }: { readonly intervalMs: number; readonly day: TradingDayRules },
): number | null {
  const days = tradingDays(day);
  let before = days.dayOf(from - intervalMs);
  for (let time = from; time <= until; time += intervalMs) {
    const current = days.dayOf(time);
    if (current !== before) return time;
    before = current;
  }
  return null;
}

/** Bars of a period without gaps. */
export function barsIn({ from, to }: Span, intervalMs: number): number {
  return Math.max(0, Math.ceil((to - from) / intervalMs));
}
