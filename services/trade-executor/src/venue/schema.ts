import { z } from 'zod';

/** Vendors' messages are read loosely: they add fields when they like. */

const amount = z.string().regex(/^\d+(\.\d+)?$/, 'must be a plain decimal');
/** The client turns long integers into texts, so that none loses a digit. */
const id = z.union([z.int(), z.string().regex(/^\d+$/)]).transform(String);
const time = z.coerce.number().int();
const side = z.enum(['BUY', 'SELL']);

/** Answer to an order query, and the RESULT form of the answer to a new order. */
export const orderSchema = z.looseObject({
  symbol: z.string(),
  orderId: id,
  clientOrderId: z.string(),
  status: z.string(),
  type: z.string(),
  side,
  origQty: amount,
  executedQty: amount,
  /** Query, new order, and order list have the time under different names. */
  updateTime: time.optional(),
  transactTime: time.optional(),
});
export const ordersSchema = z.array(orderSchema);

/** Answer to a cancel: `origClientOrderId` is the order's, `clientOrderId` the cancel's. */
export const canceledSchema = orderSchema.extend({ origClientOrderId: z.string() });

export const replacedSchema = z.looseObject({
  cancelResult: z.literal('SUCCESS'),
  newOrderResult: z.literal('SUCCESS'),
  cancelResponse: canceledSchema,
  newOrderResponse: orderSchema,
});

const failureSchema = z.looseObject({ code: z.number(), msg: z.string() });

/** `data` of a cancel-replace that was not wholly done (codes -2021 and -2022). */
export const replaceFailureSchema = z.looseObject({
  cancelResult: z.enum(['SUCCESS', 'FAILURE']),
  newOrderResult: z.enum(['SUCCESS', 'FAILURE', 'NOT_ATTEMPTED']),
  cancelResponse: z.union([canceledSchema, failureSchema]),
  newOrderResponse: z.union([orderSchema, failureSchema]).nullish(),
});

export const tradesSchema = z.array(
  z.looseObject({
    symbol: z.string(),
    id: z.coerce.number().int(),
    orderId: id,
    price: amount,
    qty: amount,
    quoteQty: amount,
    commission: amount,
    commissionAsset: z.string(),
    time,
    isBuyer: z.boolean(),
    isMaker: z.boolean(),
  }),
);

export const accountSchema = z.looseObject({
  updateTime: time,
  balances: z.array(z.looseObject({ asset: z.string(), free: amount, locked: amount })),
});

/** Open time, open, high, low, close, volume, close time, … */
export const klinesSchema = z.array(
  z.tuple([time, amount, amount, amount, amount, amount, time], z.unknown()),
);

export const executionReportSchema = z.looseObject({
  s: z.string(),
  /** Client order id; of a cancel the cancel's own, with the order's in `C`. */
  c: z.string(),
  C: z.string().nullish(),
  S: side,
  o: z.string(),
  q: amount,
  /** What happened, and the state after it. */
  x: z.string(),
  X: z.string(),
  i: id,
  /** Last executed quantity, price and quote; executed altogether. */
  l: amount,
  L: amount,
  Y: amount,
  z: amount,
  n: amount,
  N: z.string().nullish(),
  T: time,
  t: z.coerce.number().int(),
  I: id,
  m: z.boolean(),
});

export const balanceUpdateSchema = z.looseObject({
  a: z.string(),
  d: z.string().regex(/^-?\d+(\.\d+)?$/),
  T: time,
});

export const serverTimeSchema = z.looseObject({ serverTime: z.number() });
