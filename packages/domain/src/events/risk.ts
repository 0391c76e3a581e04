import { z } from 'zod';
import { positiveDecimalText } from '../money/index.ts';
import { RISK_CODE_NAMES } from '../risk/codes.ts';
import { defineEvent } from './definition.ts';
import {
  clientOrderIdField,
  cycleIdField,
  epochField,
  epochMsField,
  figuresField,
  orderTypeField,
  proposalIdField,
  purposeField,
  sideField,
  symbolField,
} from './fields.ts';

const codeField = z.enum(RISK_CODE_NAMES);

/** What was proposed, repeated with the answer: whoever explains an order needs no other stream for it. */
export const proposalSummarySchema = z.strictObject({
  side: sideField,
  type: orderTypeField,
  purpose: purposeField,
  quantity: positiveDecimalText,
  limitPrice: positiveDecimalText.nullable(),
  referencePrice: positiveDecimalText,
  stopDistance: positiveDecimalText.nullable(),
  confidence: z.number().min(0).max(1),
  reason: z.string().min(1).max(200),
  sequence: z.int().nonnegative(),
  flattenId: z.string().max(100).nullable(),
  barTime: epochMsField,
  stateEpoch: epochField,
});
export type ProposalSummary = z.infer<typeof proposalSummarySchema>;

/** Approved, perhaps with a smaller quantity: then `shrunkBy` names the limit and `requestedQuantity` what was asked. */
export const orderApproved = defineEvent({
  type: 'order.approved',
  v: 1,
  stream: 'risk.responses',
  partitionBy: 'account',
  schema: z.strictObject({
    proposalId: proposalIdField,
    cycleId: cycleIdField,
    symbol: symbolField,
    side: sideField,
    quantity: positiveDecimalText,
    requestedQuantity: positiveDecimalText,
    shrunkBy: codeField.nullable(),
    figures: figuresField,
    clientOrderId: clientOrderIdField,
    proposal: proposalSummarySchema.optional(),
  }),
});
export type OrderApproved = z.infer<typeof orderApproved.schema>;

export const orderDenied = defineEvent({
  type: 'order.denied',
  v: 1,
  stream: 'risk.responses',
  partitionBy: 'account',
  schema: z.strictObject({
    proposalId: proposalIdField,
    cycleId: cycleIdField,
    symbol: symbolField,
    code: codeField,
    figures: figuresField,
    /** `CODE key=value …`, for people. */
    message: z.string().max(500),
    proposal: proposalSummarySchema.optional(),
  }),
});
export type OrderDenied = z.infer<typeof orderDenied.schema>;

/** The canonical order that the signature covers; the executor sends exactly this. */
export const authorisedOrderSchema = z.strictObject({
  run: z.string().min(1).max(200),
  proposalId: proposalIdField,
  clientOrderId: clientOrderIdField,
  cycleId: cycleIdField,
  symbol: symbolField,
  side: sideField,
  type: orderTypeField,
  quantity: positiveDecimalText,
  limitPrice: positiveDecimalText.nullable(),
  stopDistance: positiveDecimalText.nullable(),
  purpose: purposeField,
  sequence: z.int().nonnegative(),
  flattenId: z.string().max(100).nullable(),
  stateEpoch: epochField,
  /** Market time (epoch ms) after which the approval is void. */
  expiresAt: epochMsField,
});
export type AuthorisedOrder = z.infer<typeof authorisedOrderSchema>;

export const orderAuthorised = defineEvent({
  type: 'order.authorised',
  v: 1,
  stream: 'exec.orders',
  partitionBy: 'account',
  schema: z.strictObject({
    order: authorisedOrderSchema,
    referencePrice: positiveDecimalText,
    reason: z.string().max(200),
    barTime: epochMsField,
    /** Ed25519 over the canonical text of `order`, base64. */
    signature: z.string().min(80).max(100),
    keyId: z.string().min(1).max(60),
  }),
});
export type OrderAuthorised = z.infer<typeof orderAuthorised.schema>;

export const cancelAuthorised = defineEvent({
  type: 'cancel.authorised',
  v: 1,
  stream: 'exec.orders',
  partitionBy: 'account',
  schema: z.strictObject({
    proposalId: proposalIdField,
    symbol: symbolField,
    clientOrderId: clientOrderIdField,
    reason: z.string().max(200),
  }),
});
