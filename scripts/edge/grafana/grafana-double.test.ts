import { readFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import type { ConfigFault } from '@fleet/shared/config';
import { importJWK, type JWK, type JWTPayload, SignJWT, UnsecuredJWT } from 'jose';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { roleAttributePath } from '../../render/people.ts';
import { fillTemplate } from '../../render/template.ts';
import { signingKey } from '../provider/signing-keys.ts';
import { GrafanaDouble, type KeySetReader } from './grafana-double.ts';
import { parseIni } from './ini.ts';
import { searchClaims } from './role-path.ts';

const TEMPLATE = readFileSync(join(import.meta.dirname, '../../../grafana/grafana.ini.template'), 'utf8');
const ISSUER = 'https://id.example.com/a;tenant=b';
const PEOPLE = (
  [
    ['anna@example.com', 'admin'],
    ['a+b@example.com', 'admin'],
    ['olaf@example.com', 'operator'],
    ['vera@example.com', 'viewer'],
  ] as const
).map(([identity, role]) => ({ identity, role, certificates: [] }));

let key: JWK;
let server: Server | undefined;

beforeEach(async () => {
  key ??= await signingKey('one');
});
afterEach(() => {
  vi.useRealTimers();
  server?.close();
  server = undefined;
});

/** As `render` writes it. */
function rendered(changes: Readonly<Record<string, string>> = {}): string {
  const faults: ConfigFault[] = [];
  const values = {
    ...{ DOMAIN: 'fleet.example.com', PUBLIC_PORT_SUFFIX: '', EDGE_TRAEFIK_ADDRESS: '172.16.250.2' },
    ...{
      AUTH_ANONYMOUS_ENABLED: 'false',
      AUTH_JWT_ENABLED: 'true',
      AUTH_PROXY_ENABLED: 'false',
      OIDC_ISSUER: ISSUER,
    },
    ...{ OIDC_CLIENT_ID: 'fleet#1', ROLE_ATTRIBUTE_PATH: roleAttributePath(PEOPLE), ...changes },
  };
  const text = fillTemplate(TEMPLATE, 'grafana.ini.template', values, faults);
  expect(faults).toEqual([]);
  return text;
}

async function begun(
  readKeys: KeySetReader = async () => ({ keys: [open(key)] }),
  text = rendered(),
): Promise<URL> {
  server = createServer(new GrafanaDouble(parseIni(text), readKeys).handle);
  await new Promise<void>((resolve) => server?.listen(0, '127.0.0.1', resolve));
  return new URL(`http://127.0.0.1:${(server.address() as AddressInfo).port}/api/user/orgs`);
}

/** Its public part, as a provider tells it. */
const open = ({ kty, n, e, kid, alg }: JWK): JWK => ({ kty, n, e, kid, alg }) as JWK;
const claims = (changes: Readonly<Record<string, unknown>> = {}): JWTPayload => ({
  ...{ iss: ISSUER, aud: 'fleet#1', sub: 'vera', email: 'vera@example.com' },
  ...{ exp: Math.floor(Date.now() / 1_000) + 60, ...changes },
});
const signed = async (payload: JWTPayload, by = key): Promise<string> =>
  new SignJWT(payload)
    .setProtectedHeader({ alg: 'RS256', kid: by.kid ?? '' })
    .sign(await importJWK(by, 'RS256'));

async function ask(url: URL, token?: string): Promise<string> {
  const answer = await fetch(url, {
    headers: token === undefined ? {} : { Authorization: `Bearer ${token}` },
  });
  const body = (await answer.json()) as readonly { role: string }[];
  return answer.status === 200 ? (body[0]?.role ?? '') : String(answer.status);
}

describe('with the rendered configuration', () => {
  it.each([
    ['anna@example.com', 'Admin'],
    ['a+b@example.com', 'Admin'],
    ['olaf@example.com', 'Editor'],
    ['vera@example.com', 'Viewer'],
    ['Olaf@Example.COM', 'Editor'],
    ['stranger@example.com', '403'],
    ['anna@example.co', '403'],
  ])('%s is %s', async (email, role) => {
    expect(await ask(await begun(), await signed(claims({ email })))).toBe(role);
  });

  it('a letter that becomes one of ours in lower case is another person', () => {
    const path = roleAttributePath([{ identity: 'karl@example.com', role: 'admin', certificates: [] }]);
    expect(searchClaims(path, { email: 'KARL@example.com' })).toBe('Admin');
    expect('\u212Aarl@example.com'.toLowerCase()).toBe('karl@example.com');
    expect(searchClaims(path, { email: '\u212Aarl@example.com' })).toBe(false);
  });

  it('nobody gets in when the list of people is empty', async () => {
    const url = await begun(undefined, rendered({ ROLE_ATTRIBUTE_PATH: roleAttributePath([]) }));
    expect(await ask(url, await signed(claims()))).toBe('403');
  });

  it.each<[string, () => Promise<string>]>([
    ['of another audience', () => signed(claims({ aud: 'fleet-cli' }))],
    ['of another issuer', () => signed(claims({ iss: 'https://id.example.com' }))],
    ['that ended two minutes ago', () => signed(claims({ exp: Math.floor(Date.now() / 1_000) - 120 }))],
    ['that begins in an hour', () => signed(claims({ nbf: Math.floor(Date.now() / 1_000) + 3_600 }))],
    ['without a subject', () => signed(claims({ sub: undefined }))],
    ['of another key of the name', async () => signed(claims(), await signingKey('one'))],
    ['without a signature', async () => new UnsecuredJWT(claims()).encode()],
  ])('a token %s is refused', async (_name, token) => {
    expect(await ask(await begun(), await token())).toBe('401');
  });

  it('no token is refused but where everybody is answered', async () => {
    const url = await begun();
    expect(await ask(url)).toBe('401');
    expect((await fetch(new URL('/api/health', url))).status).toBe(200);
  });

  it('a token that names nobody, or somebody by a number, has no role', async () => {
    const url = await begun();
    expect(await ask(url, await signed(claims({ email: undefined })))).toBe('403');
    expect(await ask(url, await signed(claims({ email: 5 })))).toBe('403');
  });

  it('keys are asked for once in ten minutes, and a new one counts after that', async () => {
    vi.useFakeTimers({ toFake: ['Date'] });
    const next = await signingKey('two');
    const known = [open(key)];
    const readKeys = vi.fn<KeySetReader>(async () => ({ keys: [...known] }));
    const url = await begun(readKeys);
    expect(await ask(url, await signed(claims()))).toBe('Viewer');
    known.push(open(next));
    vi.setSystemTime(Date.now() + 599_000);
    expect(await ask(url, await signed(claims(), next))).toBe('401');
    expect(readKeys).toHaveBeenCalledTimes(1);
    expect(readKeys.mock.calls[0]).toEqual([new URL('https://traefik:8444/oidc/jwks'), false]);
    vi.setSystemTime(Date.now() + 2_000);
    expect(await ask(url, await signed(claims(), next))).toBe('Viewer');
    expect(readKeys).toHaveBeenCalledTimes(2);
  });
});

describe('it does not start with', () => {
  it.each([
    ['plain http for the keys', 'jwk_set_url = https:', 'jwk_set_url = http:', 'must have https scheme'],
    ['roles that may be missing', 'role_attribute_strict = true', 'role_attribute_strict = false', 'strict'],
    [
      'a visitor without a name',
      '[auth.anonymous]\nenabled = false',
      '[auth.anonymous]\nenabled = true',
      'anon',
    ],
    ['passwords', '[auth.basic]\nenabled = false', '[auth.basic]\nenabled = true', 'auth.basic'],
    ['a cut value', '"""{"iss"', '{"iss"', 'JSON'],
    ['no end of quotes', '"}"""', '"}', 'closing quotes'],
  ])('%s', (_name, part, other, problem) => {
    const text = rendered().replace(part, other);
    expect(text).not.toBe(rendered());
    expect(() => new GrafanaDouble(parseIni(text), () => Promise.reject(new Error('unasked')))).toThrow(
      problem,
    );
  });
});

describe('the configuration language', () => {
  // Each as gopkg.in/ini.v1 1.67.0 reads it.
  it.each([
    ['k = a;b', 'a'],
    ['k = a ; b', 'a'],
    ['k = a#b', 'a'],
    ['k = """a;b#c"""', 'a;b#c'],
    ['k = """a""" # c', 'a'],
    ["k = '''a'''", "'''a'''"],
    ['[s]\nk = 1\n[DEFAULT]\nk = 2', '2'],
  ])('%s', (text, value) => {
    expect(parseIni(text).get('DEFAULT')?.get('k')).toBe(value);
  });

  it('a line that is no setting is named', () => {
    expect(() => parseIni('a = 1\nwhat')).toThrow('line 2 is no setting: what');
  });
});

describe('the language of role_attribute_path', () => {
  // Each as jmespath-community/go-jmespath 1.1.1 answers it.
  it.each<[string, unknown]>([
    [`'x' == 'y' && 'Viewer'`, false],
    [`contains(['a'], email) && 'Admin' || 'Viewer'`, 'Viewer'],
    [`contains(['A@b', 'c'], email) && 'Admin'`, 'Admin'],
    [`lower(email)`, 'a@b'],
    [`missing || 'Viewer'`, 'Viewer'],
  ])('%s', (expression, value) => {
    expect(searchClaims(expression, { email: 'A@b' })).toBe(value);
  });

  it.each([
    ['lower(missing)', 'lower does not take'],
    ['length(email)', 'length does not take'],
    ["'a' 'b'", 'nothing may follow'],
    ['email[0]', 'not understood'],
    ["contains(['a'", 'was expected'],
  ])('%s is refused', (expression, problem) => {
    expect(() => searchClaims(expression, { email: 'A@b' })).toThrow(problem);
  });
});
