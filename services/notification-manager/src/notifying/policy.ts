import { SEVERITIES } from '@fleet/domain/events';
import { z } from 'zod';

export type Severity = (typeof SEVERITIES)[number];

const channelField = z
  .string()
  .regex(/^(#[a-z0-9][a-z0-9_-]{0,79}|[CG][A-Z0-9]{8,20})$/, 'must be a channel such as "#alerts" or an id');
const secondsField = z
  .int()
  .min(0)
  .max(7 * 86_400);

/** `config/notifications.yaml`. */
export const notificationPolicySchema = z.strictObject({
  minimumSeverity: z.enum(SEVERITIES),
  channels: z.strictObject({ info: channelField, warning: channelField, critical: channelField }),
  dedupeWindowSeconds: z.strictObject({
    default: secondsField,
    byCode: z.record(z.string().regex(/^[A-Z][A-Z0-9_]{1,59}$/), secondsField),
  }),
  delivery: z
    .strictObject({
      retrySecondsMin: z.number().min(0.01).max(60),
      retrySecondsMax: z.number().min(0.01).max(3_600),
      deliverWithinHours: z.number().min(0.1).max(168),
      backlogMax: z.int().min(10).max(10_000),
    })
    .refine((delivery) => delivery.retrySecondsMin <= delivery.retrySecondsMax, {
      message: 'must not be below retrySecondsMin',
      path: ['retrySecondsMax'],
    }),
});
export type NotificationPolicy = Readonly<z.output<typeof notificationPolicySchema>>;

/** What the decision uses: the file, and whether there is a Slack to send to. */
export interface Routing extends NotificationPolicy {
  readonly slackConfigured: boolean;
}

export function severityRank(severity: Severity): number {
  return SEVERITIES.indexOf(severity);
}

/** Milliseconds of event time during which a key is told once. */
export function windowMs(policy: NotificationPolicy, code: string): number {
  return (policy.dedupeWindowSeconds.byCode[code] ?? policy.dedupeWindowSeconds.default) * 1_000;
}
