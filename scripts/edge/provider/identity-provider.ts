import type { IncomingMessage, ServerResponse } from 'node:http';
import Provider, { type ClientMetadata, type Configuration, type JWKS } from 'oidc-provider';
import { isPerson, PEOPLE, type Person } from './people.ts';

export interface ProviderOptions {
  readonly issuer: string;
  readonly keys: JWKS;
  readonly clients: readonly ClientMetadata[];
  /** Seconds. */
  readonly idTokenLife: number;
}

/** What was asked of it, so that a test can say "once". */
export interface ProviderCount {
  signIns: number;
  refreshes: number;
  /** Refresh tokens that were refused: used twice, or of a grant that ended. */
  refusedRefreshes: number;
}

export interface IdentityProvider {
  readonly handle: (request: IncomingMessage, response: ServerResponse) => void;
  readonly count: ProviderCount;
  /** Whether sign-ins from now on bring a refresh token. */
  refreshTokens: boolean;
}

const SIGN_IN_PATH = '/sign-in/';
const BODY_BYTES_MAX = 4_096;

/**
 * A real OpenID provider whose sign-in form an HTTP client can fill in: POST `person=anna` to the page that it is sent to.
 * Every refresh token is good once; a second use ends the whole grant, as the standard recommends
 * (RFC 9700, section 4.14.2), so a proxy that refreshes twice is found out.
 */
export function identityProvider(options: ProviderOptions): IdentityProvider {
  const provider = new Provider(
    options.issuer,
    configuration(options, () => state.refreshTokens),
  );
  const count: ProviderCount = { signIns: 0, refreshes: 0, refusedRefreshes: 0 };
  const state: IdentityProvider = {
    count,
    refreshTokens: true,
    handle: (request, response) => {
      if (request.method === 'POST' && request.url?.startsWith(SIGN_IN_PATH)) {
        signIn(provider, request, response).catch((error: unknown) => fail(response, error));
        return;
      }
      if (request.url?.startsWith(SIGN_IN_PATH)) {
        response.setHeader('Content-Type', 'text/html');
        response.end('<form method="post"><input name="person"><button>Sign in</button></form>');
        return;
      }
      void provider.callback()(request, response);
    },
  };
  provider.on('grant.success', ({ oidc }) => {
    if (oidc.params?.['grant_type'] === 'refresh_token') count.refreshes += 1;
    else count.signIns += 1;
  });
  provider.on('grant.error', ({ oidc }) => {
    if (oidc.params?.['grant_type'] === 'refresh_token') count.refusedRefreshes += 1;
  });
  return state;
}

function configuration(options: ProviderOptions, refreshTokens: () => boolean): Configuration {
  return {
    clients: [...options.clients],
    jwks: options.keys,
    claims: { openid: ['sub'], email: ['email', 'email_verified'], profile: ['name'] },
    scopes: ['openid', 'email', 'profile', 'offline_access'],
    // As most providers do it: the address is in the ID token itself.
    conformIdTokenClaims: false,
    features: { devInteractions: { enabled: false }, userinfo: { enabled: true } },
    ttl: {
      IdToken: options.idTokenLife,
      AccessToken: options.idTokenLife,
      RefreshToken: 3_600,
      Grant: 3_600,
    },
    cookies: { keys: ['of a test that lives for minutes'] },
    interactions: { url: (_context, interaction) => `${SIGN_IN_PATH}${interaction.uid}` },
    findAccount: (_context, sub) => (isPerson(sub) ? account(sub) : undefined),
    issueRefreshToken: (_context, client) => refreshTokens() && client.grantTypeAllowed('refresh_token'),
    rotateRefreshToken: true,
    pkce: { required: (_context, client) => client.clientAuthMethod === 'none' },
    // Nobody is asked for consent: what a client asks for it gets.
    loadExistingGrant: async ({ oidc }) => {
      if (oidc.client === undefined || oidc.session?.accountId === undefined) return undefined;
      const grant = new oidc.provider.Grant({
        clientId: oidc.client.clientId,
        accountId: oidc.session.accountId,
      });
      grant.addOIDCScope('openid email profile offline_access');
      await grant.save();
      return grant;
    },
  };
}

function account(person: Person) {
  const { email } = PEOPLE[person];
  return { accountId: person, claims: () => ({ sub: person, email, email_verified: true, name: person }) };
}

async function signIn(provider: Provider, request: IncomingMessage, response: ServerResponse): Promise<void> {
  const person = new URLSearchParams(await bodyOf(request)).get('person') ?? '';
  if (!isPerson(person)) throw new Error(`nobody is called ${person}`);
  // A program's client is asked for consent at every sign-in.
  const result = { login: { accountId: person }, consent: {} };
  await provider.interactionFinished(request, response, result);
}

async function bodyOf(request: IncomingMessage): Promise<string> {
  let text = '';
  for await (const chunk of request) {
    text += String(chunk);
    if (text.length > BODY_BYTES_MAX) throw new Error('the form is too long');
  }
  return text;
}

function fail(response: ServerResponse, error: unknown): void {
  response.statusCode = 400;
  response.end(error instanceof Error ? error.message : String(error));
}
