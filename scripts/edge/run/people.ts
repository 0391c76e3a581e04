import { createHash, randomBytes } from 'node:crypto';
import { importJWK, type JWK, SignJWT } from 'jose';
import { z } from 'zod';
import type { TokenName } from '../cases/request-spec.ts';
import { Browser } from '../client/browser.ts';
import { rawRequest } from '../client/raw-request.ts';
import { PEOPLE, type Person } from '../provider/people.ts';
import { signingKey } from '../provider/signing-keys.ts';
import { CLI_REDIRECT, type EdgeStand, ISSUER } from '../stand/edge-stand.ts';

const issued = z.object({ id_token: z.string(), access_token: z.string() });
type Issued = z.output<typeof issued>;

/** Younger than this a genuine token is used again. */
const FRESH_MS = 6_000;
export const COOKIE_NAME = '__Secure-fleet';

/** Sign-ins and tokens of the test's people, all through the real provider; and tokens that it would never issue. */
export class People {
  readonly #stand: EdgeStand;
  readonly #browsers = new Map<Person, Promise<Browser>>();
  readonly #tokens = new Map<string, { at: number; tokens: Promise<Issued> }>();

  /** Sign-ins by the edge so far. */
  signIns = 0;

  constructor(stand: EdgeStand) {
    this.#stand = stand;
  }

  /** A browser that knows the names of the edge and of the provider. */
  browser(person?: Person): Browser {
    const { ports, domain, certificates } = this.#stand;
    return new Browser(({ hostname, port }) => {
      if (hostname === 'identity.test') return { port: ports.identity };
      const own = person === undefined ? undefined : certificates.clients.get(person);
      const tls = {
        servername: hostname,
        rejectUnauthorized: false,
        ...(hostname === `admin.${domain}` && own !== undefined ? own : {}),
      };
      return { port: Number(port), tls };
    });
  }

  /** Signs in anew, at the public host. Rejects when no session came of it. */
  async signIn(person: Person): Promise<Browser> {
    const { domain, ports } = this.#stand;
    this.signIns += 1;
    const browser = this.browser(person);
    const start = new URL(
      `https://app.${domain}:${ports.https}/oauth2/start?rd=%2Fapi%2Forchestrator%2Fstatus`,
    );
    const { answer } = await browser.signIn(start, person);
    if (!this.sessionOf(browser).includes(COOKIE_NAME))
      throw new Error(`${person} could not sign in: ${answer.status} ${answer.body.slice(0, 300)}`);
    return browser;
  }

  /** The session of a browser as a Cookie header. */
  sessionOf(browser: Browser): string {
    const pairs = browser.cookieHeader(`app.${this.#stand.domain}`).split('; ');
    return pairs.filter((pair) => pair.startsWith(`${COOKIE_NAME}=`)).join('; ');
  }

  /** Cookie header of the session that this person has throughout the test. */
  async cookie(person: Person): Promise<string> {
    const found = this.#browsers.get(person) ?? this.signIn(person);
    this.#browsers.set(person, found);
    return this.sessionOf(await found);
  }

  /** Cookie header of a session that has been signed out since. */
  async signedOutCookie(person: Person): Promise<string> {
    const browser = await this.signIn(person);
    const cookie = this.sessionOf(browser);
    const { domain, ports } = this.#stand;
    await browser.visit(new URL(`https://app.${domain}:${ports.https}/oauth2/sign_out`));
    return cookie;
  }

