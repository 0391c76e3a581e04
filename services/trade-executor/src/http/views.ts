import { ORDER_PURPOSES, ORDER_STATES } from '@fleet/domain/orders';
import { z } from 'zod';

const amount = z.string().meta({ description: 'Decimal text.' });
const time = z.int().meta({ description: 'Market time, epoch milliseconds.' });

export const orderView = z
  .object({
    proposalId: z.string(),
    clientOrderId: z.string(),
    venueOrderId: z.string().nullable(),
    cycleId: z.string(),
    symbol: z.string(),
    side: z.enum(['buy', 'sell']),
    type: z.enum(['market', 'limit', 'stop']),
    purpose: z.enum(ORDER_PURPOSES),
    sequence: z.int(),
    quantity: amount,
    limitPrice: amount.nullable(),
    triggerPrice: amount.nullable(),
    stopDistance: amount.nullable(),
    referencePrice: amount.nullable(),
    stateEpoch: z.int(),
    expiresAt: time.nullable(),
    reason: z.string(),
    state: z.enum(ORDER_STATES).meta({
      description:
        'PROPOSED: a manual order that risk has not answered. DENIED: one that risk refused; its history has the code.',
    }),
    filled: amount,
  })
  .meta({ id: 'ExecutionOrder' });
export type OrderView = z.input<typeof orderView>;

export const orderHistory = z
  .object({
    order: orderView,
    denial: z
      .object({ code: z.string(), message: z.string() })
      .nullable()
      .meta({ description: 'Why risk denied a manual order; null for every other.' }),
    fills: z.array(
      z.object({
        tradeId: z.string(),
        price: amount,
        quantity: amount,
        quoteQuantity: amount,
        fee: amount,
        feeAsset: z.string(),
        maker: z.boolean(),
        time,
      }),
    ),
    requests: z
      .array(
        z.object({
          kind: z.enum(['place', 'cancel', 'replace']),
          attempt: z.int(),
          timestamp: z.int().meta({ description: 'Wall time that the request carried, epoch milliseconds.' }),
          state: z.string(),
          outcome: z.string().nullable(),
        }),
      )
      .meta({ description: 'Requests to the venue, oldest first; each was stored before it was sent.' }),
    events: z.array(
      z.object({ sequence: z.int(), type: z.string(), state: z.string(), time, detail: z.string() }),
    ),
  })
  .meta({ id: 'ExecutionOrderHistory' });
export type OrderHistory = z.input<typeof orderHistory>;
