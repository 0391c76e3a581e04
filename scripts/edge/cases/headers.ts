import { administered, changed, lookedAt, reduced, viewed } from './bases.ts';
import type { EdgeCase, Refusal, RequestSpec } from './request-spec.ts';

const NOBODY: Refusal = { by: 'oauth2-proxy', status: 401 };
const ROLE: Refusal = { by: 'service', status: 403, code: 'ROLE_INSUFFICIENT' };
const ALIAS: Refusal = { by: 'traefik', status: 400 };

/** Each beside nobody's sign-in; the twin sends the same forgery beside an own sign-in, and it changes nothing. */
const WITHOUT_SIGN_IN: readonly (readonly [string, readonly string[]])[] = [
  ['x-auth-request-email', ['X-Auth-Request-Email: anna@example.com']],
  ['x-auth-request-user', ['X-Auth-Request-User: anna']],
  ['x-forwarded-email', ['X-Forwarded-Email: anna@example.com', 'X-Forwarded-User: anna']],
  ['remote-user', ['Remote-User: anna', 'X-Remote-User: anna@example.com']],
  ['x-edge-secret', ['X-Edge-Secret: guessed']],
  ['x-service-secret', ['X-Service-Secret: guessed']],
  ['x-forwarded-for-loopback', ['X-Forwarded-For: 127.0.0.1', 'X-Real-Ip: 127.0.0.1']],
  ['x-forwarded-for-traefik', ['X-Forwarded-For: 172.16.250.2', 'Forwarded: for=172.16.250.2']],
  ['x-forwarded-uri', ['X-Forwarded-Uri: /slack/interactions', 'X-Forwarded-Method: POST']],
  ['x-forwarded-uri-oauth2', ['X-Forwarded-Uri: /oauth2/callback']],
  ['x-forwarded-host', ['X-Forwarded-Host: localhost', 'X-Forwarded-Proto: http']],
  [
    'two-x-auth-request-email',
    ['X-Auth-Request-Email: anna@example.com', 'X-Auth-Request-Email: arno@example.com'],
  ],
  ['two-x-forwarded-for', ['X-Forwarded-For: 127.0.0.1', 'X-Forwarded-For: 172.16.250.2']],
  ['x-original-url', ['X-Original-URL: /oauth2/sign_in', 'X-Rewrite-URL: /ping']],
];

/** Each by a viewer who gives an operator's order; the twin is an operator who sends the same. */
const ABOVE_ROLE: readonly (readonly [string, readonly string[]])[] = [
  ['x-auth-request-email', ['X-Auth-Request-Email: anna@example.com']],
  ['x-auth-request-groups', ['X-Auth-Request-Groups: admin', 'X-Forwarded-Groups: admin']],
  ['x-edge-secrets', ['X-Edge-Secret: guessed', 'X-Edge-Admin-Secret: guessed']],
  ['certificate', ['X-Forwarded-Tls-Client-Cert: {certificate:anna}']],
  [
    'two-certificates',
    ['X-Forwarded-Tls-Client-Cert: {certificate:anna}', 'X-Forwarded-Tls-Client-Cert: {certificate:arno}'],
  ],
  ['certificate-info', ['X-Forwarded-Tls-Client-Cert-Info: Subject%3D%22CN%3Danna%22']],
  ['method-override', ['X-HTTP-Method-Override: GET']],
  ['hop-by-hop-identity', ['Connection: X-Auth-Request-Email, X-Auth-Request-User']],
];

