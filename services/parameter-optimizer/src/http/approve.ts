import { actorOf, endpoint } from '@fleet/shared/http';
import { z } from 'zod';
import type { Deployment } from '../versions/deployments.ts';
import { ReportDiffers, VersionNotPending, VersionUnknown } from '../versions/version.ts';
import { decide, type OptimizerDeps } from './deps.ts';
import { byField, deploymentView, versionIdField } from './fields.ts';

export const postApprove = endpoint({
  method: 'post',
  path: '/admin/optimize/approve',
  summary: 'Deploy a pending parameter version',
  description:
    'Published as parameters.deployed; the market analyst takes it at the next bar set that it opens.',
  body: z.strictObject({
    parameterVersion: versionIdField,
    by: byField,
    reportSha256: z
      .string()
      .regex(/^[0-9a-f]{64}$/)
      .optional()
      .meta({ description: 'Hash of the report that was read; refused when the version carries another.' }),
  }),
  response: z.object({ deployments: z.array(deploymentView) }),
  errors: [VersionUnknown.code, VersionNotPending.code, ReportDiffers.code, 'NOT_LEADER', 'QUEUE_FULL'],
  handle: async (deps: OptimizerDeps, { body, context }) => {
    const { parameterVersion, reportSha256 = null } = body;
    const data = { parameterVersion, by: actorOf(context, body.by), reportSha256 };
    return (await decide(deps, context, 'version.approved', data)) as { deployments: Deployment[] };
  },
});
