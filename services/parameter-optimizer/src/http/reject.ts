import { actorOf, endpoint } from '@fleet/shared/http';
import { z } from 'zod';
import { VersionNotPending, VersionUnknown } from '../versions/version.ts';
import { decide, type OptimizerDeps } from './deps.ts';
import { byField, versionIdField } from './fields.ts';

export const postReject = endpoint({
  method: 'post',
  path: '/admin/optimize/reject',
  summary: 'Refuse a pending parameter version for good',
  body: z.strictObject({
    parameterVersion: versionIdField,
    by: byField,
    reason: z.string().trim().max(500).default(''),
  }),
  response: z.object({ parameterVersion: z.string(), state: z.literal('rejected') }),
  errors: [VersionUnknown.code, VersionNotPending.code, 'NOT_LEADER', 'QUEUE_FULL'],
  handle: async (deps: OptimizerDeps, { body, context }) => {
    await decide(deps, context, 'version.rejected', { ...body, by: actorOf(context, body.by) });
    return { parameterVersion: body.parameterVersion, state: 'rejected' as const };
  },
});
