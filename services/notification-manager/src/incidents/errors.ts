import { defineError } from '@fleet/shared/errors';

export const AlertsHeldBack = defineError({
  code: 'ALERTS_HELD_BACK',
  title: 'Too much waits for Slack to take further alerts',
  status: 503,
  retry: 'retry',
  action:
    'Alertmanager repeats the webhook by itself. Look at the state of Slack that GET /status of the notification manager names.',
});
