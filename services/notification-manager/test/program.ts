import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { eventId } from '@fleet/domain/events';
import type { TestRedis } from '@fleet/testkit/infrastructure';
import { type ServiceProgram, writeEvents } from '@fleet/testkit/services';

export const RUN = 'notify-test';
export const ALERTS_TOKEN = 'alerts-token-of-the-test';
export const ADMIN_TOKEN = 'admin-token-of-the-test';

const POLICY = `minimumSeverity: info
channels: { info: '#info', warning: '#alerts', critical: '#critical' }
dedupeWindowSeconds: { default: 600, byCode: {} }
delivery: { retrySecondsMin: 0.01, retrySecondsMax: 0.05, deliverWithinHours: 24, backlogMax: 500 }
incidents: { escalation: { afterMinutes: 0.03, times: 1, channel: '#phone', mention: here } }
slack: { people: { U0000ANNA: anna@example.com, U0000VERA: vera@example.com, U0000GONE: gone@example.com } }
`;
const OPERATORS = `operators:
  - { identity: anna@example.com, role: operator }
  - { identity: vera@example.com, role: viewer }
`;

export const PROGRAM: ServiceProgram = {
  home: join(import.meta.dirname, '..'),
  schema: 'notify',
  run: RUN,
  furnish(folder) {
    mkdirSync(join(folder, 'config'));
    writeFileSync(join(folder, 'config/notifications.yaml'), POLICY);
    writeFileSync(join(folder, 'config/operators.yaml'), OPERATORS);
  },
  env: () => ({ ADMIN_TOKEN, ALERTS_TOKEN }),
};

/** Writes a `notification.raised` as any service would. */
export async function raise(
  redis: TestRedis,
  data: { readonly dedupeKey: string; readonly severity?: string; readonly title?: string },
  name = data.dedupeKey,
): Promise<void> {
  const type = 'notification.raised';
  const payload = {
    ...{ severity: 'warning', code: 'TEST_RAISED', title: `Title ${name}`, text: 'Text.', figures: { n: 1 } },
    ...{ raisedBy: 'test', ...data },
  };
  await writeEvents(redis, RUN, [{ id: eventId(RUN, type, name), type, key: 'account', data: payload }]);
}
