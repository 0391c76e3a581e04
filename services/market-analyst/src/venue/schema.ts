import { z } from 'zod';

/** Vendors' messages are read loosely: they add fields when they like. */

const price = z.string().min(1).max(40);

/** One row of `GET /api/v3/klines`: open time, open, high, low, close, volume, close time, … */
export const klineRowSchema = z.tuple([z.int(), price, price, price, price, price, z.int()], z.unknown());
export const klineRowsSchema = z.array(klineRowSchema);

/** A `kline` message of the stream; `x` is true once, when the bar is closed. */
export const klineMessageSchema = z.looseObject({
  k: z.looseObject({
    t: z.int(),
    s: z.string(),
    i: z.string(),
    o: price,
    h: price,
    l: price,
    c: price,
    v: price,
    x: z.boolean(),
  }),
});
