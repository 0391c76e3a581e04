import { z } from 'zod';

/** What the services and the simulator are asked in a replay; more is in their answers, and ignored. */

const tradeIds = z.record(z.string(), z.coerce.number().int().nonnegative());
/** A number, or the things themselves. */
const count = z.union([z.number(), z.array(z.unknown()).transform((list) => list.length)]);

const cursor = z.object({ openTime: z.number(), step: z.enum(['open', 'path', 'close', 'end']) });
export type Cursor = z.output<typeof cursor>;

export const advanceAnswer = z.object({
  done: z.boolean(),
  step: z.enum(['open', 'path', 'close', 'end']),
  openTime: z.number(),
  cycle: z.boolean(),
  cursor,
});
export type AdvanceAnswer = z.output<typeof advanceAnswer>;

export const controlStatus = z.object({
  run: z.string(),
  finished: z.boolean(),
  interval: z.string(),
  cursor: cursor.nullable(),
  total: z.number().nullable(),
  done: z.number(),
});
export type ControlStatus = z.output<typeof controlStatus>;

export const venueAccount = z.object({
  balances: z.record(z.string(), z.object({ free: z.string(), locked: z.string() })),
  openOrders: z.array(z.object({ clientOrderId: z.string() })),
  lastTradeIds: tradeIds,
});
export type VenueAccount = z.output<typeof venueAccount>;

export const executorStatus = z.object({
  execSequence: z.number(),
  lastTradeIds: tradeIds,
  /** Client order ids of what stands at the venue. */
  openOrders: z.array(z.string()),
  openIntents: count,
  /** Stops and cancels that the venue is still to be told. */
  owed: count,
  inFlight: count,
  stateEpoch: z.number(),
});
export type ExecutorStatus = z.output<typeof executorStatus>;

export const bookingStatus = z.object({ execSequence: z.number(), stateEpoch: z.number() });
export type BookingStatus = z.output<typeof bookingStatus>;

export const cycleView = z.object({
  status: z.string(),
  /** Complete, decided on its mark, and so is the flatten that the decision asked for. */
  settled: z.boolean(),
  waitingFor: z.array(z.string()),
  /** Epoch of the trading state after the decision. */
  stateEpoch: z.number().nullable(),
});
export type CycleView = z.output<typeof cycleView>;
