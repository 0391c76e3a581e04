import { z } from 'zod';
import { decimalText, positiveDecimalText } from '../money/index.ts';
import { defineEvent } from './definition.ts';
import {
  clientOrderIdField,
  cycleIdField,
  dayField,
  epochField,
  epochMsField,
  orderTypeField,
  proposalIdField,
  purposeField,
  sideField,
  symbolField,
} from './fields.ts';

/** What a cycle made: its proposals (also none) and why symbols got none. */
export const cyclePlanned = defineEvent({
  type: 'cycle.planned',
  v: 1,
  stream: 'portfolio.events',
  partitionBy: 'account',
  schema: z.strictObject({
    cycleId: cycleIdField,
    openTime: epochMsField,
    day: dayField,
    proposals: z.array(proposalIdField),
    skipped: z.array(z.strictObject({ symbol: symbolField, code: z.string().min(1).max(60) })),
  }),
});
export type CyclePlanned = z.infer<typeof cyclePlanned.schema>;

/** Equity at the close of a bar set, before the orders of its cycle; `opening` is the run's first, at the bar's open. */
export const equityMarked = defineEvent({
  type: 'equity.marked',
  v: 1,
  stream: 'portfolio.events',
  partitionBy: 'account',
  schema: z.strictObject({
    kind: z.enum(['opening', 'cycle']),
    cycleId: cycleIdField,
    openTime: epochMsField,
    day: dayField,
    /** Exact: cash + Σ quantity × close. */
    equity: decimalText,
    /** The same as a number, as the domain's mark function gives it: what limits are judged on. */
    equityMark: z.number(),
    cash: decimalText,
    realisedPnl: decimalText,
    unrealisedPnl: decimalText,
    fees: decimalText,
    /** Symbols of which something can still be sold. */
    holding: z.array(symbolField),
    ledgerVersion: z.int().nonnegative(),
  }),
});
export type EquityMarked = z.infer<typeof equityMarked.schema>;

/** A position after a fill: compared by others, never taken over. */
export const positionChanged = defineEvent({
  type: 'position.changed',
  v: 1,
  stream: 'portfolio.events',
  partitionBy: 'account',
  schema: z.strictObject({
    symbol: symbolField,
    /** Below zero while a deposit that was sold is not booked yet. */
    quantity: decimalText,
    averageCost: decimalText,
    realisedPnl: decimalText,
    fees: decimalText,
    ledgerVersion: z.int().nonnegative(),
  }),
});

/** A proposed order, with everything that the decider must have applied before it judges. */
export const orderProposed = defineEvent({
  type: 'order.proposed',
  v: 1,
  stream: 'risk.requests',
  partitionBy: 'account',
  schema: z.strictObject({
    proposalId: proposalIdField,
    cycleId: cycleIdField,
    symbol: symbolField,
    side: sideField,
    type: orderTypeField,
    quantity: positiveDecimalText,
    limitPrice: positiveDecimalText.nullable(),
    /** Close that the decision used: the slippage of its fills is measured against it. */
    referencePrice: positiveDecimalText,
    stopDistance: positiveDecimalText.nullable(),
    purpose: purposeField,
    sequence: z.int().nonnegative(),
    confidence: z.number().min(0).max(1),
    reason: z.string().min(1).max(200),
    flattenId: z.string().max(100).nullable(),
    /** Open time of the newest bar set that the decision knew. */
    barTime: epochMsField,
    day: dayField,
    ledgerVersion: z.int().nonnegative(),
    stateEpoch: epochField,
    /** Market time of the decision, and how long it holds. */
    decidedAt: epochMsField,
    validForMs: z.int().positive(),
  }),
});
export type OrderProposed = z.infer<typeof orderProposed.schema>;

/** A request to cancel an open entry. */
export const cancelProposed = defineEvent({
  type: 'cancel.proposed',
  v: 1,
  stream: 'risk.requests',
  partitionBy: 'account',
  schema: z.strictObject({
    proposalId: proposalIdField,
    symbol: symbolField,
    clientOrderId: clientOrderIdField,
    reason: z.string().min(1).max(200),
    decidedAt: epochMsField,
  }),
});
export type CancelProposed = z.infer<typeof cancelProposed.schema>;
