import { createHash, randomBytes } from 'node:crypto';
import { readFileSync } from 'node:fs';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { type Identity, OidcClient } from './oidc-client.ts';
import { cookieOf, returnTo, trustedProxies } from './request-facts.ts';
import { Sessions } from './sessions.ts';
import type { DoubleSettings } from './settings.ts';

interface SignIn {
  readonly nonce: string;
  readonly verifier: string | undefined;
  readonly rd: string;
  /** What the browser must bring back in its cookie. */
  readonly secret: string;
}

const JWT = /^ey[\w-]*\.ey[\w-]*\.[\w-]+$/;
const random = (): string => randomBytes(24).toString('base64url');
const sha256 = (text: string): string => createHash('sha256').update(text).digest('base64url');

/**
 * Answers as oauth2-proxy 7.15 answers behind a proxy that asks it (its documentation, "Integration", and `AuthOnly`,
 * `OAuthStart`, `OAuthCallback`, `SignOut` of its oauthproxy.go). Not a sign-in proxy: it stands in where the real one
 * cannot be had, and keeps its sessions in its own memory instead of Redis.
 */
export class ProxyDouble {
  readonly #settings: DoubleSettings;
  readonly #client: OidcClient;
  readonly #sessions: Sessions;
  readonly #isTrusted: (request: IncomingMessage) => boolean;
  readonly #signIns = new Map<string, SignIn>();
  /** Answers by status. */
  readonly count = new Map<number, number>();

  constructor(settings: DoubleSettings) {
    this.#settings = settings;
    this.#client = new OidcClient(settings);
    this.#sessions = new Sessions({ client: this.#client, refreshAfter: settings.cookie_refresh });
    this.#isTrusted = trustedProxies(settings.trusted_proxy_ips);
  }

