import { endpoint } from '@fleet/shared/http';
import { z } from 'zod';
import type { ExecutorDeps } from './deps.ts';
import { orderView } from './views.ts';

export const getOpenOrders = endpoint({
  method: 'get',
  path: '/trade/open',
  summary: 'Orders that have not ended, at the venue or on their way to it',
  response: z.object({ orders: z.array(orderView) }),
  handle: async ({ reader }: ExecutorDeps) => ({ orders: await reader.open() }),
});
