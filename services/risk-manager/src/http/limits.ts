import { endpoint } from '@fleet/shared/http';
import { z } from 'zod';
import type { RiskDeps } from './deps.ts';

export const getLimits = endpoint({
  method: 'get',
  path: '/risk/limits',
  summary: 'The limits in force: config/risk.yaml and the loss cap of config/day.yaml',
  response: z.looseObject({
    allowedSymbols: z.array(z.string()),
    orderNotionalMax: z.number(),
    positionNotionalMax: z.number(),
    positionShareMax: z.number(),
    lossCapPct: z.number(),
  }),
  handle: (deps: RiskDeps) => ({ ...deps.limits }),
});
