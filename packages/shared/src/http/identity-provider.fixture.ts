import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { exportJWK, generateKeyPair } from 'jose';
import Provider, { type JWK } from 'oidc-provider';

const CLIENT = { client_id: 'fleet', client_secret: 'secret-of-the-client-of-the-test' };
const REDIRECT = 'http://127.0.0.1:9/callback';

/** A real OpenID provider on the loopback whose sign-in page lets everybody be who they say. */
export class IdentityProviderFixture {
  readonly #server: Server;
  readonly #keys: JWK[] = [];
  #port = 0;
  #provider: Provider | undefined;
  #signingIn = '';
  /** Seconds. */
  #life = 300;

  constructor() {
    this.#server = createServer((request, response) => this.#handle(request, response));
  }

  get issuer(): string {
    return `http://127.0.0.1:${this.#port}`;
  }

  get jwksUrl(): string {
    return `${this.issuer}/jwks`;
  }

  /** Listens again where it did before. */
  async open(): Promise<void> {
    this.#server.listen(this.#port, '127.0.0.1');
    await once(this.#server, 'listening');
    this.#port = (this.#server.address() as AddressInfo).port;
    if (this.#keys.length === 0) await this.rotate();
  }

  /** Signs with a new key from now on; the earlier ones stay listed. */
  async rotate(): Promise<void> {
    const { privateKey } = await generateKeyPair('RS256', { extractable: true });
    const key = { ...(await exportJWK(privateKey)), kid: `k${this.#keys.length}`, alg: 'RS256', use: 'sig' };
    this.#keys.unshift(key as JWK);
    this.#configure();
  }

  async close(): Promise<void> {
    if (!this.#server.listening) return;
    const closed = once(this.#server, 'close');
    this.#server.close();
    this.#server.closeAllConnections();
    await closed;
  }

  /** Walks through the code flow as a browser would. */
  async signIn(email: string, lifeSeconds = 300): Promise<string> {
    this.#signingIn = email;
    if (lifeSeconds !== this.#life) {
      this.#life = lifeSeconds;
      this.#configure();
    }
    const cookies = new Map<string, string>();
    const query = {
      client_id: CLIENT.client_id,
      response_type: 'code',
      scope: 'openid email',
      redirect_uri: REDIRECT,
    };
    let url = `${this.issuer}/auth?${new URLSearchParams(query)}`;
    for (let step = 0; !url.startsWith(REDIRECT); step += 1) {
      if (step > 8) throw new Error(`the sign-in does not end: ${url}`);
      const cookie = [...cookies].map(([name, value]) => `${name}=${value}`).join('; ');
      const response = await fetch(url, { redirect: 'manual', headers: { cookie } });
      for (const line of response.headers.getSetCookie()) {
        const [name = '', value = ''] = (line.split(';')[0] ?? '').split('=');
        cookies.set(name, value);
      }
      const location = response.headers.get('location');
      if (location === null) throw new Error(`${response.status}: ${await response.text()}`);
      url = new URL(location, url).href;
    }
    return this.#redeem(new URL(url).searchParams.get('code') ?? '');
  }

  async #redeem(code: string): Promise<string> {
    const response = await fetch(`${this.issuer}/token`, {
      method: 'POST',
      body: new URLSearchParams({
        grant_type: 'authorization_code',
        code,
        redirect_uri: REDIRECT,
        ...CLIENT,
      }),
    });
    const { id_token: token } = (await response.json()) as { id_token?: string };
    if (token === undefined) throw new Error(`no ID token: ${response.status}`);
    return token;
  }

  #configure(): void {
    this.#provider = new Provider(this.issuer, {
      clients: [{ ...CLIENT, redirect_uris: [REDIRECT], token_endpoint_auth_method: 'client_secret_post' }],
      jwks: { keys: [...this.#keys] },
      cookies: { keys: ['of-the-test'] },
      claims: { openid: ['sub'], email: ['email', 'email_verified'] },
      // As most providers do it: the e-mail is in the ID token itself.
      conformIdTokenClaims: false,
      features: { devInteractions: { enabled: false } },
      pkce: { required: () => false },
      ttl: { IdToken: this.#life, AccessToken: 60, Grant: 600, Session: 600, Interaction: 60 },
      interactions: { url: (_context, { uid }) => `/interaction/${uid}` },
      findAccount: (_context, id) => ({
        accountId: id,
        claims: () => ({ sub: id, email: id, email_verified: true }),
      }),
      loadExistingGrant: async ({ oidc }) => {
        const { provider, client, session } = oidc;
        const grant = new provider.Grant({
          clientId: client?.clientId ?? '',
          accountId: session?.accountId ?? '',
        });
        grant.addOIDCScope('openid email');
        await grant.save();
        return grant;
      },
    });
  }

  #handle(request: IncomingMessage, response: ServerResponse): void {
    const provider = this.#provider;
    if (provider === undefined) {
      response.writeHead(503).end();
      return;
    }
    if (!request.url?.startsWith('/interaction/')) {
      void provider.callback()(request, response);
      return;
    }
    const login = { accountId: this.#signingIn };
    provider.interactionFinished(request, response, { login }).catch((error: unknown) => {
      response.writeHead(500).end(String(error));
    });
  }
}
