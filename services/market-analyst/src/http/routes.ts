import type { ApiDescription } from '@fleet/shared/http';
import { identity } from '../identity.ts';
import { analysis, analyze } from './analyze.ts';
import { bars } from './bars.ts';
import type { AnalysisDeps } from './deps.ts';
import { ingest } from './ingest.ts';
import { signal } from './signal.ts';
import { strategies } from './strategies.ts';

export const api: ApiDescription<AnalysisDeps> = {
  service: identity.name,
  title: 'Market analyst',
  description: identity.description,
  endpoints: [ingest, signal, analyze, analysis, strategies, bars],
};
