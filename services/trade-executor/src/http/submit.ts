import { eventId } from '@fleet/domain/events';
import { sha256Hex } from '@fleet/domain/ids';
import { positiveDecimalText } from '@fleet/domain/money';
import { defineError } from '@fleet/shared/errors';
import { BadRequest, endpoint, fieldFaults, ValidationFailed } from '@fleet/shared/http';
import { z } from 'zod';
import type { ManualProposed, ManualRequest } from '../manual/decide.ts';
import type { ExecutorDeps } from './deps.ts';

export const NoReferencePrice = defineError({
  code: 'REFERENCE_PRICE_MISSING',
  title: 'The venue has no closed bar of the symbol',
  status: 503,
  retry: 'retry',
  action: 'Wait for the first bar: an order is judged against its price.',
});

const bodySchema = z.strictObject({
  symbol: z.string().regex(/^[A-Z0-9]{4,20}$/),
  side: z.enum(['buy', 'sell']),
  type: z.enum(['market', 'limit']).default('market'),
  quantity: positiveDecimalText.meta({ description: 'Base units, decimal text.' }),
  limitPrice: positiveDecimalText.nullable().default(null),
  stopDistance: positiveDecimalText
    .nullable()
    .default(null)
    .meta({ description: 'Quote units below the average entry price at which the stop stands. Buys alone.' }),
  reason: z.string().trim().min(1).max(200),
});

export const postSubmit = endpoint({
  method: 'post',
  path: '/trade/submit',
  summary: 'Propose an order by hand',
  description:
    'It goes to risk like any other, and only with risk’s signature to the venue. Answers when it is proposed; what became of it is at the status address.',
  body: bodySchema,
  response: z.object({ proposalId: z.string(), clientOrderId: z.string(), status: z.string() }),
  status: 202,
  idempotent: 'required',
  errors: ['NOT_LEADER', 'QUEUE_FULL', 'REFERENCE_PRICE_MISSING', 'VENUE_UNAVAILABLE', 'VENUE_REFUSED'],
  handle: async (deps: ExecutorDeps, { body, context }) => {
    assertOrder(body, deps.symbols);
    const key = context.idempotencyKey;
    if (key === undefined) throw new BadRequest('the header Idempotency-Key is required');
    const id = sha256Hex(key).slice(0, 32);
    const type = 'manual.asked';
    const proposed = (await deps.submit({
      id: eventId(deps.run, type, id),
      type,
      key: body.symbol,
      ts: new Date(deps.wall()).toISOString(),
      data: await requestOf(deps, body, id),
      requestId: context.requestId,
      traceparent: context.traceparent,
    })) as ManualProposed;
    const { proposalId, clientOrderId } = proposed;
    const status = `/trade/status/${proposalId}`;
    return { proposalId, clientOrderId, status };
  },
});

type Body = z.output<typeof bodySchema>;

function assertOrder(
  { symbol, type, side, limitPrice, stopDistance }: Body,
  symbols: readonly string[],
): void {
  const fault = (field: string, message: string) =>
    new ValidationFailed(`${field} ${message}`, fieldFaults([{ in: 'body', field, message }]));
  if (!symbols.includes(symbol)) throw fault('symbol', `must be one of ${symbols.join(', ')}`);
  if ((type === 'limit') !== (limitPrice !== null))
    throw fault('limitPrice', type === 'limit' ? 'is required for a limit order' : 'belongs to limit orders');
  if (side === 'sell' && stopDistance !== null) throw fault('stopDistance', 'belongs to buys');
}

async function requestOf(deps: ExecutorDeps, body: Body, id: string): Promise<ManualRequest> {
  const bar = await deps.lastBar(body.symbol);
  if (bar === null) throw new NoReferencePrice(`${body.symbol} has no closed bar yet`);
  const { openTime, close } = bar;
  return {
    ...body,
    id,
    referencePrice: close,
    barTime: openTime,
    day: deps.dayOf(openTime),
    decidedAt: openTime + deps.intervalMs,
    validForMs: deps.manualValidForMs,
  };
}
