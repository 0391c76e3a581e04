import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type RequestListener, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { Browser } from '../client/browser.ts';
import { rawRequest } from '../client/raw-request.ts';
import { type IdentityProvider, identityProvider } from '../provider/identity-provider.ts';
import { signingKey } from '../provider/signing-keys.ts';
import { ProxyDouble } from './double.ts';
import { doubleSettings } from './settings.ts';

let folder: string;
let servers: Server[];
let provider: IdentityProvider;
let providerServer: Server;
let proxy: URL;
let key: Awaited<ReturnType<typeof signingKey>> | undefined;

beforeEach(async () => {
  servers = [];
  folder = mkdtempSync(join(tmpdir(), 'double-'));
  key ??= await signingKey('first');
  const keys = { keys: [key] };
  let handle: RequestListener = () => undefined;
  providerServer = await serve((request, response) => handle(request, response));
  const issuer = `http://127.0.0.1:${portOf(providerServer)}`;
  const proxyServer = await serve((request, response) => double.handle(request, response));
  proxy = new URL(`http://127.0.0.1:${portOf(proxyServer)}`);
  const client = {
    client_id: 'edge',
    client_secret: 'edge-secret',
    grant_types: ['authorization_code', 'refresh_token'],
  };
  provider = identityProvider({
    ...{ issuer, keys, idTokenLife: 15 },
    clients: [{ ...client, redirect_uris: [`${proxy.origin}/oauth2/callback`] }],
  });
  handle = provider.handle;
  const double = new ProxyDouble(doubleSettings(configuration(issuer), {}));
  vi.useFakeTimers({ toFake: ['Date'] });
});
afterEach(() => {
  vi.useRealTimers();
  for (const server of servers) {
    server.close();
    server.closeAllConnections();
  }
  rmSync(folder, { recursive: true, force: true });
});

function configuration(issuer: string): string {
  const file = (name: string, text: string): string => {
    writeFileSync(join(folder, name), text);
    return join(folder, name);
  };
  return file(
    'oauth2-proxy.cfg',
    `# as the real one reads it
reverse_proxy = true
trusted_proxy_ips = ["127.0.0.1/32"]
oidc_issuer_url = "${issuer}"
client_id = "edge"
client_secret_file = "${file('secret', 'edge-secret')}"
redirect_url = "${proxy.origin}/oauth2/callback"
authenticated_emails_file = "${file('emails', 'anna@example.com\nvera@example.com\n')}"
whitelist_domains = [
  "127.0.0.1:${proxy.port}",
]
cookie_secure = false
cookie_refresh = "8s"
session_store_type = "redis"
set_authorization_header = true
set_xauthrequest = true
code_challenge_method = "S256"
`,
  );
}

async function serve(handle: RequestListener): Promise<Server> {
  const server = createServer(handle);
  servers.push(server);
  await new Promise<void>((resolve) => void server.listen(0, '127.0.0.1', resolve));
  return server;
}

const portOf = (server: Server): number => (server.address() as AddressInfo).port;
const browser = (): Browser => new Browser((url) => ({ port: Number(url.port) }));
const later = (seconds: number): void => void vi.setSystemTime(Date.now() + seconds * 1_000);

async function signedIn(person = 'anna'): Promise<Browser> {
  const user = browser();
  await user.signIn(new URL('/oauth2/sign_in?rd=%2Foauth2%2Fauth', proxy), person);
  return user;
}

const ask = async (user: Browser) => (await user.visit(new URL('/oauth2/auth', proxy))).answer;

describe('the double of oauth2-proxy', () => {
  it('says 401 to nobody, and 202 with the identity after a sign-in', async () => {
    expect((await ask(browser())).status).toBe(401);
    const answer = await ask(await signedIn());
    expect(answer.status).toBe(202);
    expect(answer.headers.get('x-auth-request-email')).toEqual(['anna@example.com']);
    expect(answer.headers.get('authorization')?.[0]).toMatch(/^Bearer ey/);
  });

  it('knows only the people of the list', async () => {
    const user = browser();
    const page = await user.signIn(new URL('/oauth2/start', proxy), 'stranger');
    expect(page.answer.status).toBe(403);
    expect((await ask(user)).status).toBe(401);
  });

  it('refreshes once for parallel requests, and the session outlives its first token', async () => {
    const user = await signedIn();
    const first = (await ask(user)).headers.get('authorization')?.[0];
    later(16);
    const answers = await Promise.all(Array.from({ length: 8 }, () => ask(user)));
    expect(answers.map(({ status }) => status)).toEqual(Array.from({ length: 8 }, () => 202));
    expect(answers[0]?.headers.get('authorization')?.[0]).not.toBe(first);
    expect(provider.count).toEqual({ signIns: 1, refreshes: 1, refusedRefreshes: 0 });
  });

  it('sends to sign-in when the token has ended and no refresh token came', async () => {
    provider.refreshTokens = false;
    const user = await signedIn();
    later(10);
    expect((await ask(user)).status).toBe(202);
    later(6);
    expect((await ask(user)).status).toBe(401);
  });

  it('keeps a session while the provider is away, until its token ends', async () => {
    const user = await signedIn();
    providerServer.close();
    providerServer.closeAllConnections();
    later(10);
    expect((await ask(user)).status).toBe(202);
    later(6);
    expect((await ask(user)).status).toBe(401);
  });

  it('knows a cookie no more after the sign-out', async () => {
    const user = await signedIn();
    const cookie = user.cookieHeader('127.0.0.1');
    await user.visit(new URL('/oauth2/sign_out', proxy));
    const head = `GET /oauth2/auth HTTP/1.1\r\nHost: any\r\nConnection: close\r\nCookie: ${cookie}\r\n\r\n`;
    expect(await rawRequest({ port: Number(proxy.port), parts: [head] })).toMatchObject({ status: 401 });
  });
});
