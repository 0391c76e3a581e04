import { safeError } from '@fleet/shared/errors';
import { z } from 'zod';
import { FLEET_SERVICES, type FleetService } from '../fleet/fleet-client.ts';
import { defineTool, type Tool, type ToolContext } from './tool.ts';

const nothing = z.strictObject({});

const fleetState = defineTool({
  name: 'fleet_state',
  title: 'State of the fleet',
  description:
    'Trading state (ACTIVE, REDUCING or HALTED, with epoch and reason) as the orchestrator says it, and of each service whether it is ready and what is missing.',
  input: nothing,
  run: async (_input, context) => {
    const services = await Promise.all(FLEET_SERVICES.map((service) => readiness(service, context)));
    return { orchestrator: await context.fleet.get('orchestrator', '/status', asked(context)), services };
  },
});

const pnl = defineTool({
  name: 'pnl',
  title: 'Profit and loss of the day',
  description:
    'Equity, realised and unrealised profit, fees, daily target and loss cap of the trading day, as the orchestrator has them.',
  input: nothing,
  run: async (_input, context) => ({
    pnl: await context.fleet.get('orchestrator', '/pnl/status', asked(context)),
  }),
});

const holdings = defineTool({
  name: 'holdings',
  title: 'Holdings',
  description: 'Cash and positions with average cost and mark, from the ledger of the portfolio manager.',
  input: nothing,
  run: async (_input, context) => ({
    holdings: await context.fleet.get('portfolio-manager', '/portfolio/holdings', asked(context)),
  }),
});

const openOrders = defineTool({
  name: 'open_orders',
  title: 'Open orders',
  description: 'Orders that are not terminal, with their state at the venue, from the trade executor.',
  input: nothing,
  run: async (_input, context) => ({
    orders: await context.fleet.get('trade-executor', '/trade/open', asked(context)),
  }),
});

const recentDecisions = defineTool({
  name: 'recent_decisions',
  title: 'Recent risk decisions',
  description: 'The latest approvals and denials of the risk manager, newest first, with codes and figures.',
  input: z.strictObject({
    limit: z.int().min(1).max(100).default(20).meta({ description: 'How many, 20 when absent.' }),
  }),
  run: async ({ limit }, context) => ({
    decisions: await context.fleet.get('risk-manager', '/risk/decisions', {
      ...asked(context),
      query: { limit },
    }),
  }),
});

const why = defineTool({
  name: 'why',
  title: 'Why an order exists',
  description:
    'The chain behind an order: bar, signal, proposal, decision, submission, fills. Takes a proposal id or a client order id.',
  input: z.strictObject({
    orderId: z
      .string()
      .regex(/^[A-Za-z0-9_-]{1,64}$/, 'must be a proposal id or a client order id')
      .meta({ description: 'Proposal id (64 hex digits) or client order id.' }),
  }),
  run: async ({ orderId }, context) => ({
    chain: await context.fleet.get('orchestrator', `/orders/${orderId}/why`, asked(context)),
  }),
});

const dlqSummary = defineTool({
  name: 'dlq_summary',
  title: 'Dead letters',
  description:
    'Stream entries that could not be processed: stream, group, key, error and attempts. Nothing is requeued.',
  input: nothing,
  run: async (_input, context) => ({
    deadLetters: await context.fleet.get('orchestrator', '/admin/streams/dlq', {
      ...asked(context),
      admin: true,
    }),
  }),
});

/** In the order in which clients see them. */
export const fleetTools: readonly Tool[] = [
  fleetState,
  pnl,
  holdings,
  openOrders,
  recentDecisions,
  why,
  dlqSummary,
];

function asked({ signal, requestId }: ToolContext) {
  return { signal, requestId };
}

async function readiness(service: FleetService, context: ToolContext) {
  try {
    await context.fleet.get(service, '/ready', asked(context));
    return { service, ready: true, missing: null };
  } catch (error) {
    return { service, ready: false, missing: safeError(error).message };
  }
}
