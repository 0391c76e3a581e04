import { proposalSummarySchema } from '@fleet/domain/events';
import { endpoint, NotFound } from '@fleet/shared/http';
import { z } from 'zod';
import { storyOf } from '../orders/story.ts';
import type { OrchestratorDeps } from './deps.ts';
import { cycleSchema } from './schemas.ts';

const figures = z.record(z.string(), z.union([z.string(), z.number(), z.null()]));

const answerSchema = z
  .object({
    proposalId: z.string(),
    clientOrderId: z.string(),
    symbol: z.string(),
    cycleId: z.string().nullable(),
    story: z.array(z.string()).meta({ description: 'The chain in sentences.' }),
    bar: z
      .object({
        open: z.string(),
        high: z.string(),
        low: z.string(),
        close: z.string(),
        volume: z.string(),
        closeTime: z.int(),
      })
      .nullable(),
    signal: z
      .object({
        strategy: z.string(),
        strategyVersion: z.string(),
        target: z.number(),
        stopDistance: z.number().nullable(),
        confidence: z.number(),
        reason: z.string(),
      })
      .nullable(),
    cycle: cycleSchema.nullable(),
    state: z
      .object({
        epoch: z.int(),
        mode: z.string(),
        reason: z.string(),
        cause: z.string().nullable(),
        detail: z.string(),
        actor: z.string(),
      })
      .nullable()
      .meta({ description: "Of a flatten's order: the state that asked for it." }),
    proposal: proposalSummarySchema.nullable(),
    decision: z
      .object({
        outcome: z.enum(['approved', 'denied']),
        code: z.string().nullable(),
        message: z.string(),
        quantity: z.string().nullable(),
        figures,
        decidedAt: z.int(),
      })
      .nullable(),
    order: z
      .object({
        venueOrderId: z.string().nullable(),
        side: z.enum(['buy', 'sell']),
        type: z.string(),
        purpose: z.string(),
        quantity: z.string(),
        limitPrice: z.string().nullable(),
        triggerPrice: z.string().nullable(),
        state: z.string(),
        filled: z.string(),
        reason: z.string(),
        acceptedAt: z.int().nullable(),
        changedAt: z.int(),
      })
      .nullable(),
    entry: z
      .object({ proposalId: z.string(), clientOrderId: z.string() })
      .nullable()
      .meta({ description: 'Of a stop or an emergency sell: the entry whose approval covers it.' }),
    fills: z.array(
      z.object({
        tradeId: z.string(),
        price: z.string(),
        quantity: z.string(),
        fee: z.string(),
        feeAsset: z.string(),
        maker: z.boolean(),
        time: z.int(),
      }),
    ),
  })
  .meta({ id: 'OrderChain' });

export const getWhy = endpoint({
  method: 'get',
  path: '/orders/{id}/why',
  summary: 'Why an order was made: bar, signal, proposal, decision, order, fills',
  tags: ['orders'],
  params: z.strictObject({
    id: z
      .string()
      .regex(/^[A-Za-z0-9._-]{1,64}$/)
      .meta({ description: 'Proposal id, or the client order id that the venue shows.' }),
  }),
  response: answerSchema,
  errors: ['NOT_FOUND'],
  handle: async (deps: OrchestratorDeps, { params: { id } }) => {
    const chain = await deps.why.chainOf(id);
    if (chain === undefined) throw new NotFound(`no proposal and no order "${id}" in this run`);
    const { inputs, order, ...links } = chain;
    return {
      ...links,
      fills: [...links.fills],
      story: storyOf(chain),
      bar: inputs.bar ?? null,
      signal: inputs.signal ?? null,
      order,
    };
  },
});
