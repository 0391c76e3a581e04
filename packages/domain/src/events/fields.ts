import { z } from 'zod';
import { ORDER_PURPOSES } from '../orders/index.ts';

/** Field schemas that several events share. Times are epoch milliseconds UTC unless named otherwise. */
export const symbolField = z.string().regex(/^[A-Z0-9]{4,20}$/);
export const epochMsField = z.int().nonnegative();
export const cycleIdField = z.string().min(1).max(100);
export const proposalIdField = z.string().regex(/^[0-9a-f]{64}$/);
export const clientOrderIdField = z.string().min(1).max(36);
export const dayField = z.string().regex(/^\d{4}-\d{2}-\d{2}$/);
export const epochField = z.int().nonnegative();
export const sideField = z.enum(['buy', 'sell']);
export const purposeField = z.enum(ORDER_PURPOSES);
export const orderTypeField = z.enum(['market', 'limit', 'stop']);
export const tradingModeField = z.enum(['ACTIVE', 'REDUCING', 'HALTED']);
/** Numbers that a decision used, by name: a denial's detail, an audit's figures. */
export const figuresField = z.record(
  z.string().max(60),
  z.union([z.string().max(200), z.number(), z.null()]),
);
