import { SEVERITIES } from '@fleet/domain/events';
import { z } from 'zod';

export const notificationView = z
  .object({
    id: z.string(),
    severity: z.enum(SEVERITIES),
    code: z.string(),
    title: z.string(),
    text: z.string(),
    figures: z.record(z.string(), z.union([z.string(), z.number(), z.null()])),
    raisedBy: z.string(),
    dedupeKey: z.string(),
    outcome: z.enum(['told', 'stored-only', 'below-minimum']),
    occurrences: z.int(),
    tellings: z.int(),
    firstAt: z.iso.datetime().meta({ description: 'Event time; in a replay that of its market.' }),
    lastAt: z.iso.datetime(),
    ackedBy: z.string().nullable(),
    ackedAt: z.iso.datetime().nullable(),
  })
  .meta({ id: 'Notification' });
export type NotificationView = z.input<typeof notificationView>;

export const deliveryView = z
  .object({
    id: z.string(),
    channel: z.string(),
    status: z.enum(['pending', 'sent', 'failed', 'expired', 'stored-only']),
    attempts: z.int(),
    lastError: z.string().nullable(),
    slackTs: z.string().nullable(),
    createdAt: z.iso.datetime(),
    settledAt: z.iso.datetime().nullable(),
  })
  .meta({ id: 'Delivery' });
export type DeliveryView = z.input<typeof deliveryView>;
