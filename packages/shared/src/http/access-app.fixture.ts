import { mkdtempSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';
import { stringify } from 'yaml';
import { digest } from '../access/hashes.ts';
import { AccessControl, accessMetrics, usualRole } from '../access/index.ts';
import { ANNAS_CERTIFICATE, BOBS_CERTIFICATE, ORIGIN, SECRETS } from '../access/scene.fixture.ts';
import { createLogger, createMetrics } from '../telemetry/index.ts';
import { endpoint, rawEndpoint, routesOf } from './index.ts';
import { type Lamps, lampApp, lampEndpoints, type TestApp } from './test-app.fixture.ts';

export interface AccessApp extends TestApp {
  readonly access: AccessControl;
  readonly rows: Record<string, unknown>[];
  /** Wall and monotonic clocks, moved by hand. */
  readonly clock: { wallMs: number; monotonicMs: number };
  /** Replaces a file by rename, as scripts do, and lets a second pass. */
  write(name: string, text: string): void;
  close(): Promise<void>;
}

interface Change {
  readonly issuer: string;
  readonly jwksUrl: string;
  readonly identitySource?: 'oidc' | 'headers';
  readonly access?: object;
  /** `POST /x`, open to everybody. */
  readonly publicRoute?: string;
}

const whoAmI = endpoint({
  method: 'post',
  path: '/who',
  summary: 'Who asks',
  idempotent: false,
  handle: (_lamps: Lamps, { context }) => {
    context.logger.info({ seen: context.person ?? context.service ?? null }, 'who');
  },
});
const stream = rawEndpoint<Lamps>({
  method: 'get',
  path: '/stream',
  summary: 'Never ends by itself',
  produces: 'text/event-stream',
  handle: (_lamps, _request, response) => {
    response.type('text/event-stream').write(': open\n\n');
  },
});
const certified = endpoint({
  method: 'get',
  path: '/access/certified',
  summary: 'Nothing, to who may',
  handle: () => {},
});
const endpoints = [...lampEndpoints, whoAmI, stream, certified];

export const operatorsText = (change: object[] = []) =>
  stringify({
    operators: [
      { identity: 'anna@fleet.test', role: 'admin', certificates: [ANNAS_CERTIFICATE.fingerprint] },
      { identity: 'bob@fleet.test', role: 'admin', certificates: [BOBS_CERTIFICATE.fingerprint] },
      { identity: 'olga@fleet.test', role: 'operator' },
      { identity: 'vera@fleet.test', role: 'viewer' },
      ...change,
    ],
  });

const hashOf = (...secrets: string[]) =>
  secrets.map((secret) => `${digest(secret).toString('hex')}\n`).join('');

/** The lamps behind real files, keys and gates; rows go to a list instead of Postgres. */
export function accessApp(change: Change): AccessApp {
  const { issuer, jwksUrl, identitySource = 'oidc', access: table, publicRoute } = change;
  const folder = mkdtempSync(join(tmpdir(), 'access-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  const clock = { wallMs: Date.now(), monotonicMs: 0 };
  const write = (name: string, text: string) => {
    writeFileSync(join(folder, `${name}.new`), text, { mode: 0o600 });
    renameSync(join(folder, `${name}.new`), join(folder, name));
    clock.monotonicMs += 1_000;
  };
  const roles = Object.fromEntries(routesOf(endpoints).map((route) => [route, usualRole(route)]));
  const internal = ['/health', '/ready', '/metrics'].map((path) => `GET ${path}`);
  for (const route of internal) roles[route] = 'internal';
  const exceptions = internal.map((route) => ({ service: '*', route, reason: 'asked by probes' }));
  if (publicRoute !== undefined) {
    roles[publicRoute] = 'public';
    exceptions.push({ service: 'lamps', route: publicRoute, reason: 'verifies a signature itself' });
  }
  write('access.yaml', stringify(table ?? { services: { lamps: roles }, exceptions }));
  write('operators.yaml', operatorsText());
  write('revoked-certificates.txt', '# none\n');
  write('edge_secret_hashes', hashOf(SECRETS.edge, SECRETS.edgeOld));
  write('edge_admin_secret_hashes', hashOf(SECRETS.edgeAdmin));
  write('admin_token_hashes', hashOf(SECRETS.adminToken));
  write('service_secret_hashes', `${digest(SECRETS.hub).toString('hex')} mcp-hub-controller viewer\n`);
  const rows: Record<string, unknown>[] = [];
  const metrics = createMetrics({ service: 'lamps', version: '1.0.0', defaultMetrics: false });
  const access = new AccessControl({
    service: 'lamps',
    schema: 'lamps',
    settings: {
      ...{ ACCESS_CONTROL: 'edge', TRADING_MODE: 'paper', DOMAIN: 'fleet.test', HOST: '0.0.0.0' },
      ...{ IDENTITY_SOURCE: identitySource, OIDC_ISSUER: issuer, OIDC_JWKS_URL: jwksUrl },
      ...{
        OIDC_EMAIL_VERIFIED: 'claim',
        OIDC_AUDIENCES: ['fleet'],
        ALLOWED_ORIGINS: [ORIGIN],
        ACCESS_DIR: folder,
        CONFIG_DIR: folder,
      },
    },
    db: {
      query: async (text, values) => {
        if (text.startsWith('insert'))
          rows.push(...(JSON.parse(String(values[0])) as Record<string, unknown>[]));
      },
    },
    logger: createLogger({ service: 'lamps', level: 'silent' }),
    metrics,
    wall: () => clock.wallMs,
    monotonic: () => clock.monotonicMs,
  });
  const app = lampApp({ access, endpoints, metrics, decided: accessMetrics(metrics).decided });
  return {
    ...{ ...app, access, rows, clock, write, metrics },
    close: () => access.close(),
  };
}
