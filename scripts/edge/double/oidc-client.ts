import { readFileSync } from 'node:fs';
import { createRemoteJWKSet, type JWTPayload, jwtVerify } from 'jose';
import { z } from 'zod';
import type { DoubleSettings } from './settings.ts';

const discovery = z.object({
  authorization_endpoint: z.string(),
  token_endpoint: z.string(),
  jwks_uri: z.string(),
});
const tokens = z.object({ id_token: z.string(), refresh_token: z.string().optional() });
const claims = z.object({ email: z.string().optional(), sub: z.string(), exp: z.number() });

export interface Identity {
  readonly email: string;
  readonly user: string;
  readonly idToken: string;
  /** Epoch seconds. */
  readonly expires: number;
  readonly refreshToken?: string | undefined;
}

/** The provider said that this refresh token is good for nothing: the session ends. */
export class RefreshRefused extends Error {
  override readonly name = 'RefreshRefused';
}

/** One client of an OpenID provider, found by discovery when it is first needed. */
export class OidcClient {
  readonly #settings: DoubleSettings;
  #found: Promise<z.output<typeof discovery>> | undefined;
  #keys: ReturnType<typeof createRemoteJWKSet> | undefined;

  constructor(settings: DoubleSettings) {
    this.#settings = settings;
  }

  get clientId(): string {
    const { client_id, client_id_file = '' } = this.#settings;
    return client_id ?? readFileSync(client_id_file, 'utf8').trim();
  }

  async authorizationEndpoint(): Promise<string> {
    return (await this.#discover()).authorization_endpoint;
  }

  redeem(code: string, verifier: string | undefined, nonce: string): Promise<Identity> {
    const form = {
      grant_type: 'authorization_code',
      code,
      redirect_uri: this.#settings.redirect_url,
      ...(verifier === undefined ? {} : { code_verifier: verifier }),
    };
    return this.#token(form, undefined, (payload) => payload['nonce'] === nonce);
  }

  refresh(refreshToken: string): Promise<Identity> {
    return this.#token({ grant_type: 'refresh_token', refresh_token: refreshToken }, refreshToken);
  }

  /** Rejects unless the token is one of the provider's, unexpired, for one of the audiences given. */
  async verify(idToken: string, audiences: readonly string[]): Promise<Identity> {
    const { jwks_uri } = await this.#discover();
    this.#keys ??= createRemoteJWKSet(new URL(jwks_uri));
    const { payload } = await jwtVerify(idToken, this.#keys, {
      issuer: this.#settings.oidc_issuer_url,
      audience: [...audiences],
    });
    const { sub, exp, email = sub } = claims.parse(payload);
    return { email, user: sub, idToken, expires: exp };
  }

  async #token(
    form: Readonly<Record<string, string>>,
    earlier?: string,
    accepts: (payload: JWTPayload) => boolean = () => true,
  ): Promise<Identity> {
    const { token_endpoint } = await this.#discover();
    const secret = readFileSync(this.#settings.client_secret_file, 'utf8').trim();
    const basic = Buffer.from(`${encodeURIComponent(this.clientId)}:${encodeURIComponent(secret)}`).toString(
      'base64',
    );
    const answer = await fetch(token_endpoint, {
      method: 'POST',
      headers: { Authorization: `Basic ${basic}` },
      body: new URLSearchParams(form),
      signal: AbortSignal.timeout(5_000),
    });
    const body: unknown = await answer.json();
    if (!answer.ok) throw new RefreshRefused(JSON.stringify(body));
    const { id_token, refresh_token } = tokens.parse(body);
    const payload = JSON.parse(
      Buffer.from(id_token.split('.')[1] ?? '', 'base64url').toString(),
    ) as JWTPayload;
    if (!accepts(payload)) throw new Error('the ID token answers another sign-in');
    return { ...(await this.verify(id_token, [this.clientId])), refreshToken: refresh_token ?? earlier };
  }

  #discover(): Promise<z.output<typeof discovery>> {
    const url = `${this.#settings.oidc_issuer_url.replace(/\/$/, '')}/.well-known/openid-configuration`;
    this.#found ??= fetch(url, { signal: AbortSignal.timeout(5_000) })
      .then(async (answer) => discovery.parse(await answer.json()))
      .catch((error: unknown) => {
        this.#found = undefined;
        throw error;
      });
    return this.#found;
  }
}
