import { administered, asked, stolen, viewed } from './bases.ts';
import { board } from './pages.ts';
import type { CookieName, EdgeCase, Refusal, RequestSpec, TokenName } from './request-spec.ts';

const NOBODY: Refusal = { by: 'oauth2-proxy', status: 401 };
const NO_TOKEN: Refusal = { by: 'oauth2-proxy', status: 403 };

/** The last field: what a service says when a container with the edge's secrets brings such a token. */
const REPLAYED: readonly (readonly [TokenName, string, string])[] = [
  ['expired', 'a token that ended', 'ID_TOKEN_EXPIRED'],
  ['future', 'a token that begins in an hour', 'ID_TOKEN_NOT_YET_VALID'],
  ['other-audience', 'a genuine token for another application', 'ID_TOKEN_INVALID'],
  ['other-issuer', 'a token of another issuer', 'ID_TOKEN_INVALID'],
  ['other-key', 'a token signed by another key of the same name', 'ID_TOKEN_INVALID'],
  ['alg-none', 'a token without a signature', 'ID_TOKEN_INVALID'],
  ['hmac-by-public-key', 'a token signed with the public key as a password', 'ID_TOKEN_INVALID'],
  ['changed-claims', 'a genuine token with another name in it', 'ID_TOKEN_INVALID'],
  ['without-email', 'a token that names nobody', 'ID_TOKEN_INVALID'],
  ['access-token', 'an access token instead of an ID token', 'ID_TOKEN_INVALID'],
];

const COOKIES: readonly (readonly [CookieName, string])[] = [
  ['signed-out', 'a cookie of a session that was signed out'],
  ['forged', 'a cookie that nobody issued'],
  ['shortened', 'a cookie without its last characters'],
];

/** With a genuine token that somebody has got hold of. */
const replayed: RequestSpec = { ...administered, signedIn: 'token', token: 'fresh' };
const direct: RequestSpec = { ...stolen, token: 'fresh' };

export const TOKENS: readonly EdgeCase[] = [
  ...REPLAYED.map(
    ([token, wrong]): EdgeCase => ({
      id: `token.${token}`,
      wrong,
      base: asked,
      change: { token },
      // Verified, but of nobody: as if nobody had signed in.
      refused: token === 'without-email' ? NOBODY : NO_TOKEN,
    }),
  ),
  ...REPLAYED.map(
    ([token, wrong, code]): EdgeCase => ({
      id: `container.token-${token}`,
      wrong: `${wrong}, with the secrets of the edge`,
      base: direct,
      change: { token },
      refused: { by: 'service', status: 401, code },
    }),
  ),
  {
    id: 'token.replayed-without-certificate',
    wrong: 'a genuine token of an admin, replayed without a certificate',
    base: replayed,
    change: { certificate: undefined },
    refused: { by: 'tls', alert: 'CERTIFICATE_REQUIRED' },
  },
  {
    id: 'token.replayed-with-another-certificate',
    wrong: 'a genuine token of an admin, replayed by another one',
    base: replayed,
    change: { certificate: 'arno' },
    refused: { by: 'service', status: 403, code: 'CERTIFICATE_OF_ANOTHER_PERSON' },
  },
  {
    id: 'token.on-public-host',
    wrong:
      'a genuine token where the cookie of a session is the sign-in: whom the edge shows one could bring it back',
    base: viewed,
    change: { signedIn: 'token' },
    refused: NOBODY,
  },
  {
    id: 'token.on-grafana',
    wrong: 'a genuine token at Grafana’s host',
    base: { ...board, path: '/api/health' },
    change: { signedIn: 'token' },
    refused: NOBODY,
    noService: true,
  },
  {
    id: 'token.not-on-the-list',
    wrong: 'a genuine token of somebody who is not on the list',
    base: asked,
    change: { person: 'stranger' },
    refused: NOBODY,
  },
  {
    id: 'container.token-not-on-the-list',
    wrong: 'a genuine token of somebody who is not on the list, with the secrets of the edge',
    base: { ...direct, path: '/status', person: 'vera' },
    change: { person: 'stranger' },
    refused: { by: 'service', status: 403, code: 'IDENTITY_UNKNOWN' },
  },
  ...COOKIES.map(
    ([cookie, wrong]): EdgeCase => ({
      id: `cookie.${cookie}`,
      wrong,
      base: { ...viewed, cookie: 'own' },
      change: { cookie },
      refused: NOBODY,
    }),
  ),
];