  readonly handle = (request: IncomingMessage, response: ServerResponse): void => {
    const path = (request.url ?? '/').split('?')[0] ?? '/';
    if (path === '/ping' || path === '/ready') {
      response.end('OK');
      return;
    }
    response.on('finish', () =>
      this.count.set(response.statusCode, (this.count.get(response.statusCode) ?? 0) + 1),
    );
    this.#answer(path, request, response).catch((error: unknown) => {
      process.stderr.write(`${request.method} ${path}: ${String(error)}\n`);
      plain(response, 500, 'Internal Server Error');
    });
  };

  async #answer(path: string, request: IncomingMessage, response: ServerResponse): Promise<void> {
    const prefix = this.#settings.proxy_prefix;
    switch (path) {
      case `${prefix}/auth`:
        return this.#auth(request, response, () => plain(response, 401, 'Unauthorized'));
      case `${prefix}/start`:
        return this.#start(request, response);
      case `${prefix}/sign_in`:
        return this.#signInPage(request, response, 200);
      case `${prefix}/callback`:
        return this.#callback(request, response);
      case `${prefix}/sign_out`:
        return this.#signOut(request, response);
      default:
        return this.#auth(request, response, () => this.#signInPage(request, response, 403));
    }
  }

  async #auth(
    request: IncomingMessage,
    response: ServerResponse,
    refuse: () => Promise<void> | void,
  ): Promise<void> {
    const bearer = await this.#bearer(request);
    if (bearer === 'denied') return plain(response, 403, 'Forbidden');
    const ticket = cookieOf(request, this.#settings.cookie_name);
    const identity = bearer ?? (ticket === undefined ? undefined : await this.#sessions.find(ticket));
    if (identity === undefined || !this.#isKnown(identity)) {
      if (identity !== undefined && ticket !== undefined) this.#sessions.close(ticket);
      if (ticket !== undefined) this.#setCookie(response, this.#settings.cookie_name, '');
      return refuse();
    }
    const allowed = new URL(request.url ?? '/', 'http://any').searchParams.get('allowed_emails');
    if (allowed !== null && !allowed.split(',').includes(identity.email))
      return plain(response, 403, 'Forbidden');
    if (this.#settings.set_xauthrequest) {
      response.setHeader('X-Auth-Request-User', identity.user);
      response.setHeader('X-Auth-Request-Email', identity.email);
    }
    if (this.#settings.set_authorization_header)
      response.setHeader('Authorization', `Bearer ${identity.idToken}`);
    response.statusCode = 202;
    response.end();
  }

  /** A JWT in `Authorization` is a session of its own and goes before the cookie. */
  async #bearer(request: IncomingMessage): Promise<Identity | 'denied' | undefined> {
    const { authorization } = request.headers;
    if (!this.#settings.skip_jwt_bearer_tokens || authorization === undefined) return undefined;
    const token = /^Bearer (.+)$/.exec(authorization)?.[1] ?? '';
    const audiences = [this.#client.clientId, ...this.#settings.oidc_extra_audiences];
    const found = JWT.test(token)
      ? await this.#client.verify(token, audiences).catch(() => undefined)
      : undefined;
    if (found === undefined && !this.#settings.bearer_token_login_fallback) return 'denied';
    return found;
  }

  /** Read each time, as the file may be replaced while this runs. */
  #isKnown({ email }: Identity): boolean {
    const lines = readFileSync(this.#settings.authenticated_emails_file, 'utf8').split('\n');
    return lines.some((line) => line.trim().toLowerCase() === email.toLowerCase());
  }

  async #signInPage(request: IncomingMessage, response: ServerResponse, status: number): Promise<void> {
    if (this.#settings.skip_provider_button) return this.#start(request, response);
    const rd = encodeURIComponent(this.#returnTo(request));
    const start = `${this.#settings.proxy_prefix}/start?rd=${rd}`;
    response.setHeader('Content-Type', 'text/html; charset=utf-8');
    response.statusCode = status;
    response.end(`<a href="${start}">Sign in</a>`);
  }

  async #start(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { redirect_url, scope, code_challenge_method, cookie_name } = this.#settings;
    const verifier = code_challenge_method === undefined ? undefined : random() + random();
    const signIn = { nonce: random(), verifier, rd: this.#returnTo(request), secret: random() };
    const state = random();
    const endpoint = await this.#client.authorizationEndpoint();
    this.#signIns.set(state, signIn);
    const query = new URLSearchParams({
      ...{ client_id: this.#client.clientId, response_type: 'code', redirect_uri: redirect_url, scope },
      ...{ state: `${state}:${signIn.rd}`, nonce: signIn.nonce },
      ...(verifier === undefined ? {} : { code_challenge: sha256(verifier), code_challenge_method: 'S256' }),
    });
    this.#setCookie(response, `${cookie_name}_csrf`, signIn.secret);
    redirect(response, `${endpoint}?${query}`);
  }

  async #callback(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const query = new URL(request.url ?? '/', 'http://any').searchParams;
    const state = (query.get('state') ?? '').split(':')[0] ?? '';
    const signIn = this.#signIns.get(state);
    const secret = cookieOf(request, `${this.#settings.cookie_name}_csrf`);
    if (signIn === undefined || secret !== signIn.secret)
      return plain(response, 403, 'Login Failed: Unable to find a valid CSRF token. Please try again.');
    this.#signIns.delete(state);
    const identity = await this.#client.redeem(query.get('code') ?? '', signIn.verifier, signIn.nonce);
    if (!this.#isKnown(identity)) return plain(response, 403, 'Invalid session: unauthorized');
    this.#setCookie(response, `${this.#settings.cookie_name}_csrf`, '');
    this.#setCookie(response, this.#settings.cookie_name, this.#sessions.open(identity));
    redirect(response, signIn.rd);
  }

  #signOut(request: IncomingMessage, response: ServerResponse): void {
    const ticket = cookieOf(request, this.#settings.cookie_name);
    if (ticket !== undefined) this.#sessions.close(ticket);
    this.#setCookie(response, this.#settings.cookie_name, '');
    redirect(response, this.#returnTo(request));
  }

  #returnTo(request: IncomingMessage): string {
    const trusted = this.#settings.reverse_proxy && this.#isTrusted(request);
    return returnTo(request, trusted, this.#settings.whitelist_domains);
  }

  #setCookie(response: ServerResponse, name: string, value: string): void {
    const settings = this.#settings;
    const parts = [
      `${name}=${value}`,
      'Path=/',
      ...(settings.cookie_domains[0] === undefined ? [] : [`Domain=${settings.cookie_domains[0]}`]),
      `Max-Age=${value === '' ? 0 : settings.cookie_expire}`,
      ...(settings.cookie_httponly ? ['HttpOnly'] : []),
      ...(settings.cookie_secure ? ['Secure'] : []),
      ...(settings.cookie_samesite === undefined ? [] : [`SameSite=${settings.cookie_samesite}`]),
    ];
    response.appendHeader('Set-Cookie', parts.join('; '));
  }
}

function redirect(response: ServerResponse, location: string): void {
  response.statusCode = 302;
  response.setHeader('Location', location);
  response.end();
}

function plain(response: ServerResponse, status: number, text: string): void {
  response.statusCode = status;
  response.setHeader('Content-Type', 'text/plain; charset=utf-8');
  response.end(`${text}\n`);
}
