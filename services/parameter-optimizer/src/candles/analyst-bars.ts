import { type CandleColumns, sliceColumns, toColumns } from '@fleet/domain/candles';
import { decimalText } from '@fleet/domain/money';
import { z } from 'zod';
import type { Span } from '../search/period.ts';

/** The most that the market analyst answers at once: its newest bars. */
export const ANALYST_BARS_MAX = 1_000;
const TIMEOUT_MS = 10_000;

const answerSchema = z.object({
  interval: z.string(),
  bars: z.array(
    z.object({
      openTime: z.int().nonnegative(),
      ...{ open: decimalText, high: decimalText, low: decimalText, close: decimalText, volume: decimalText },
    }),
  ),
});

export interface AnalystRequest extends Span {
  readonly url: string;
  readonly symbol: string;
  readonly interval: string;
  readonly intervalMs: number;
  readonly signal?: AbortSignal;
  /** Sent as X-Service-Secret. */
  readonly serviceSecret?: string | undefined;
}

/**
 * The market analyst's newest stored bars of a symbol that open in [from, to). Throws an Error that says why there
 * are none: no answer, another status, another interval, an answer that is none of its own.
 */
export async function candlesFromAnalyst(request: AnalystRequest): Promise<CandleColumns> {
  const { url, symbol, interval, intervalMs, from, to, serviceSecret } = request;
  const address = new URL('/analysis/bars', url);
  address.searchParams.set('symbol', symbol);
  address.searchParams.set('limit', String(ANALYST_BARS_MAX));
  const late = AbortSignal.timeout(TIMEOUT_MS);
  const signal = request.signal === undefined ? late : AbortSignal.any([late, request.signal]);
  const response = await fetch(address, {
    signal,
    redirect: 'error',
    headers: serviceSecret === undefined ? {} : { 'x-service-secret': serviceSecret },
  });
  if (!response.ok) throw new Error(`the market analyst answered ${response.status}`);
  const answer = answerSchema.parse(await response.json());
  if (answer.interval !== interval) throw new Error(`the market analyst has bars of ${answer.interval}`);
  return sliceColumns(toColumns(symbol, intervalMs, answer.bars), from, to);
}
