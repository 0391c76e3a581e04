import { endpoint } from '@fleet/shared/http';
import { z } from 'zod';
import { figuresOf, type OrchestratorDeps } from './deps.ts';
import { cycleSchema } from './schemas.ts';

export const getCycles = endpoint({
  method: 'get',
  path: '/cycles',
  summary: 'The newest decision cycles, newest first',
  tags: ['cycles'],
  query: z.strictObject({ limit: z.coerce.number().int().min(1).max(500).default(50) }),
  response: z.object({ cycles: z.array(cycleSchema) }),
  errors: ['NOT_LEADER'],
  handle: (deps: OrchestratorDeps, { query }) => {
    figuresOf(deps);
    return { cycles: deps.board.newest(query.limit) };
  },
});
