import { actorOf, endpoint } from '@fleet/shared/http';
import { z } from 'zod';
import { StudyNotOpen } from '../studies/study-errors.ts';
import { decide, type OptimizerDeps } from './deps.ts';
import { byField } from './fields.ts';

export const postCancel = endpoint({
  method: 'post',
  path: '/admin/optimize/cancel',
  summary: 'End a study that waits or runs',
  description:
    'Its trials stay stored and counted; there is no candidate. Published as study.finished, failed.',
  body: z.strictObject({ studyId: z.string().min(1).max(100), by: byField }),
  response: z.object({ studyId: z.string(), state: z.literal('canceled') }),
  errors: [StudyNotOpen.code, 'NOT_LEADER', 'QUEUE_FULL'],
  handle: async (deps: OptimizerDeps, { body, context }) => {
    await decide(deps, context, 'study.canceled', { ...body, by: actorOf(context, body.by) });
    return { studyId: body.studyId, state: 'canceled' as const };
  },
});
