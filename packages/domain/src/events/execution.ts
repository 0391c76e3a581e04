import { z } from 'zod';
import { decimalText, positiveDecimalText, unsignedDecimalText } from '../money/index.ts';
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
  tradingModeField,
} from './fields.ts';

/**
 * Every event of `exec.status` carries the account's sequence, rising by one: who books them can tell a gap,
 * and says with it (`ledgerVersion`) how far it is.
 */
const sequenced = { sequence: z.int().positive() };

const orderHead = {
  ...sequenced,
  /** Null for orders that are not ours (EXTERNAL). */
  proposalId: proposalIdField.nullable(),
  clientOrderId: clientOrderIdField,
  venueOrderId: z.string().max(60).nullable(),
  cycleId: cycleIdField.nullable(),
  symbol: symbolField,
  side: sideField,
  type: orderTypeField,
  purpose: purposeField,
  quantity: positiveDecimalText,
  /** Market time of what happened. */
  time: epochMsField,
};

const status = <Shape extends z.ZodRawShape>(type: string, shape: Shape) =>
  defineEvent({ type, v: 1, stream: 'exec.status', partitionBy: 'account', schema: z.strictObject(shape) });

/** The venue holds the order. `triggerPrice` for stops. */
export const orderAccepted = status('order.accepted', {
  ...orderHead,
  limitPrice: positiveDecimalText.nullable(),
  triggerPrice: positiveDecimalText.nullable(),
});

/** One trade of an order, with the venue's own numbers. */
export const orderFilled = status('order.filled', {
  ...orderHead,
  tradeId: z.string().min(1).max(60),
  price: positiveDecimalText,
  fillQuantity: positiveDecimalText,
  quoteQuantity: positiveDecimalText,
  fee: unsignedDecimalText,
  feeAsset: z.string().min(1).max(12),
  maker: z.boolean(),
  /** Base units filled so far, this fill included. */
  filledQuantity: positiveDecimalText,
  complete: z.boolean(),
  /** Of the approval: what the fill is measured against and how far its stop stands. */
  referencePrice: positiveDecimalText.nullable(),
  stopDistance: positiveDecimalText.nullable(),
  reason: z.string().max(200),
});
export type OrderFilled = z.infer<typeof orderFilled.schema>;

const ended = { ...orderHead, filledQuantity: unsignedDecimalText, reason: z.string().max(300) };
export const orderCanceled = status('order.canceled', ended);
export const orderExpired = status('order.expired', ended);
/** Refused: by the venue, or by the executor itself (signature, expiry, trading state); `code` says which. */
export const orderRejected = status('order.rejected', { ...ended, code: z.string().min(1).max(60) });

/** Nobody knows what became of it: the symbol is frozen until queries settle it. */
export const orderUnknown = status('order.unknown', { ...orderHead, reason: z.string().max(300) });
export const orderResolved = status('order.resolved', {
  ...orderHead,
  outcome: z.enum(['found', 'absent']),
  state: z.string().max(30),
});

/** Balances at the venue: the opening of the ledger, later only compared. */
export const accountSnapshot = status('account.snapshot', {
  ...sequenced,
  balances: z.record(
    z.string().max(12),
    z.strictObject({ free: unsignedDecimalText, locked: unsignedDecimalText }),
  ),
  time: epochMsField,
});
export type AccountSnapshot = z.infer<typeof accountSnapshot.schema>;

/** A deposit (positive) or withdrawal (negative) that no order explains. */
export const cashMoved = status('cash.moved', {
  ...sequenced,
  asset: z.string().max(12),
  amount: decimalText,
  time: epochMsField,
  reason: z.string().max(200),
});

export const reconciliationCompleted = status('reconciliation.completed', {
  ...sequenced,
  clean: z.boolean(),
  differences: z.array(
    z.strictObject({
      kind: z.enum(['balance', 'order', 'fill']),
      subject: z.string().max(100),
      ours: z.string().max(100),
      venue: z.string().max(100),
    }),
  ),
  frozenSymbols: z.array(symbolField),
  time: epochMsField,
});

/** The executor has stored the epoch and nothing of an older one is in flight. */
export const tradingStateApplied = status('trading-state.applied', {
  ...sequenced,
  epoch: epochField,
  mode: tradingModeField,
  time: epochMsField,
  figures: figuresField,
});
