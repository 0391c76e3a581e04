import type { IncomingMessage, ServerResponse } from 'node:http';
import { createLocalJWKSet, type JSONWebKeySet, jwtVerify } from 'jose';
import { z } from 'zod';
import type { Ini } from './ini.ts';
import { searchClaims } from './role-path.ts';

/** Of go-jose, by which Grafana looks at a token's times. */
const LEEWAY_S = 60;
/** Answered to everybody. */
const OPEN = ['/api/health', '/metrics'];
const ROLES: readonly unknown[] = ['Viewer', 'Editor', 'Admin'];
const expectedClaims = z.strictObject({ iss: z.string(), aud: z.string() });
const UNITS: Readonly<Record<string, number>> = { h: 3_600_000, m: 60_000, s: 1_000 };

export type KeySetReader = (url: URL, verifiesServer: boolean) => Promise<JSONWebKeySet>;
type Visitor = { readonly role: string } | { readonly status: 401 | 403; readonly message: string };

interface JwtSettings {
  readonly header: string;
  readonly keySet: URL;
  readonly verifiesServer: boolean;
  readonly cacheMs: number;
  readonly issuer: string;
  readonly audience: string;
  readonly rolePath: string;
}

/**
 * Lets in whom Grafana 12 lets in by [auth.jwt] (`Authenticate` and `Test` of pkg/services/authn/clients/jwt.go, the key
 * set and the claims of pkg/services/auth/jwt), with the configuration that is rendered for it. Not a Grafana: to whom it
 * lets in it tells the role, as GET /api/user/orgs does, and otherwise what it was asked.
 */
export class GrafanaDouble {
  readonly #settings: JwtSettings;
  readonly #readKeys: KeySetReader;
  #keys: { readonly set: JSONWebKeySet; readonly until: number } | undefined;

  constructor(ini: Ini, readKeys: KeySetReader) {
    this.#settings = jwtSettings(ini);
    this.#readKeys = readKeys;
  }

  readonly handle = (request: IncomingMessage, response: ServerResponse): void => {
    this.#answer(request, response).catch((error: unknown) => {
      process.stderr.write(`${request.method} ${request.url}: ${String(error)}\n`);
      tell(response, 500, { message: 'Internal server error' });
    });
  };

  async #answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const [path = '/'] = (request.url ?? '/').split('?');
    const asked = { path: request.url, headers: Object.keys(request.headers) };
    if (OPEN.includes(path)) return tell(response, 200, asked);
    const visitor = await this.#visitor(request);
    if (!('role' in visitor)) return tell(response, visitor.status, { message: visitor.message });
    if (path !== '/api/user/orgs') return tell(response, 200, asked);
    return tell(response, 200, [{ orgId: 1, name: 'Main Org.', role: visitor.role }]);
  }

  async #visitor({ headers }: IncomingMessage): Promise<Visitor> {
    const { header, issuer, audience, rolePath } = this.#settings;
    const token = String(headers[header.toLowerCase()] ?? '').replace(/^Bearer /, '');
    if (token === '') return { status: 401, message: 'Unauthorized' };
    const keys = createLocalJWKSet(await this.#currentKeys());
    const checks = { issuer, audience, clockTolerance: LEEWAY_S };
    const claims = await jwtVerify(token, keys, checks).then(
      ({ payload }) => payload,
      (error: Error) => error.message,
    );
    if (typeof claims === 'string' || claims.sub === undefined)
      return {
        status: 401,
        message: `Failed to verify JWT: ${typeof claims === 'string' ? claims : 'no sub'}`,
      };
    const role = roleOf(rolePath, claims);
    return role === undefined ? { status: 403, message: 'Invalid Role in claim' } : { role };
  }

  /** A key that is not in the set that it holds is looked for when the set's time is over, not before. */
  async #currentKeys(): Promise<JSONWebKeySet> {
    const { keySet, verifiesServer, cacheMs } = this.#settings;
    if (this.#keys === undefined || this.#keys.until <= Date.now())
      this.#keys = { set: await this.#readKeys(keySet, verifiesServer), until: Date.now() + cacheMs };
    return this.#keys.set;
  }
}

function roleOf(path: string, claims: Readonly<Record<string, unknown>>): string | undefined {
  try {
    const role = searchClaims(path, claims);
    return ROLES.includes(role) ? String(role) : undefined;
  } catch {
    return undefined;
  }
}

/** @throws Error of what Grafana refuses to start with, and of another way in than by a token */
function jwtSettings(ini: Ini): JwtSettings {
  const of = (section: string, key: string): string => ini.get(section)?.get(key) ?? '';
  const must = (section: string, key: string, wanted: string): void => {
    if (of(section, key) !== wanted)
      throw new Error(`[${section}] ${key} is "${of(section, key)}", and only "${wanted}" is known here`);
  };
  for (const way of ['anonymous', 'basic', 'proxy']) must(`auth.${way}`, 'enabled', 'false');
  for (const key of ['enabled', 'role_attribute_strict', 'auto_sign_up']) must('auth.jwt', key, 'true');
  for (const key of ['skip_org_role_sync', 'url_login']) must('auth.jwt', key, 'false');
  const keySet = new URL(of('auth.jwt', 'jwk_set_url'));
  if (keySet.protocol !== 'https:') throw new Error('jwt_set_url must have https scheme');
  const { iss, aud } = expectedClaims.parse(JSON.parse(of('auth.jwt', 'expect_claims')));
  const [, amount, unit = ''] = /^(\d+)([hms])$/.exec(of('auth.jwt', 'cache_ttl')) ?? [];
  return {
    ...{ keySet, issuer: iss, audience: aud, header: of('auth.jwt', 'header_name') },
    verifiesServer: of('auth.jwt', 'tls_skip_verify_insecure') !== 'true',
    cacheMs: Number(amount ?? 60) * (UNITS[unit] ?? 60_000),
    rolePath: of('auth.jwt', 'role_attribute_path'),
  };
}

function tell(response: ServerResponse, status: number, body: unknown): void {
  response.writeHead(status, { 'Content-Type': 'application/json' });
  response.end(JSON.stringify(body));
}
