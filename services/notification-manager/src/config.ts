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
});

export type NotifyConfig = z.output<typeof schema>;

/** Throws a ConfigError that lists every fault. */
export function readConfig(env: NodeJS.ProcessEnv = process.env): NotifyConfig {
  return loadConfig(schema, { env, prefix: ['SLACK_'] });
}

export function readPolicy(config: Pick<NotifyConfig, 'CONFIG_DIR'>): NotificationPolicy {
  return loadYaml(join(config.CONFIG_DIR, 'notifications.yaml'), notificationPolicySchema);
}
