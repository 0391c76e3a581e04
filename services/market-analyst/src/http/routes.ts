import type { ApiDescription } from '@fleet/shared/http';
import { analysis, analyze } from './analyze.ts';
import { bars } from './bars.ts';
import type { AnalysisDeps } from './deps.ts';
import { ingest } from './ingest.ts';
import { signal } from './signal.ts';
import { strategies } from './strategies.ts';

export const api: ApiDescription<AnalysisDeps> = {
  service: 'market-analyst',
  title: 'Market analyst',
  description: 'Closed bars in, checked and complete; signals of the configured strategies out.',
  endpoints: [ingest, signal, analyze, analysis, strategies, bars],
};
