import { endpoint, NotFound } from '@fleet/shared/http';
import { z } from 'zod';
import { reportById } from '../studies/study-reader.ts';
import type { OptimizerDeps } from './deps.ts';

export const getReport = endpoint({
  method: 'get',
  path: '/optimize/reports/{id}',
  summary: 'The report of a study, by its id or by the parameter version that it proposed',
  description:
    'Search space, trials, candidates on train and test period, whole reports of the winner, and what a reader has ' +
    'to know before believing a figure. The hash is of the exact text under `report`, as it was stored.',
  params: z.object({ id: z.string().min(1).max(100) }),
  response: z
    .object({
      studyId: z.string(),
      parameterVersion: z.string().nullable(),
      sha256: z.string(),
      report: z.looseObject({
        format: z.string(),
        studyId: z.string(),
        notes: z.array(z.string()),
      }),
    })
    .meta({ id: 'StudyReport' }),
  errors: ['NOT_FOUND'],
  handle: async ({ db, run }: OptimizerDeps, { params }) => {
    const found = await reportById(db, run, params.id);
    if (found === undefined)
      throw new NotFound(`no report of ${params.id}: it is written when a study completes`);
    const { body, ...rest } = found;
    return { ...rest, report: JSON.parse(body) as { format: string; studyId: string; notes: string[] } };
  },
});
