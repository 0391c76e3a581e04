import { randomUUID } from 'node:crypto';
import { positiveDecimalText, text } from '@fleet/domain/money';
import { ORDER_PURPOSES } from '@fleet/domain/orders';
import { denialText, judge, type Proposal } from '@fleet/domain/risk';
import { endpoint } from '@fleet/shared/http';
import { z } from 'zod';
import type { OrderCheckState } from '../order-check/state.ts';
import { leadersState, type RiskDeps } from './deps.ts';

const bodySchema = z.strictObject({
  symbol: z.string().regex(/^[A-Z0-9]{4,20}$/),
  side: z.enum(['buy', 'sell']),
  type: z.enum(['market', 'limit']).default('market'),
  quantity: positiveDecimalText,
  limitPrice: positiveDecimalText.nullable().default(null),
  stopDistance: positiveDecimalText
    .nullable()
    .default(null)
    .meta({ description: 'Quote units from entry to stop; none counts the whole value as at risk.' }),
  purpose: z.enum(ORDER_PURPOSES).default('manual'),
});

const answerSchema = z
  .object({
    outcome: z.enum(['approved', 'denied']),
    code: z.string().nullable().meta({ description: 'Why denied, or the limit that made it smaller.' }),
    quantity: z.string().nullable(),
    message: z.string(),
    figures: z.record(z.string(), z.union([z.string(), z.number(), z.null()])),
  })
  .meta({ id: 'RiskVerdict' });

export const postEvaluate = endpoint({
  method: 'post',
  path: '/risk/evaluate',
  summary: 'What the gate would say to an order now; nothing is approved, reserved or stored',
  body: bodySchema,
  response: answerSchema,
  idempotent: false,
  errors: ['NOT_LEADER'],
  handle: (deps: RiskDeps, { body }) => {
    const state = leadersState(deps);
    const market = deps.market(state);
    const verdict = judge(state.risk, proposalOf(state, body, market), {
      market,
      joinExpired: false,
      localTime: state.localTime,
    });
    if (verdict.kind === 'denied') {
      const { code, figures } = verdict;
      return {
        outcome: 'denied' as const,
        code,
        quantity: null,
        message: denialText(code, figures),
        figures,
      };
    }
    const { shrunkBy, quantity, figures } = verdict;
    const message = shrunkBy === null ? 'approved' : `approved, smaller: ${denialText(shrunkBy, figures)}`;
    return { outcome: 'approved' as const, code: shrunkBy, quantity, message, figures };
  },
});

function proposalOf(state: OrderCheckState, body: z.output<typeof bodySchema>, market: number): Proposal {
  const index = state.risk.indexOf.get(body.symbol);
  const close = index === undefined ? 0 : (state.risk.closes[index] ?? 0);
  return {
    ...body,
    proposalId: `dry-run-${randomUUID()}`,
    // Without a price the checks of market data refuse before it is used.
    referencePrice: text(close > 0 ? close : 1),
    flattenId: null,
    confidence: 1,
    barTime: state.completeSet,
    day: state.risk.day?.day ?? '',
    decidedAt: market,
    validForMs: 60_000,
  };
}
