import { join } from 'node:path';
import { commonConfigShape, envUrl, loadConfig, loadYaml } from '@fleet/shared/config';
import { z } from 'zod';
import { type NotificationPolicy, notificationPolicySchema } from './notifying/policy.ts';

const schema = z.object({
  ...commonConfigShape,
  PORT: commonConfigShape.PORT.default(7006),
  /** Without it nothing is sent: notifications are stored and logged. */
  SLACK_BOT_TOKEN: z
    .string()
    .regex(/^xoxb-[A-Za-z0-9-]{10,250}$/, 'must be a bot token, which begins with xoxb-')
    .optional(),
  /** Another address of Slack's Web API, for a proxy or a test. */
  SLACK_API_URL: envUrl('http', 'https').optional(),
  /** Of the Slack app's page "Basic Information". Without it messages have no buttons, and none is taken. */
  SLACK_SIGNING_SECRET: z.string().trim().min(16, 'must have at least 16 characters').max(200).optional(),
  /** Bearer of POST /alerts where there is no edge; behind one, ACCESS_DIR holds its hashes. */
  ALERTS_TOKEN: z.string().min(16, 'must have at least 16 characters').max(512).optional(),
  /** With its path prefix, such as http://alertmanager:9093/alertmanager. Without it there is no button for silence. */
  ALERTMANAGER_URL: envUrl('http', 'https').optional(),
  ALERTMANAGER_USER: z.string().trim().min(1).max(100).default('alertmanager'),
  ALERTMANAGER_PASSWORD: z.string().min(1).max(512).optional(),
  /** Where the runbooks can be read: a URL for links, or their path in the repository. */
  RUNBOOK_BASE_URL: z.string().trim().min(1).max(300).default('docs/runbooks'),
});

export type NotifyConfig = z.output<typeof schema>;

/** Throws a ConfigError that lists every fault. */
export function readConfig(env: NodeJS.ProcessEnv = process.env): NotifyConfig {
  return loadConfig(schema, { env, prefix: ['SLACK_', 'ALERTMANAGER_', 'ALERTS_'] });
}

export function readPolicy(config: Pick<NotifyConfig, 'CONFIG_DIR'>): NotificationPolicy {
  return loadYaml(join(config.CONFIG_DIR, 'notifications.yaml'), notificationPolicySchema);
}
