import type { ApiDescription } from '@fleet/shared/http';
import { identity } from '../identity.ts';
import { getDecisions } from './decisions.ts';
import type { RiskDeps } from './deps.ts';
import { postEvaluate } from './evaluate.ts';
import { getExposure } from './exposure.ts';
import { getLimits } from './limits.ts';

export const api: ApiDescription<RiskDeps> = {
  service: identity.name,
  title: 'Risk manager',
  description: identity.description,
  endpoints: [postEvaluate, getLimits, getDecisions, getExposure],
};