  async token(kind: TokenName, person: Person): Promise<string> {
    switch (kind) {
      case 'fresh':
        return (await this.#genuine('fleet-cli', person)).id_token;
      case 'access-token':
        return (await this.#genuine('fleet-cli', person)).access_token;
      case 'other-audience':
        return (await this.#genuine('another-application', person)).id_token;
      case 'changed-claims':
        return withOtherClaims((await this.#genuine('fleet-cli', 'vera')).id_token);
      default:
        return this.#made(kind, person);
    }
  }

  /** Right in everything but the one thing that its name says. */
  async #made(kind: Exclude<TokenName, 'fresh'>, person: Person): Promise<string> {
    const now = Math.floor(Date.now() / 1_000);
    const { email } = PEOPLE[person];
    const claims = {
      ...{ sub: person, email_verified: true, aud: 'fleet-cli', iat: now, exp: now + 600 },
      iss: kind === 'other-issuer' ? 'http://elsewhere.test:9000' : ISSUER,
      ...(kind === 'without-email' ? {} : { email }),
      ...(kind === 'expired' ? { iat: now - 3_600, exp: now - 60 } : {}),
      ...(kind === 'future' ? { iat: now + 3_600, nbf: now + 3_600, exp: now + 7_200 } : {}),
    };
    const own = this.#stand.providerKey;
    if (kind === 'alg-none')
      return `${encoded({ alg: 'none', typ: 'JWT' })}.${encoded(claims)}.${encoded({})}`;
    if (kind === 'hmac-by-public-key') {
      const { n = '', e = '', kty } = own;
      const password = new TextEncoder().encode(JSON.stringify({ kty, n, e }));
      return new SignJWT(claims).setProtectedHeader({ alg: 'HS256', kid: 'provider' }).sign(password);
    }
    const key: JWK = kind === 'other-key' ? await signingKey('provider') : own;
    return new SignJWT(claims)
      .setProtectedHeader({ alg: 'RS256', kid: 'provider' })
      .sign(await importJWK(key, 'RS256'));
  }

  #genuine(client: string, person: Person): Promise<Issued> {
    const key = `${client} ${person}`;
    const earlier = this.#tokens.get(key);
    if (earlier !== undefined && Date.now() - earlier.at < FRESH_MS) return earlier.tokens;
    const tokens = this.programSignIn(client, person);
    this.#tokens.set(key, { at: Date.now(), tokens });
    return tokens;
  }

  /** As ops_cli signs in: a public client with PKCE and a redirect to the loopback. */
  async programSignIn(client: string, person: Person): Promise<Issued> {
    const verifier = randomBytes(32).toString('base64url');
    const query = new URLSearchParams({
      ...{ client_id: client, response_type: 'code', redirect_uri: CLI_REDIRECT, scope: 'openid email' },
      ...{ state: 'x', nonce: 'y', code_challenge_method: 'S256' },
      code_challenge: createHash('sha256').update(verifier).digest('base64url'),
    });
    const browser = this.browser();
    let visit = await browser.visit(new URL(`${ISSUER}/auth?${query}`));
    for (let hop = 0; hop < 6; hop += 1) {
      const location = visit.answer.headers.get('location')?.[0];
      if (location?.startsWith(CLI_REDIRECT)) return this.#redeem(client, verifier, new URL(location));
      visit =
        location === undefined
          ? await browser.visit(visit.url, { form: `person=${person}` })
          : await browser.visit(new URL(location, visit.url));
    }
    throw new Error(`${person} got no code of ${client}: ${visit.answer.body.slice(0, 200)}`);
  }

  async #redeem(client: string, verifier: string, callback: URL): Promise<Issued> {
    const form = new URLSearchParams({
      ...{ grant_type: 'authorization_code', client_id: client, redirect_uri: CLI_REDIRECT },
      ...{ code: callback.searchParams.get('code') ?? '', code_verifier: verifier },
    }).toString();
    const answer = await rawRequest({
      port: this.#stand.ports.identity,
      parts: [
        `POST /token HTTP/1.1\r\nHost: identity.test:9000\r\nConnection: close\r\n` +
          `Content-Type: application/x-www-form-urlencoded\r\nContent-Length: ${form.length}\r\n\r\n${form}`,
      ],
    });
    if (answer.kind !== 'answer') throw new Error(answer.problem);
    return issued.parse(JSON.parse(answer.body));
  }
}

function withOtherClaims(token: string): string {
  const [head = '', body = '', signature = ''] = token.split('.');
  const claims = JSON.parse(Buffer.from(body, 'base64url').toString()) as Record<string, unknown>;
  return `${head}.${encoded({ ...claims, email: PEOPLE.anna.email })}.${signature}`;
}

function encoded(value: object): string {
  return Buffer.from(JSON.stringify(value)).toString('base64url');
}
