import { z } from 'zod';
import { defineEvent } from './definition.ts';
import { figuresField } from './fields.ts';

export const SEVERITIES = ['info', 'warning', 'critical'] as const;

export const notificationRaised = defineEvent({
  type: 'notification.raised',
  v: 1,
  stream: 'notify.events',
  partitionBy: 'account',
  schema: z.strictObject({
    /** Same key within the de-duplication window: told once, counted. */
    dedupeKey: z.string().min(1).max(200),
    severity: z.enum(SEVERITIES),
    /** Stable code, such as TRADING_HALTED. */
    code: z.string().min(1).max(60),
    title: z.string().min(1).max(200),
    text: z.string().max(2000),
    figures: figuresField,
    raisedBy: z.string().max(60),
  }),
});
export type NotificationRaised = z.infer<typeof notificationRaised.schema>;
