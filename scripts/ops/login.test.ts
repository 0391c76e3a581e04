import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import Provider from 'oidc-provider';
import { afterAll, beforeAll, expect, test } from 'vitest';

const CLI = join(import.meta.dirname, '../ops_cli.js');
const folder = mkdtempSync(join(tmpdir(), 'ops-login-'));
const session = join(folder, 'session.json');
let server: Server;
let issuer = '';

beforeAll(async () => {
  server = createServer();
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  issuer = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const provider = new Provider(issuer, {
    clients: [
      {
        ...{ client_id: 'fleet-cli', token_endpoint_auth_method: 'none', application_type: 'native' },
        redirect_uris: ['http://127.0.0.1/callback'],
        grant_types: ['authorization_code', 'refresh_token'],
      },
    ],
    findAccount: (_ctx, accountId) => ({
      accountId,
      claims: () => ({ sub: accountId, email: `${accountId}@example.com` }),
    }),
    claims: { openid: ['sub'], email: ['email'] },
    conformIdTokenClaims: false,
    pkce: { required: () => true },
    cookies: { keys: ['a key of the test'] },
  });
  const answer = provider.callback();
  server.on('request', (request, response) => {
    void answer(request, response);
  });
});
afterAll(() => {
  server.close();
  server.closeAllConnections();
  rmSync(folder, { recursive: true, force: true });
});

interface Login {
  readonly child: ChildProcess;
  readonly address: Promise<string>;
  readonly ended: Promise<{ code: number; out: string; err: string }>;
}

function startLogin(env: Record<string, string> = {}): Login {
  const child = spawn(process.execPath, [CLI, 'login'], {
    env: { PATH: process.env['PATH'], OIDC_ISSUER: issuer, FLEET_SESSION_FILE: session, ...env },
  });
  let [out, err] = ['', ''];
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    out += text;
  });
  const address = new Promise<string>((resolve) => {
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      err += text;
      const found = /^ {2}(http\S+)$/m.exec(err)?.[1];
      if (found !== undefined) resolve(found);
    });
  });
  const ended = once(child, 'close').then(([code]) => ({ code: code as number, out, err }));
  return { child, address, ended };
}

/** What a browser does: follows redirects with cookies, fills in the provider's own forms. */
async function signIn(address: string): Promise<string> {
  const jar = new Map<string, string>();
  let url = address;
  let form: URLSearchParams | undefined;
  for (let step = 0; step < 20; step += 1) {
    const cookie = [...jar].map(([name, value]) => `${name}=${value}`).join('; ');
    const sent = form === undefined ? {} : { method: 'POST', body: form };
    const answer = await fetch(url, { redirect: 'manual', headers: { cookie }, ...sent });
    for (const set of answer.headers.getSetCookie()) {
      const [name = '', value = ''] = (set.split(';')[0] ?? '').split(/=(.*)/s);
      jar.set(name, value);
    }
    const text = await answer.text();
    form = undefined;
    const location = answer.headers.get('location');
    if (location !== null) {
      url = new URL(location, url).href;
      continue;
    }
    const prompt = /name="prompt" value="(login|consent)"/.exec(text)?.[1];
    if (prompt === undefined) return text;
    form = new URLSearchParams(prompt === 'login' ? { prompt, login: 'anna', password: 'any' } : { prompt });
  }
  throw new Error('the sign-in went in circles');
}

test('a person signs in at a real provider; the session holds an ID token for this client', async () => {
  const { address, ended } = startLogin();
  expect(await signIn(await address)).toBe('You are signed in. Close this page.\n');
  const { code, out } = await ended;
  expect({ code, out }).toMatchObject({ code: 0, out: expect.stringContaining('anna@example.com') });
  const kept = JSON.parse(readFileSync(session, 'utf8')) as { idToken: string; refreshToken: string };
  const claims = JSON.parse(Buffer.from(kept.idToken.split('.')[1] ?? '', 'base64url').toString());
  expect(claims).toMatchObject({ iss: issuer, aud: 'fleet-cli', email: 'anna@example.com' });
  expect(kept.refreshToken).toBeTruthy();
  expect(out).not.toContain(kept.idToken);
});

test('an answer with another state is not taken', async () => {
  const { child, address, ended } = startLogin();
  const uri = new URL(await address).searchParams.get('redirect_uri') ?? '';
  const forged = await fetch(`${uri}?code=stolen&state=guessed`);
  expect(forged.status).toBe(404);
  expect(child.exitCode).toBeNull();
  child.kill();
  await ended;
});

test('a refusal of the provider ends it', async () => {
  const { address, ended } = startLogin();
  const url = new URL(await address);
  const uri = url.searchParams.get('redirect_uri') ?? '';
  await fetch(`${uri}?error=access_denied&state=${url.searchParams.get('state')}`);
  expect(await ended).toMatchObject({
    code: 1,
    err: expect.stringContaining('sign-in was refused: access_denied'),
  });
});

test.each([
  ['', /login needs OIDC_ISSUER/, 2],
  ['http://provider.example.com', /must be an https:\/\/ address/, 2],
  ['http://127.0.0.1:9', /cannot be reached/, 1],
])('issuer "%s" is refused', async (wrong, words, code) => {
  const ended = await startLogin({ OIDC_ISSUER: wrong }).ended;
  expect(ended.code).toBe(code);
  expect(ended.err).toMatch(words);
});
