import { z } from 'zod';
import { decimalText } from '../money/index.ts';
import { defineEvent } from './definition.ts';
import { cycleIdField, dayField, epochField, epochMsField, symbolField, tradingModeField } from './fields.ts';

const command = <Shape extends z.ZodRawShape>(type: string, shape: Shape) =>
  defineEvent({
    type,
    v: 1,
    stream: 'orchestrator.commands',
    partitionBy: 'all',
    schema: z.strictObject(shape),
  });

/** Why the trading state is what it is; also what may lift it. */
export const STATE_REASONS = [
  'START',
  'ADMIN',
  'DAILY_TARGET',
  'DAILY_LOSS_CAP',
  'CIRCUIT_BREAKER',
  'RECONCILIATION',
  'MARKET_DATA',
  'FLATTENING',
  'FLATTENED',
  'NEW_DAY',
  'RECOVERED',
] as const;

/** The record of the trading state; also the value of the Redis key that the executor reads. */
export const tradingStateSchema = z.strictObject({
  mode: tradingModeField,
  epoch: epochField,
  reason: z.enum(STATE_REASONS),
  /** Reason that a FLATTENING or FLATTENED state came from. */
  cause: z.enum(STATE_REASONS).nullable(),
  detail: z.string().max(300),
  actor: z.string().min(1).max(100),
  /** Cycle whose mark decided it: approvals of that cycle still pass. Null for a person's decision. */
  cycleId: cycleIdField.nullable(),
  flattenId: z.string().max(100).nullable(),
  day: dayField.nullable(),
  since: epochMsField,
});
export type TradingState = Readonly<z.infer<typeof tradingStateSchema>>;

export const tradingStateChanged = command('trading-state.changed', { state: tradingStateSchema });

export const dayOpened = command('day.opened', {
  day: dayField,
  /** Equity of the last mark before the day. */
  openingEquity: decimalText,
  openingEquityMark: z.number(),
  openedAt: epochMsField,
});
export type DayOpened = z.infer<typeof dayOpened.schema>;

export const dayClosed = command('day.closed', {
  day: dayField,
  closingEquity: decimalText,
  closingEquityMark: z.number(),
  pnlPct: z.number(),
  targetReached: z.boolean(),
  lossCapReached: z.boolean(),
  closedAt: epochMsField,
});

export const analyzeRequested = command('analyze.requested', {
  analysisId: z.string().min(1).max(100),
  symbols: z.array(symbolField).min(1),
  requestedBy: z.string().max(100),
});

/** Sell everything sellable; the sells carry the `flattenId`. */
export const flattenRequested = command('flatten.requested', {
  flattenId: z.string().min(1).max(100),
  stateEpoch: epochField,
  cycleId: cycleIdField.nullable(),
  requestedBy: z.string().max(100),
});

/** Cancel open entries; protective stops stay unless `cancelStops`. */
export const cancelAllRequested = command('cancel-all.requested', {
  requestId: z.string().min(1).max(100),
  cancelStops: z.boolean(),
  cycleId: cycleIdField.nullable(),
  requestedBy: z.string().max(100),
});
