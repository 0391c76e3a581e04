import { randomUUID } from 'node:crypto';
import { analyzeRequested } from '@fleet/domain/events';
import { endpoint, NotFound } from '@fleet/shared/http';
import { NotLeaderError } from '@fleet/shared/streams';
import { z } from 'zod';
import type { Analysis } from '../signals/state.ts';
import type { AnalysisDeps } from './deps.ts';
import { assertAnalysed, symbolField } from './fields.ts';

const SYMBOLS_MAX = 200;

const analysisSchema = z.strictObject({
  analysisId: z.string(),
  requestedBy: z.string(),
  requestedAt: z.iso.datetime(),
  views: z.array(
    z.strictObject({
      symbol: symbolField,
      strategy: z.string().nullable(),
      strategyVersion: z.string().nullable(),
      openTime: z.int().nullable(),
      close: z.string().nullable(),
      target: z.number().nullable(),
      stopDistance: z.number().nullable(),
      confidence: z.number().nullable(),
      reason: z.string(),
      stale: z.boolean(),
    }),
  ),
});

/** What the analyst thinks now, kept under an id. */
export const analyze = endpoint<AnalysisDeps>()({
  method: 'post',
  path: '/analysis/analyze',
  summary: 'Current view of symbols, stored',
  tags: ['analysis'],
  errors: [NotLeaderError.code],
  body: z.strictObject({ symbols: z.array(symbolField).min(1).max(SYMBOLS_MAX).optional() }),
  status: 201,
  response: analysisSchema,
  handle: async (deps, { body, context }) => {
    const symbols = body.symbols ?? [...deps.symbols];
    assertAnalysed('body', 'symbols', symbols, deps.symbols);
    const analysisId = randomUUID();
    const result = await deps.submit({
      id: `analyze:${analysisId}`,
      type: analyzeRequested.type,
      key: 'analyses',
      ts: new Date(deps.wall()).toISOString(),
      data: { analysisId, symbols, requestedBy: context.address },
      requestId: context.requestId,
      traceparent: context.traceparent,
    });
    return result as Analysis;
  },
});

/** The answer to `analyze.requested` and to POST /analysis/analyze. */
export const analysis = endpoint<AnalysisDeps>()({
  method: 'get',
  path: '/analysis/analyses/{id}',
  summary: 'A stored view',
  tags: ['analysis'],
  params: z.strictObject({ id: z.string().min(1).max(100) }),
  response: analysisSchema,
  handle: (deps, { params: { id } }) => stored(deps, id),
});

interface AnalysisRow {
  readonly requested_by: string;
  readonly requested_at: Date;
  readonly views: Analysis['views'];
}

async function stored({ pool, run }: AnalysisDeps, analysisId: string): Promise<Analysis> {
  const { rows } = await pool.query<AnalysisRow>(
    'SELECT requested_by, requested_at, views FROM analysis.analyses WHERE run = $1 AND analysis_id = $2',
    [run, analysisId],
  );
  const row = rows[0];
  if (row === undefined) throw new NotFound(`no analysis "${analysisId}" in this run`);
  const requestedAt = row.requested_at.toISOString();
  return { analysisId, requestedBy: row.requested_by, requestedAt, views: row.views };
}
