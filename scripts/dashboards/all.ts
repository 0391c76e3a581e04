import { fleet } from './fleet.ts';
import { host } from './host.ts';
import { logs } from './logs.ts';
import type { DashboardSpec } from './model.ts';
import { orders } from './orders.ts';
import { risk } from './risk.ts';
import { stores } from './stores.ts';
import { streams } from './streams.ts';
import { trading } from './trading.ts';

/** Every dashboard, in the order in which they are offered. */
export const DASHBOARDS: readonly DashboardSpec[] = [
  fleet,
  trading,
  orders,
  risk,
  streams,
  stores,
  host,
  logs,
];
