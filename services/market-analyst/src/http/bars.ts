import { endpoint } from '@fleet/shared/http';
import { z } from 'zod';
import { lastBars } from '../feed/bar-store.ts';
import type { AnalysisDeps } from './deps.ts';
import { assertAnalysed, barFields, symbolField } from './fields.ts';

const LIMIT_DEFAULT = 100;
const LIMIT_MAX = 1_000;

/** Published bars of a symbol. */
export const bars = endpoint<AnalysisDeps>()({
  method: 'get',
  path: '/analysis/bars',
  summary: 'Last published bars of a symbol, ascending',
  tags: ['analysis'],
  query: z.strictObject({
    symbol: symbolField,
    limit: z.coerce.number().int().min(1).max(LIMIT_MAX).default(LIMIT_DEFAULT),
  }),
  response: z.strictObject({
    symbol: symbolField,
    interval: z.string(),
    bars: z.array(z.strictObject(barFields)),
  }),
  handle: async ({ pool, run, interval, symbols }, { query: { symbol, limit } }) => {
    assertAnalysed('query', 'symbol', [symbol], symbols);
    return { symbol, interval, bars: [...(await lastBars(pool, { run, symbol, limit }))] };
  },
});
