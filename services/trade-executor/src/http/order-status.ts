import { endpoint, NotFound } from '@fleet/shared/http';
import { z } from 'zod';
import type { ExecutorDeps } from './deps.ts';
import { orderHistory } from './views.ts';

export const getOrderStatus = endpoint({
  method: 'get',
  path: '/trade/status/{id}',
  summary: 'An order with its fills, its requests to the venue and everything that was said of it',
  params: z.object({
    id: z
      .string()
      .regex(
        /^[0-9a-f]{32}([0-9a-f]{32})?$/,
        'must be a client order id (32 hex digits) or a proposal id (64)',
      ),
  }),
  response: orderHistory,
  errors: ['NOT_FOUND'],
  handle: async ({ reader, run }: ExecutorDeps, { params }) => {
    const found = await reader.history(params.id);
    if (found === null) throw new NotFound(`no order ${params.id} in run ${run}`);
    return found;
  },
});
