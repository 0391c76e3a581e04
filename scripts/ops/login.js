// Sign-in from a terminal: authorization code with PKCE, the answer taken on the loopback (RFC 8252, RFC 7636).
import { createHash, randomBytes } from 'node:crypto';
import { createServer } from 'node:http';
import { Refused, UsageError } from './refusal.js';
import { askProvider, claimsOf, keepSession, tokensOf } from './session.js';
import { send } from './transport.js';

const PROVIDER_MS_MAX = 10_000;
const PERSON_MS_MAX = 300_000;
const SCOPE = 'openid email offline_access';

/** Shows an address to open, waits for the person, keeps the session. */
export async function login(env, tls, show) {
  const issuer = required(env, 'OIDC_ISSUER');
  const clientId = env.OIDC_CLI_CLIENT_ID || 'fleet-cli';
  const provider = await discover(issuer, tls);
  const [state, nonce, verifier] = [secret(), secret(), secret()];
  const callback = await listenForCallback(state);
  try {
    const query = {
      ...{
        response_type: 'code',
        client_id: clientId,
        redirect_uri: callback.uri,
        scope: SCOPE,
        state,
        nonce,
      },
      ...{ code_challenge: challengeOf(verifier), code_challenge_method: 'S256', prompt: 'consent' },
    };
    show(
      `Open this address in a browser on this machine:\n\n  ${withQuery(provider.authorization_endpoint, query)}\n`,
    );
    const code = await callback.code;
    const form = {
      ...{ grant_type: 'authorization_code', code, redirect_uri: callback.uri },
      ...{ client_id: clientId, code_verifier: verifier },
    };
    const tokens = tokensOf(await askProvider(provider.token_endpoint, form, tls));
    if (tokens === undefined) throw new Refused('the identity provider gave no ID token');
    const claims = claimsOf(tokens.id_token);
    if (claims.nonce !== nonce) throw new Refused('the ID token is of another sign-in. Run login again');
    const file = keepSession(env, {
      ...{ issuer, clientId, tokenEndpoint: provider.token_endpoint },
      ...{ idToken: tokens.id_token, refreshToken: tokens.refresh_token },
    });
    return {
      signedIn: claims.email ?? claims.sub,
      until: new Date(claims.exp * 1000).toISOString(),
      kept: file,
    };
  } finally {
    callback.close();
  }
}

function required(env, name) {
  if (!env[name]) throw new UsageError(`login needs ${name}, the address of the identity provider`);
  const usable = URL.canParse(env[name]) && safe(new URL(env[name]));
  if (!usable) throw new UsageError(`${name} must be an https:// address (http:// on the loopback alone)`);
  return env[name];
}

/** Codes and tokens go there: nobody on the way may read them. */
function safe({ protocol, hostname }) {
  return (
    protocol === 'https:' || (protocol === 'http:' && ['127.0.0.1', 'localhost', '[::1]'].includes(hostname))
  );
}

async function discover(issuer, tls) {
  const url = new URL(`${issuer.replace(/\/$/, '')}/.well-known/openid-configuration`);
  let answer;
  try {
    answer = await send(url, { tls, timeoutMs: PROVIDER_MS_MAX });
  } catch (error) {
    throw new Refused(`the identity provider at ${url.origin} cannot be reached: ${error.message}`);
  }
  const found = answer.status === 200 ? parsed(answer.text) : undefined;
  const endpoints = [found?.authorization_endpoint, found?.token_endpoint];
  if (found?.issuer !== issuer || !endpoints.every((each) => URL.canParse(each) && safe(new URL(each)))) {
    throw new Refused(`${url} does not describe the identity provider ${issuer}: look at OIDC_ISSUER`);
  }
  return found;
}

function parsed(text) {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** A server for one answer, on the loopback alone and on any free port. */
async function listenForCallback(state) {
  let settle;
  const code = new Promise((resolve, reject) => {
    settle = { resolve, reject };
  });
  code.catch(() => undefined); // handled where it is awaited, which may be later
  const server = createServer((request, response) => {
    const url = new URL(request.url ?? '/', 'http://127.0.0.1');
    const ours = url.pathname === '/callback' && url.searchParams.get('state') === state;
    const given = url.searchParams.get('code');
    const words = !ours
      ? 'Not found.'
      : given
        ? 'You are signed in. Close this page.'
        : 'Sign-in was refused.';
    response
      .writeHead(ours ? 200 : 404, { 'content-type': 'text/plain', connection: 'close' })
      .end(`${words}\n`);
    if (!ours) return;
    if (given) settle.resolve(given);
    else
      settle.reject(new Refused(`sign-in was refused: ${url.searchParams.get('error') ?? 'no code came'}`));
  });
  await new Promise((resolve, reject) => {
    server.once('error', reject).listen(0, '127.0.0.1', resolve);
  });
  const late = setTimeout(
    () => settle.reject(new Refused(`nobody signed in within ${PERSON_MS_MAX / 60_000} minutes`)),
    PERSON_MS_MAX,
  );
  const close = () => {
    clearTimeout(late);
    server.close();
    server.closeAllConnections();
  };
  return { uri: `http://127.0.0.1:${server.address().port}/callback`, code, close };
}

function secret() {
  return randomBytes(32).toString('base64url');
}

function challengeOf(verifier) {
  return createHash('sha256').update(verifier).digest('base64url');
}

function withQuery(address, query) {
  const url = new URL(address);
  for (const [name, value] of Object.entries(query)) url.searchParams.set(name, value);
  return url.href;
}
