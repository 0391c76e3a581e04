import { endpoint, NotFound } from '@fleet/shared/http';
import { z } from 'zod';
import type { AnalysisDeps } from './deps.ts';
import { assertAnalysed, openTimeField, symbolField } from './fields.ts';

interface SignalRow {
  readonly open_time: string;
  readonly cycle_id: string;
  readonly strategy: string;
  readonly strategy_version: string;
  readonly target: number;
  readonly stop_distance: number | null;
  readonly confidence: number;
  readonly reason: string;
  readonly close: string;
}

/** What the analyst last said of a symbol. */
export const signal = endpoint<AnalysisDeps>()({
  method: 'get',
  path: '/analysis/signal',
  summary: 'Last signal of a symbol',
  tags: ['analysis'],
  query: z.strictObject({ symbol: symbolField }),
  response: z.strictObject({
    symbol: symbolField,
    cycleId: z.string(),
    openTime: openTimeField,
    close: z.string().describe('Close of the bar that it was made on'),
    strategy: z.string(),
    strategyVersion: z.string(),
    target: z.number().describe("Share of the symbol's cap, 0 to 1"),
    stopDistance: z.number().nullable().describe('Distance of the stop from the entry in quote units'),
    confidence: z.number(),
    reason: z.string(),
  }),
  handle: async ({ pool, run, symbols }, { query: { symbol } }) => {
    assertAnalysed('query', 'symbol', [symbol], symbols);
    const { rows } = await pool.query<SignalRow>(
      `SELECT s.*, b.close FROM analysis.signals s JOIN analysis.bars b USING (run, symbol, open_time)
       WHERE s.run = $1 AND s.symbol = $2 ORDER BY s.open_time DESC LIMIT 1`,
      [run, symbol],
    );
    const row = rows[0];
    if (row === undefined) throw new NotFound(`no bar of ${symbol} has closed in this run yet`);
    return {
      symbol,
      cycleId: row.cycle_id,
      openTime: Number(row.open_time),
      close: row.close,
      strategy: row.strategy,
      strategyVersion: row.strategy_version,
      target: row.target,
      stopDistance: row.stop_distance,
      confidence: row.confidence,
      reason: row.reason,
    };
  },
});
