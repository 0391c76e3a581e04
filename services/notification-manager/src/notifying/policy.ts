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

const codeField = z.string().regex(/^[A-Z][A-Z0-9_]{1,59}$/);

/** What a Slack user, a group of them, or everybody present is called in a message. */
const mentionField = z
  .string()
  .regex(
    /^(here|channel|[UW][A-Z0-9]{7,20}|S[A-Z0-9]{7,20})$/,
    'must be here, channel, a user id (U…) or a user group id (S…)',
  );

const peopleField = z.record(
  z.string().regex(/^[UW][A-Z0-9]{7,20}$/, 'must be a Slack user id such as U0123456789'),
  z.string().regex(/^[^\s@A-Z]+@[^\s@A-Z]+$/, 'must be an identity of operators.yaml, in lower case'),
);

const incidentsField = z.strictObject({
  reopenWithinMinutes: z.int().min(0).max(1_440).default(30),
  closeUnheardAfterHours: z.number().min(0.1).max(720).default(24),
  escalation: z
    .strictObject({
      afterMinutes: z.number().min(0.001).max(1_440).default(10),
      times: z.int().min(0).max(20).default(3),
      channel: channelField.optional(),
      mention: mentionField.optional(),
    })
    .prefault({}),
});

const pageField = z.string().regex(/^[a-z0-9][a-z0-9-]{0,79}\.md$/, 'must be a page such as slack-down.md');

/** `config/notifications.yaml`. */
export const notificationPolicySchema = z.strictObject({
  minimumSeverity: z.enum(SEVERITIES),
  channels: z.strictObject({ info: channelField, warning: channelField, critical: channelField }),
  dedupeWindowSeconds: z.strictObject({
    default: secondsField,
    byCode: z.record(codeField, secondsField),
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
  incidents: incidentsField.prefault({}),
  slack: z.strictObject({ people: peopleField.default({}) }).prefault({}),
  runbooks: z.strictObject({ byCode: z.record(codeField, pageField).default({}) }).prefault({}),
});
export type NotificationPolicy = Readonly<z.output<typeof notificationPolicySchema>>;

/** What the decision uses: the file, and what this service can do. */
export interface Routing extends NotificationPolicy {
  readonly slackConfigured: boolean;
  /** Buttons that can be answered: none without Slack's signing secret, no silence without an Alertmanager. */
  readonly buttons: readonly Button[];
  /** A URL, or a path in the repository. */
  readonly runbookBase: string;
}

export type Button = 'ack' | 'silence';

/** The page for a code, its index where it has none of its own; what is only information has none. */
export function runbookOf(routing: Routing, code: string, severity: Severity): string | null {
  const page = routing.runbooks.byCode[code];
  if (page === undefined && severity === 'info') return null;
  return `${routing.runbookBase.replace(/\/+$/, '')}/${page ?? 'README.md'}`;
}

export function severityRank(severity: Severity): number {
  return SEVERITIES.indexOf(severity);
}

/** Milliseconds of event time during which a key is told once. */
export function windowMs(policy: NotificationPolicy, code: string): number {
  return (policy.dedupeWindowSeconds.byCode[code] ?? policy.dedupeWindowSeconds.default) * 1_000;
}
