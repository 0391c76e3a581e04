import { randomUUID } from 'node:crypto';
import { defineError } from '@fleet/shared/errors';
import { type RequestContext, rawEndpoint } from '@fleet/shared/http';
import type { Request, Response } from 'express';
import { alertsReceived, webhookSchema } from '../incidents/alertmanager-webhook.ts';
import { LOCAL } from '../notifying/inputs.ts';
import type { NotifyDeps } from './deps.ts';
import { rawBody } from './raw-body.ts';

const BODY_BYTES_MAX = 2 * 1024 * 1024;
const STORE_MS_MAX = 10_000;

export const AlertsTokenWrong = defineError({
  code: 'ALERTS_TOKEN_WRONG',
  title: 'This route takes alerts of Alertmanager alone, and the bearer token is missing or wrong',
  status: 401,
  retry: 'park',
  action:
    'Give Alertmanager the current alerts_token as credentials of its webhook; it may have been rotated since.',
});
export const AlertsNotConfigured = defineError({
  code: 'ALERTS_NOT_CONFIGURED',
  title: 'No token for alerts is set',
  status: 503,
  retry: 'retry',
  action: 'Write alerts_token_hashes into ACCESS_DIR, or set ALERTS_TOKEN_FILE where there is no edge.',
});
export const AlertsInvalid = defineError({
  code: 'ALERTS_INVALID',
  title: 'The body is no webhook of Alertmanager, version 4',
  status: 400,
  retry: 'park',
  action: 'Point a webhook_configs receiver of Alertmanager 0.16 or later at this address, and nothing else.',
});
export const AlertsTooLarge = defineError({
  code: 'ALERTS_TOO_LARGE',
  title: 'The webhook is larger than this service takes',
  status: 413,
  retry: 'park',
  action: 'Set max_alerts (such as 200) in the webhook_configs of Alertmanager, or group alerts more finely.',
});
export const AlertsNotStored = defineError({
  code: 'ALERTS_NOT_STORED',
  title: 'The alerts could not be stored in time',
  status: 503,
  retry: 'retry',
  action: 'Alertmanager repeats the webhook by itself. Look at Postgres and at which replica leads.',
});

export const postAlerts = rawEndpoint<NotifyDeps>({
  method: 'post',
  path: '/alerts',
  summary: 'Alerts of Alertmanager (webhook, version 4)',
  description:
    'Needs `Authorization: Bearer <alerts token>`. Answers 200 when the alerts are stored; anything else has Alertmanager come again. The same webhook may come any number of times.',
  consumes: 'application/json',
  produces: 'application/json',
  errors: [
    ...['ALERTS_TOKEN_WRONG', 'ALERTS_NOT_CONFIGURED', 'ALERTS_INVALID', 'ALERTS_TOO_LARGE'],
    ...['ALERTS_NOT_STORED', 'ALERTS_HELD_BACK', 'NOT_LEADER', 'QUEUE_FULL'],
  ],
  handle: async (deps, request, response, context) => {
    try {
      await take(deps, request, response, context);
    } catch (error) {
      deps.metrics.alertsRefused(outcomeOf(error));
      throw error;
    }
  },
});

async function take(deps: NotifyDeps, request: Request, response: Response, context: RequestContext) {
  authorize(deps, request);
  const body = await rawBody(request, BODY_BYTES_MAX);
  if (body === undefined) throw new AlertsTooLarge(`more than ${BODY_BYTES_MAX} bytes`);
  const webhook = webhookSchema.safeParse(parsedJson(body));
  if (!webhook.success) {
    const fields = webhook.error.issues.map(({ path, message }) => `${path.join('.')}: ${message}`);
    throw new AlertsInvalid(fields.join('; ').slice(0, 300));
  }
  if (webhook.data.truncatedAlerts > 0)
    context.logger.warn(
      { truncated: webhook.data.truncatedAlerts },
      'Alertmanager left alerts of a group out',
    );
  const { requestId, traceparent } = context;
  const input = { id: randomUUID(), type: LOCAL.alerted, key: webhook.data.groupKey.slice(0, 200) };
  const stored = deps.submit({
    ...{ ...input, ts: new Date(deps.wall()).toISOString(), data: alertsReceived(webhook.data) },
    ...{ requestId, traceparent },
  });
  const counts = await deps.within(stored, STORE_MS_MAX, () => new AlertsNotStored());
  response.status(200).json({ stored: true, alerts: counts });
}

function authorize({ isAlertsToken }: NotifyDeps, request: Request): void {
  const [scheme = '', token = ''] = (request.get('authorization') ?? '').split(' ');
  const known = isAlertsToken(scheme.toLowerCase() === 'bearer' ? token : '');
  if (known === undefined) throw new AlertsNotConfigured();
  if (!known) throw new AlertsTokenWrong();
}

function parsedJson(body: Buffer): unknown {
  try {
    return JSON.parse(body.toString('utf8'));
  } catch {
    throw new AlertsInvalid('the body is not JSON');
  }
}

function outcomeOf(error: unknown): string {
  if (error instanceof AlertsTokenWrong || error instanceof AlertsNotConfigured) return 'unauthorized';
  if (error instanceof AlertsInvalid) return 'invalid';
  if (error instanceof AlertsTooLarge) return 'too-large';
  return 'not-stored';
}
