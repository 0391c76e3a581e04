import { changed, viewed } from './bases.ts';
import type { EdgeCase, RequestSpec } from './request-spec.ts';

/** As Slack sends it; the signature is over the body and the time. */
const pressed: RequestSpec = {
  from: 'outside',
  entry: 'app',
  person: 'stranger',
  method: 'POST',
  path: '/slack/interactions',
  contentType: 'application/x-www-form-urlencoded',
  headers: ['X-Slack-Request-Timestamp: {slack-now}', 'X-Slack-Signature: {slack-signature}'],
  body: `payload=${encodeURIComponent('{"type":"block_actions","user":{"id":"U0EDGETEST"},"actions":[{"action_id":"fleet_ack","value":"')}{unique}${encodeURIComponent('"}]}')}`,
};

const SLACK_HEADERS = (time: string, signature: string): readonly string[] => [
  `X-Slack-Request-Timestamp: ${time}`,
  `X-Slack-Signature: ${signature}`,
];

export const METHODS: readonly EdgeCase[] = [
  ...(['PUT', 'DELETE', 'PATCH', 'TRACE', 'CONNECT', 'PROPFIND'] as const).map(
    (method): EdgeCase => ({
      id: `method.${method.toLowerCase()}`,
      wrong: `${method} where GET is meant`,
      base: viewed,
      change: { method },
      refused: { by: 'traefik', status: [400, 404, 405, 501] },
    }),
  ),
  {
    id: 'method.lower-case',
    wrong: 'a method in small letters',
    base: viewed,
    change: { method: 'get' },
    refused: { by: 'traefik', status: [400, 404, 405, 501] },
  },
  {
    id: 'method.get-for-a-change',
    wrong: 'GET for an operator’s order',
    base: changed,
    change: { method: 'GET' },
    refused: { by: 'traefik', status: [404, 405] },
    passes: 202,
  },
  {
    id: 'slack.get',
    wrong: 'GET at Slack’s address',
    base: pressed,
    change: { method: 'GET' },
    refused: { by: 'traefik', status: [401, 404, 405] },
  },
  {
    id: 'slack.put',
    wrong: 'PUT at Slack’s address',
    base: pressed,
    change: { method: 'PUT' },
    refused: { by: 'traefik', status: [401, 404, 405] },
  },
  ...(
    [
      ['below', '/slack/interactions/more'],
      ['slash', '/slack/interactions/'],
      ['upper-case', '/Slack/Interactions'],
      ['other', '/slack/commands'],
      ['out-of-it', '/slack/interactions/../../api/orchestrator/status'],
      ['by-api', '/api/notification-manager/slack/interactions'],
    ] as const
  ).map(
    ([name, path]): EdgeCase => ({
      id: `slack.path-${name}`,
      wrong: `${path} without a sign-in`,
      base: pressed,
      change: { path },
      refused: { by: 'traefik', status: [400, 404, 405] },
    }),
  ),
  {
    id: 'slack.on-admin-host',
    wrong: 'Slack’s address at the admin host, without a certificate',
    base: pressed,
    change: { entry: 'admin' },
    refused: { by: 'tls', alert: 'CERTIFICATE_REQUIRED' },
  },
  {
    id: 'slack.no-signature',
    wrong: 'no signature',
    base: pressed,
    change: { headers: [] },
    refused: { by: 'service', status: 401 },
  },
  {
    id: 'slack.wrong-signature',
    wrong: 'a signature by another secret',
    base: pressed,
    change: { headers: SLACK_HEADERS('{slack-now}', `v0=${'0'.repeat(64)}`) },
    refused: { by: 'service', status: 401 },
  },
  {
    id: 'slack.old',
    wrong: 'a signature of ten minutes ago',
    base: pressed,
    change: { headers: SLACK_HEADERS('{slack-old}', '{slack-signature-old}') },
    refused: { by: 'service', status: 401 },
  },
  {
    id: 'slack.other-body',
    wrong: 'a right signature over another body',
    base: pressed,
    change: { headers: SLACK_HEADERS('{slack-now}', '{slack-signature-of-another-body}') },
    refused: { by: 'service', status: 401 },
  },
];
