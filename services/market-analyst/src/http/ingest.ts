import { defineError } from '@fleet/shared/errors';
import { endpoint, fieldFaults, ValidationFailed } from '@fleet/shared/http';
import { z } from 'zod';
import { IngestNotLeading } from '../feed/ingest-feed.ts';
import type { AnalysisDeps } from './deps.ts';
import { barFields, openTimeField } from './fields.ts';

const BARS_MAX = 1_000;

export const FeedActive = defineError({
  code: 'FEED_ACTIVE',
  title: 'The bars of these symbols come from the venue',
  status: 409,
  retry: 'park',
  action: 'Start the market analyst with MARKET_DATA_SOURCE=ingest if bars shall come from outside.',
});

/** Bars from outside. All of them are taken, or none. */
export const ingest = endpoint<AnalysisDeps>()({
  method: 'post',
  path: '/analysis/ingest',
  summary: 'Take closed bars in from outside',
  description:
    'Only with MARKET_DATA_SOURCE=ingest. A set of bars is published once every symbol has its bar, a later one, or ' +
    'lies below `closedThrough`. Bars of one symbol come in time order; repetitions change nothing.',
  tags: ['analysis'],
  errors: [FeedActive.code, IngestNotLeading.code],
  body: z.strictObject({
    bars: z.array(z.strictObject(barFields)).max(BARS_MAX),
    closedThrough: openTimeField.optional().describe('Up to this open time no further bars will come'),
  }),
  response: z.strictObject({
    taken: z.int().describe('Bars that were new'),
    known: z.int().describe('Repetitions, and bars of sets that were published before'),
    sets: z.int().describe('Bar sets published by this request'),
  }),
  handle: async (deps, { body }) => {
    if (deps.ingest === null) {
      const symbols = [...new Set(body.bars.map(({ symbol }) => symbol))].join(', ');
      throw new FeedActive(`a venue feed is active for ${symbols || deps.symbols.join(', ')}`);
    }
    const faults = deps.ingest.faults(body.bars);
    if (faults.length > 0)
      throw new ValidationFailed('bars were refused; none was taken', fieldFaults(faults));
    return deps.ingest.take(body.bars, body.closedThrough ?? null);
  },
});
