import type { Raised } from '../src/notifying/inputs.ts';
import type { Delivery, Message } from '../src/notifying/notify-state.ts';
import { notificationPolicySchema, type Routing } from '../src/notifying/policy.ts';

export const routing: Routing = {
  ...notificationPolicySchema.parse({
    minimumSeverity: 'info',
    channels: { info: '#info', warning: '#alerts', critical: '#critical' },
    dedupeWindowSeconds: { default: 600, byCode: { QUICK: 60 } },
    delivery: { retrySecondsMin: 1, retrySecondsMax: 300, deliverWithinHours: 24, backlogMax: 10 },
  }),
  slackConfigured: true,
  buttons: ['ack', 'silence'],
  runbookBase: 'https://example.com/runbooks',
};

export function raised(over: Partial<Raised> = {}): Raised {
  return {
    severity: 'warning',
    code: 'FEED_STALE',
    title: 'No bars for 90 s',
    text: 'BTCUSDT is silent.',
    figures: { seconds: 90 },
    dedupeKey: 'feed:BTCUSDT',
    raisedBy: 'market-analyst',
    ...over,
  };
}

export const raisedMessage: Message = {
  notificationId: 'n1',
  severity: 'warning',
  code: 'FEED_STALE',
  title: 'No bars for 90 s',
  body: 'BTCUSDT is silent.',
  figures: { seconds: 90 },
  raisedBy: 'market-analyst',
  at: '2024-08-05T00:00:00.000Z',
  worsened: false,
  untold: 0,
};

export function delivery(over: Partial<Delivery> = {}): Delivery {
  return {
    id: 'n1:1',
    notificationId: 'n1',
    position: 1,
    channel: '#alerts',
    message: raisedMessage,
    action: 'post',
    incidentId: null,
    target: null,
    slackChannel: null,
    status: 'pending',
    attempts: 0,
    lastError: null,
    slackTs: null,
    createdAt: 0,
    settledAt: null,
    ...over,
  };
}