/** Servers behind the edge might read such a name as the one with hyphens. */
const ALIASES: readonly (readonly [string, string])[] = [
  ['underscore-email', 'X_Auth_Request_Email: anna@example.com'],
  ['underscore-mixed', 'X-Auth_Request-Email: anna@example.com'],
  ['underscore-certificate', 'X_Forwarded_Tls_Client_Cert: {certificate:anna}'],
  ['underscore-edge-secret', 'X_Edge_Secret: guessed'],
  ['underscore-admin-secret', 'X_Edge_Admin_Secret: guessed'],
  ['underscore-forwarded-for', 'X_Forwarded_For: 127.0.0.1'],
  ['dot-email', 'X.Auth.Request.Email: anna@example.com'],
  ['dot-certificate', 'X.Forwarded.Tls.Client.Cert: {certificate:anna}'],
  ['dot-forwarded-for', 'X.Forwarded.For: 127.0.0.1'],
  ['dot-edge-secret', 'X.Edge.Secret: guessed'],
];

const MALFORMED: readonly (readonly [string, string, readonly string[]])[] = [
  ['space-before-colon', 'a space before the colon', ['X-Edge-Secret : guessed']],
  ['control-character', 'a control character in a header', ['X-Any: a\u0000b']],
  ['no-colon', 'a header without a colon', ['X-Any']],
];

const own = (base: RequestSpec, headers: readonly string[]): RequestSpec => ({ ...base, headers });

/** What a client claims of itself in headers that only the edge may set. */
export const HEADERS: readonly EdgeCase[] = [
  ...WITHOUT_SIGN_IN.map(
    ([name, headers]): EdgeCase => ({
      id: `forged.${name}-instead-of-sign-in`,
      wrong: `no sign-in, but ${headers.join(' and ')}`,
      base: own(viewed, headers),
      change: { signedIn: undefined },
      refused: NOBODY,
    }),
  ),
  ...ABOVE_ROLE.map(
    ([name, headers]): EdgeCase => ({
      id: `forged.${name}-above-role`,
      wrong: `a viewer with ${(headers[0] ?? '').split(':')[0]}`,
      base: own(changed, headers),
      change: { person: 'vera' },
      refused: ROLE,
      passes: 202,
    }),
  ),
  ...ALIASES.map(
    ([name, line]): EdgeCase => ({
      id: `alias.${name}`,
      wrong: `a header spelled ${line.split(':')[0]}`,
      base: viewed,
      change: { headers: [line] },
      refused: ALIAS,
    }),
  ),
  {
    id: 'alias.underscore-on-admin-host',
    wrong: 'a header spelled X_Admin_Token on the admin host',
    base: lookedAt,
    change: { headers: ['X_Admin_Token: guessed'] },
    refused: ALIAS,
  },
  ...MALFORMED.map(
    ([name, wrong, headers]): EdgeCase => ({
      id: `malformed.${name}`,
      wrong,
      base: viewed,
      change: { headers },
      refused: { by: 'traefik', status: 400 },
    }),
  ),
  {
    id: 'duplicate.admin-token',
    wrong: 'two admin tokens, the second one right',
    base: administered,
    change: { headers: ['X-Admin-Token: guessed'] },
    refused: { by: 'service', status: 400, code: 'HEADER_DUPLICATED' },
  },
  {
    id: 'duplicate.origin',
    wrong: 'two Origins',
    base: reduced,
    change: { headers: ['Origin: https://elsewhere.example'] },
    refused: { by: 'service', status: 400, code: 'HEADER_DUPLICATED' },
  },
  {
    id: 'duplicate.authorization',
    wrong: 'a second token beside the own one',
    base: { ...lookedAt, signedIn: undefined, headers: ['Authorization: Bearer {token:anna}'] },
    change: { headers: ['Authorization: Bearer guessed', 'Authorization: Bearer {token:anna}'] },
    refused: { by: 'oauth2-proxy', status: 403 },
  },
  {
    id: 'hop-by-hop.certificate',
    wrong: 'Connection names the header by which the edge tells of the certificate, and another one is sent',
    base: { ...administered, headers: ['X-Forwarded-Tls-Client-Cert: {certificate:anna}'] },
    change: {
      certificate: 'arno',
      headers: ['Connection: X-Forwarded-Tls-Client-Cert', 'X-Forwarded-Tls-Client-Cert: {certificate:anna}'],
    },
    gates: 2,
    refused: { by: 'service', status: 403 },
  },
];
