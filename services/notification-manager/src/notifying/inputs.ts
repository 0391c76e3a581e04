import { SEVERITIES } from '@fleet/domain/events';
import { z } from 'zod';

/** Inputs that are no stream entry: they go through the leaseholder's queue like one. */
export const LOCAL = {
  requested: 'notification.requested',
  acked: 'notification.acked',
  attempted: 'delivery.attempted',
  alerted: 'alerts.received',
  pressed: 'button.pressed',
  silenceTried: 'silence.attempted',
  due: 'incident.due',
} as const;

const figuresField = z
  .record(z.string().min(1).max(60), z.union([z.string().max(200), z.number(), z.null()]))
  .refine((figures) => Object.keys(figures).length <= 20, 'must have at most 20 figures');

/** Body of `POST /notify`. */
export const notificationRequestSchema = z.strictObject({
  severity: z.enum(SEVERITIES),
  code: z
    .string()
    .regex(/^[A-Z][A-Z0-9_]{1,59}$/, 'must be capital letters, digits and "_", such as DISK_FULL')
    .meta({ description: 'Stable code, such as DISK_FULL.' }),
  title: z.string().trim().min(1).max(200),
  text: z.string().max(2000).default(''),
  figures: figuresField.default({}),
  dedupeKey: z
    .string()
    .min(1)
    .max(200)
    .optional()
    .meta({ description: 'What is the same thing. The code and the title when absent.' }),
  raisedBy: z.string().trim().min(1).max(60).default('api'),
});
export type NotificationRequest = z.output<typeof notificationRequestSchema>;

export interface AckRequest {
  readonly notificationId: string;
  readonly by: string;
  readonly note: string;
}

/** What became of one attempt to deliver. */
export interface Attempted {
  readonly deliveryId: string;
  readonly attempts: number;
  readonly status: 'pending' | 'sent' | 'failed' | 'expired';
  readonly error: string | null;
  readonly slackTs: string | null;
  /** Slack's id of the channel, which an update of the message needs. */
  readonly slackChannel: string | null;
}

export interface Raised {
  readonly severity: (typeof SEVERITIES)[number];
  readonly code: string;
  readonly title: string;
  readonly text: string;
  readonly figures: Readonly<Record<string, string | number | null>>;
  readonly dedupeKey: string;
  readonly raisedBy: string;
}
