import { endpoint, NotFound } from '@fleet/shared/http';
import type { NotifyDeps } from './deps.ts';

/**
 * The edge asks this before it lets somebody to Prometheus, Alertmanager or its own dashboard, which know no
 * certificates. The answer is what stands in front of every handler; here nobody is looked at again but once.
 */
export const getCertified = endpoint({
  method: 'get',
  path: '/access/certified',
  summary: 'Whether an admin asks with the own client certificate; asked by the edge, never routed',
  errors: ['NOT_FOUND'],
  handle: (_deps: NotifyDeps, { context }) => {
    // Without the edge, or with another role in the table, nobody was asked for a certificate.
    if (context.person?.fingerprint === undefined) throw new NotFound('there is nothing here');
  },
});
