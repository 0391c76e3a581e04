import type { ApiDescription } from '@fleet/shared/http';
import { identity } from '../identity.ts';
import { postCancelAll } from './cancel-all.ts';
import type { ExecutorDeps } from './deps.ts';
import { getOpenOrders } from './open-orders.ts';
import { getOrderStatus } from './order-status.ts';
import { postReconcile } from './reconcile.ts';
import { postSubmit } from './submit.ts';

export const api: ApiDescription<ExecutorDeps> = {
  service: identity.name,
  title: 'Trade executor',
  description: identity.description,
  endpoints: [postSubmit, getOrderStatus, getOpenOrders, postCancelAll, postReconcile],
};
