import { actorOf, endpoint } from '@fleet/shared/http';
import { z } from 'zod';
import type { Deployment } from '../versions/deployments.ts';
import { NothingDeployed } from '../versions/version.ts';
import { decide, type OptimizerDeps } from './deps.ts';
import { byField, deploymentView, symbolsField } from './fields.ts';

export const postRollback = endpoint({
  method: 'post',
  path: '/admin/optimize/rollback',
  summary: 'Return symbols to what spoke for them before the deployed version',
  description:
    "Published as parameters.deployed with rollbackOf. Before the first version that is the configuration's own line. " +
    'Symbols that return to different versions are published one by one.',
  body: z.strictObject({ strategy: z.string().min(1).max(60), symbols: symbolsField, by: byField }),
  response: z.object({ deployments: z.array(deploymentView) }),
  errors: [NothingDeployed.code, 'NOT_LEADER', 'QUEUE_FULL'],
  handle: async (deps: OptimizerDeps, { body, context }) =>
    (await decide(deps, context, 'version.rolled-back', { ...body, by: actorOf(context, body.by) })) as {
      deployments: Deployment[];
    },
});
