import { execFileSync, spawnSync } from 'node:child_process';
import {
  chmodSync,
  cpSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { accessTableSchema } from '@fleet/shared/access';
import { ConfigError } from '@fleet/shared/config';
import { compareSync } from 'bcryptjs';
import { afterAll, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { parse } from 'yaml';
import { SERVICE_NAMES } from '../fleet/services.ts';
import { render } from './render.ts';

// A hash of bcrypt is slow on purpose, and nearly every test here would make the same two again.
vi.mock(import('bcryptjs'), async (original) => {
  const real = await original();
  const known = new Map<string, string>();
  const hashSync: typeof real.hashSync = (password, salt) => {
    const key = `${salt} ${password}`;
    const hash = known.get(key) ?? real.hashSync(password, salt);
    known.set(key, hash);
    return hash;
  };
  return { ...real, hashSync };
});

interface Rule {
  readonly rule: string;
  readonly entryPoints: readonly string[];
  readonly service: string;
  readonly middlewares?: readonly string[];
  readonly tls?: { readonly options?: string; readonly certResolver?: string };
}
interface Edge {
  readonly http: {
    readonly routers: Readonly<Record<string, Rule>>;
    readonly middlewares: Readonly<Record<string, Record<string, Record<string, unknown>>>>;
    readonly services: Readonly<Record<string, unknown>>;
  };
  readonly tls: {
    readonly options: Readonly<Record<string, Record<string, unknown>>>;
    readonly certificates?: readonly unknown[];
  };
}

const checkout = join(import.meta.dirname, '../..');
/** Later than the certificates that are made below, however long that takes. */
const NOW = new Date(Date.now() + 3_600_000);
const PEOPLE = `operators:
  - { identity: anna@example.com, role: admin }
  - { identity: a+b@example.com, role: admin }
  - { identity: olaf@example.com, role: operator }
  - { identity: vera@example.com, role: viewer }
`;
let made: string;
let home: string;
const path = (...parts: string[]): string => join(home, ...parts);
function write(file: string, text: string): void {
  mkdirSync(dirname(path(file)), { recursive: true });
  rmSync(path(file), { force: true });
  writeFileSync(path(file), text, { mode: file.startsWith('secrets/') ? 0o400 : 0o644 });
}
const env = (changes: Readonly<Record<string, string>> = {}): NodeJS.ProcessEnv => ({
  DOMAIN: 'fleet.example.com',
  OIDC_ISSUER: 'https://id.example.com',
  OIDC_JWKS_URI: 'https://id.example.com/keys',
  OIDC_AUDIENCES: 'fleet, fleet-cli',
  CONFIG_DIR: path('config'),
  RENDER_SECRETS_DIR: path('secrets'),
  RENDER_SOURCE_DIR: path('source'),
  RENDER_OUT_DIR: path('out'),
  ...changes,
});
const files = (changes?: Readonly<Record<string, string>>) => render(env(changes), NOW).files;
const fileOf = (name: string, changes?: Readonly<Record<string, string>>): string =>
  files(changes).get(name) ?? '';
const edgeOf = (changes?: Readonly<Record<string, string>>): Edge =>
  parse(fileOf('traefik-dynamic/edge.yml', changes)) as Edge;
function faultsOf(changes?: Readonly<Record<string, string>>): string {
  try {
    files(changes);
  } catch (error) {
    expect(error).toBeInstanceOf(ConfigError);
    return (error as ConfigError).message;
  }
  throw new Error('it was rendered');
}

beforeAll(() => {
  made = mkdtempSync(join(tmpdir(), 'render-made-'));
  home = made;
  write('config/operators.yaml', PEOPLE);
  cpSync(join(checkout, 'config/access.yaml'), path('config/access.yaml'));
  for (const template of [
    'oauth2-proxy/oauth2-proxy.cfg',
    'grafana/grafana.ini.template',
    'alertmanager/alertmanager.yml.tmpl',
  ])
    cpSync(join(checkout, template), path('source', template));
  write('secrets/slack_alerts_webhook', 'https://hooks.example.com/x');
  write('secrets/deadman_url', 'https://outside.example.com/ping');
  for (const name of SERVICE_NAMES) write(`secrets/edge_secret_${name}`, `secret-of-the-edge-for-${name}\n`);
  write('secrets/edge_admin_secret', 'the-admin-secret-of-the-edge\n');
  write('secrets/oauth2_client_id', 'fleet');
  write('secrets/oauth2_redis_url', 'redis://oauth2-proxy:hidden-word@redis:6379/0');
  for (const name of ['prometheus', 'alertmanager'])
    write(`secrets/${name}_password`, `long-password-of-${name}`);
  const names = {
    PKI_DIR: path('pki'),
    CERTIFICATES_DIR: path('source/traefik'),
    DOMAIN: 'fleet.example.com',
  };
  const pki = (word: string): unknown =>
    spawnSync(join(checkout, 'scripts/pki'), [word], { env: { PATH: process.env['PATH'], ...names } });
  pki('init');
  pki('server');
  chmodSync(path('secrets'), 0o700);
});
afterAll(() => rmSync(made, { recursive: true }));
beforeEach(({ onTestFinished }) => {
  const folder = mkdtempSync(join(tmpdir(), 'render-'));
  for (const part of ['config', 'secrets', 'source'])
    cpSync(join(made, part), join(folder, part), { recursive: true });
  chmodSync(join(folder, 'secrets'), 0o700);
  home = folder;
  onTestFinished(() => rmSync(folder, { recursive: true }));
});

describe("Traefik's file", () => {
  const access = accessTableSchema.parse(parse(readFileSync(join(checkout, 'config/access.yaml'), 'utf8')));
  const inHost = (edge: Edge, host: string): [string, Rule][] =>
    Object.entries(edge.http.routers).filter(([, { rule }]) => rule.includes(`Host(\`${host}.`));

  it('has every row that is for people, with its method, and none that is internal', () => {
    const edge = edgeOf();
    const rulesOf = (host: string, service: string): string =>
      inHost(edge, host)
        .filter(([name]) => name.startsWith(`${host}-${service}-`))
        .map(([, { rule }]) => rule)
        .join('\n');
    for (const [service, rows] of Object.entries(access.services))
      for (const [route, role] of Object.entries(rows)) {
        const [method, text = ''] = route.split(' ');
        const written = text.replaceAll(/\{[^}]+\}/g, '[^/]+');
        const has = (host: string): boolean =>
          rulesOf(host, service)
            .split('(Method(')
            .some((part) => part.startsWith(`\`${method}\``) && part.includes(`/api/${service}${written}`));
        expect([route, has('admin')]).toEqual([route, ['viewer', 'operator', 'admin'].includes(role)]);
        expect([route, has('app')]).toEqual([route, role === 'viewer' || role === 'operator']);
      }
  });

  it('asks oauth2-proxy on every published router but Slack, the sign-in and the way to HTTPS', () => {
    const { routers } = edgeOf().http;
    const open = Object.entries(routers)
      .filter(([, { entryPoints }]) =>
        entryPoints.some((point) => ['web', 'websecure', 'admin'].includes(point)),
      )
      .filter(([, { middlewares = [] }]) => !middlewares.some((name) => name.startsWith('sign-in')))
      .map(([name]) => name);
    expect(open.sort()).toEqual(['http-admin', 'http-app', 'http-grafana', 'sign-in-pages', 'slack']);
    expect(routers['slack']?.rule).toBe(
      'Host(`app.fleet.example.com`) && Method(`POST`) && Path(`/slack/interactions`)',
    );
    expect(routers['sign-in-pages']?.rule).not.toContain('/oauth2/auth');
  });

  it('keeps the admin host on its own entry point, with the strict options, for admins alone', () => {
    const edge = edgeOf();
    for (const [name, router] of inHost(edge, 'admin').filter(([each]) => each !== 'http-admin')) {
      expect([name, router.entryPoints]).toEqual([name, ['admin']]);
      expect(router.tls).toEqual({});
      expect(router.middlewares).toContain('sign-in-admin');
    }
    for (const [name, router] of [...inHost(edge, 'app'), ...inHost(edge, 'grafana')])
      if (router.entryPoints[0] !== 'web')
        expect([name, router.entryPoints, router.tls?.options]).toEqual([name, ['websecure'], 'public']);
    const { default: strict, public: lax } = edge.tls.options;
    expect(strict).toMatchObject({
      minVersion: 'VersionTLS12',
      sniStrict: true,
      clientAuth: { clientAuthType: 'RequireAndVerifyClientCert' },
    });
    expect(JSON.stringify(strict)).toContain('BEGIN CERTIFICATE');
    expect(lax).not.toHaveProperty('clientAuth');
    for (const { rule } of Object.values(edge.http.routers)) {
      expect(rule).not.toMatch(/HostRegexp|HostSNI/);
      expect(rule.split('Host(').length).toBeLessThanOrEqual(2);
    }
  });

  it('gives the admin secret and the certificate to routers of the admin host alone, and to each service its own secret', () => {
    const edge = edgeOf();
    for (const [name, { entryPoints, middlewares = [], service }] of Object.entries(edge.http.routers)) {
      if (middlewares.includes('certified')) continue;
      const admin = entryPoints[0] === 'admin' && SERVICE_NAMES.some((each) => each === service);
      expect([name, middlewares.includes('client-certificate')]).toEqual([name, admin]);
      expect([name, middlewares.some((each) => each.startsWith('secret-admin-'))]).toEqual([name, admin]);
      for (const middleware of middlewares.filter((each) => each.startsWith('secret-')))
        expect(middleware.replace(/^secret-(admin-)?/, '')).toBe(service);
    }
    const plain = JSON.stringify(edge.http.middlewares['secret-risk-manager']);
    expect(plain).toContain('secret-of-the-edge-for-risk-manager');
    expect(plain).not.toContain('the-admin-secret');
  });

  it('asks a service about the certificate before each program that asks for none, and tells the program nothing', () => {
    const edge = edgeOf();
    const asking = Object.entries(edge.http.routers).filter(
      ([, { service, entryPoints }]) =>
        entryPoints[0] === 'admin' && !SERVICE_NAMES.some((each) => each === service),
    );
    expect(asking.map(([name]) => name).sort()).toEqual([
      ...['alertmanager', 'alertmanager-api', 'prometheus', 'prometheus-api', 'traefik-dashboard'],
    ]);
    for (const [name, { middlewares = [] }] of asking) {
      const order = [
        ...['clean-request', 'sign-in-admin', 'client-certificate', 'secret-admin-notification-manager'],
        ...['certified', 'no-edge-headers', 'no-credentials'],
      ].map((each) => middlewares.indexOf(each));
      expect([name, order]).toEqual([name, order.filter((at) => at >= 0).sort((a, b) => a - b)]);
      // A 401 of the service would lead to the sign-in and back, for ever.
      if (middlewares.includes('lead-to-sign-in'))
        expect(middlewares.indexOf('no-second-sign-in')).toBeGreaterThan(
          middlewares.indexOf('sign-in-admin'),
        );
    }
    const { certified, 'no-edge-headers': away } = edge.http.middlewares;
    expect(certified?.['forwardAuth']).toMatchObject({
      address: 'http://notification-manager:7006/access/certified',
      maxResponseBodySize: 65_536,
    });
    const passed = certified?.['forwardAuth']?.['authRequestHeaders'] as readonly string[];
    expect(passed.filter((header) => /^x-forwarded/i.test(header))).toEqual(['X-Forwarded-Tls-Client-Cert']);
    const removed = Object.entries(away?.['headers']?.['customRequestHeaders'] ?? {});
    expect(removed).toEqual([
      ['X-Edge-Secret', ''],
      ['X-Edge-Admin-Secret', ''],
      ['X-Forwarded-Tls-Client-Cert', ''],
      ['X-Auth-Request-User', ''],
      ['X-Auth-Request-Email', ''],
    ]);
    for (const { rule } of Object.values(edge.http.routers)) expect(rule).not.toContain('/access/');
  });

  it('cleans a request before it asks, and takes the cookie away after it', () => {
    for (const [name, { middlewares = [], service }] of Object.entries(edgeOf().http.routers)) {
      const asked = middlewares.findIndex((each) => /^sign-in(-admin)?$/.test(each));
      if (asked < 0) continue;
      const cleaned = middlewares.indexOf('clean-request');
      const uncookied = middlewares.findIndex((each) => each === 'no-cookie' || each === 'no-credentials');
      expect([name, cleaned >= 0 && cleaned < asked]).toEqual([name, true]);
      expect([name, uncookied > asked]).toEqual([name, true]);
      if (service === 'prometheus' || service === 'alertmanager')
        expect(middlewares.at(-1)).toBe(`password-${service}`);
    }
  });

  it('holds nothing back on /events, and limits the body everywhere else', () => {
    const { routers } = edgeOf().http;
    const unlimited = Object.entries(routers)
      .filter(([, { middlewares = [] }]) => middlewares.some((each) => /^sign-in/.test(each)))
      .filter(([, { middlewares = [] }]) => !middlewares.some((each) => each.startsWith('body-of-')))
      .map(([name]) => name);
    expect(unlimited.sort()).toEqual([
      'admin-orchestrator-stream',
      'app-orchestrator-stream',
      'grafana-live',
      'sign-in-address',
      'traefik-dashboard',
    ]);
    expect(routers['app-orchestrator-stream']?.rule).toContain('Path(`/api/orchestrator/events`)');
  });

  it("keeps Traefik's dashboard from showing the secrets that its middlewares set", () => {
    const { rule } = edgeOf().http.routers['traefik-dashboard'] ?? { rule: '' };
    const pattern = new RegExp(/PathRegexp\(`([^`]+)`\)/.exec(rule)?.[1] ?? '^');
    for (const path of ['overview', 'version', 'http/routers', 'http/routers/slack@file', 'tcp/services'])
      expect([path, pattern.test(`/traefik/api/${path}`)]).toEqual([path, true]);
    for (const path of [
      'rawdata',
      'http/middlewares',
      'http/middlewares/secret-orchestrator@file',
      'support-dump',
    ])
      expect([path, pattern.test(`/traefik/api/${path}`)]).toEqual([path, false]);
    expect(rule).not.toContain('PathPrefix(`/traefik/`)');
  });

  it('takes the ID token of a program on the admin host alone, where it comes with a certificate', () => {
    const edge = edgeOf();
    const asking = (name: string) =>
      inHost(edge, name).filter(([, { entryPoints }]) => entryPoints[0] !== 'web');
    const dropped = (middlewares: readonly string[] = []) => {
      const [drop, asked] = [
        middlewares.indexOf('no-bearer'),
        middlewares.findIndex((each) => /^sign-in/.test(each)),
      ];
      return drop >= 0 && (asked < 0 || drop < asked);
    };
    for (const [name, { middlewares }] of [...asking('app'), ...asking('grafana')])
      if (name !== 'slack') expect([name, dropped(middlewares)]).toEqual([name, true]);
    for (const [name, { middlewares }] of asking('admin'))
      expect([name, middlewares?.includes('no-bearer')]).toEqual([name, false]);
    expect(edge.http.middlewares['no-bearer']).toEqual({
      headers: { customRequestHeaders: { Authorization: '' } },
    });
  });

  it('shows the admin token to routes for admins alone', () => {
    for (const [name, { middlewares = [] }] of inHost(edgeOf(), 'admin'))
      if (/^admin-/.test(name))
        expect([name, middlewares.includes('no-admin-token')]).toEqual([name, !name.endsWith('-admin')]);
  });

  describe('lets Grafana change what is no configuration, for its own pages', () => {
    const rule = () => edgeOf().http.routers['grafana']?.rule ?? '';

    it('asks for its Origin unless it is a read', () => {
      expect(rule()).toContain(
        '&& ((Method(`GET`) || Method(`HEAD`)) || (Header(`Origin`, `https://grafana.fleet.example.com`) && PathRegexp(`',
      );
    });

    it.each([
      ['/api/ds/query', true],
      ['/api/dashboards/db', true],
      ['/api/folders', true],
      ['/api/annotations/7', true],
      ['/api/user/preferences', true],
      ['/apis/dashboard.grafana.app/v1beta1/namespaces/default/dashboards', true],
      ['/api/datasources', false],
      ['/api/datasources/uid/prometheus', false],
      ['/api/admin/users', false],
      ['/api/org/users/2', false],
      ['/api/serviceaccounts', false],
      ['/api/plugins/x/install', false],
      ['/api/user/password', false],
      ['/apis/iam.grafana.app/v0alpha1/namespaces/default/users', false],
      ['/x/api/ds/query', false],
    ])('%s: %s', (path, passes) => {
      const [, pattern = '^$'] = /Origin[^)]*\) && PathRegexp\(`([^`]+)`\)/.exec(rule()) ?? [];
      expect(new RegExp(pattern).test(path)).toBe(passes);
    });
  });

  describe('lets Grafana hand on questions alone', () => {
    const POSTED = '/api/datasources/uid/prometheus/resources/api/v1';
    const PROXY = '/api/datasources/proxy';
    const passes = (method: string, path: string): boolean => {
      const rules = Object.entries(edgeOf().http.routers)
        .filter(([name]) => name.startsWith('grafana'))
        .map(([, { rule }]) => rule);
      const common = '(!PathRegexp(`';
      const [first = ''] = rules;
      const shared = first.slice(first.indexOf(common));
      for (const rule of rules) expect(rule).toContain(`&& ${shared}`);
      const patterns = [...shared.matchAll(/PathRegexp\(`(?:\(\?i\))?([^`]+)`\)/g)].map(
        ([, pattern = '^']) => new RegExp(pattern, 'i'),
      );
      expect(patterns).toHaveLength(3);
      const [handedOn, read, asked] = patterns.map((pattern) => pattern.test(path));
      return !handedOn || (method === 'GET' && read === true) || (method === 'POST' && asked === true);
    };

    it.each([
      ['POST', '/api/ds/query'],
      ['GET', '/d/fleet/fleet'],
      ['POST', '/api/annotations'],
      ['GET', '/api/datasources/uid/prometheus'],
      ['GET', '/api/datasources/uid/loki/health'],
      ['GET', '/api/datasources/uid/loki/resources/labels'],
      ['GET', '/api/datasources/1/resources/label/service/values'],
      ['GET', `${PROXY}/uid/loki/loki/api/v1/tail`],
      ['POST', `${POSTED}/series`],
      ['POST', `${POSTED}/labels`],
    ])('%s %s passes', (method, path) => {
      expect(passes(method, path)).toBe(true);
    });

    it.each([
      ['POST', `${PROXY}/uid/loki/loki/api/v1/push`],
      ['POST', `${PROXY}/1/loki/api/v1/push`],
      ['DELETE', `${PROXY}/uid/loki/loki/api/v1/delete`],
      ['GET', `${PROXY}/uid/loki/ingester/shutdown`],
      ['GET', `${PROXY}/1/flush`],
      ['GET', PROXY],
      ['POST', '/api/DataSources/Proxy/uid/loki/loki/api/v1/push'],
      ['POST', '/api/datasources/uid/prometheus/resources/-/reload'],
      ['POST', `${POSTED}/series/x`],
      ['DELETE', `${POSTED}/series`],
      ['POST', '/api/datasources/1/resources'],
      ['POST', '/apis/loki.datasource.grafana.app/v0alpha1/namespaces/default/datasources/loki/resource'],
    ])('%s %s does not', (method, path) => {
      expect(passes(method, path)).toBe(false);
    });
  });

  it('names only middlewares and services that exist', () => {
    const { routers, middlewares, services } = edgeOf().http;
    for (const { middlewares: named = [], service } of Object.values(routers)) {
      for (const name of named) expect(Object.keys(middlewares)).toContain(name);
      if (!service.endsWith('@internal')) expect(Object.keys(services)).toContain(service);
    }
  });

  it('lets nobody past as an admin when there is none: an empty list would be everybody', () => {
    const address = (people: string): string => {
      write('config/operators.yaml', people);
      return String(edgeOf().http.middlewares['sign-in-admin']?.['forwardAuth']?.['address']);
    };
    expect(address(PEOPLE)).toMatch(/\?allowed_emails=a%2Bb%40example.com,anna%40example.com$/);
    expect(address('operators: []\n')).toMatch(/\?allowed_emails=nobody%40invalid$/);
    expect(address(PEOPLE.replaceAll('role: admin', 'role: operator'))).toMatch(/=nobody%40invalid$/);
  });

  it('is another text when the server has another certificate or key, for then Traefik reads them again', () => {
    const note = (): string => /^# Read with it: .*$/m.exec(fileOf('traefik-dynamic/edge.yml'))?.[0] ?? '';
    const first = note();
    expect(first).toMatch(/server\.crt [0-9a-f]{64}, server\.key of \d{4}-/);
    expect(note()).toBe(first);
    utimesSync(path('source/traefik/certs/server.key'), NOW, NOW);
    const second = note();
    expect(second).not.toBe(first);
    const certificate = readFileSync(path('source/traefik/certs/server.crt'), 'utf8');
    const authority = readFileSync(path('source/traefik/certs/server-ca.crt'), 'utf8');
    write('source/traefik/certs/server.crt', certificate + authority);
    expect(note()).not.toBe(second);
    expect(fileOf('traefik-dynamic/edge.yml', { TLS_MODE: 'acme' })).not.toContain('Read with it');
  });

  it('leads a page to the runbook when nobody can say whose certificate it is, and keeps it shut', () => {
    const base = 'https://docs.example.com/runbooks/';
    const { routers, middlewares } = edgeOf({ RUNBOOK_BASE_URL: base }).http;
    const pages = ['prometheus', 'alertmanager', 'traefik-dashboard'];
    for (const name of pages) {
      const order = ['sign-in-admin', 'certifier-away', 'certified', 'own-fault'];
      const found = (routers[name]?.middlewares ?? []).filter((each) => order.includes(each));
      expect([name, found]).toEqual([name, order]);
    }
    expect(middlewares['certifier-runbook']?.['redirectRegex']).toMatchObject({
      replacement: 'https://docs.example.com/runbooks/notification-manager-down.md',
    });
    expect(routers['certifier-away']?.entryPoints).toEqual(['internal']);
    // Programs read the answers of the API: they keep their status.
    expect(routers['prometheus-api']?.middlewares).not.toContain('certifier-away');
  });

  it.each(['', 'docs/runbooks'])(
    'says 503 there when runbooks are at "%s", which no browser opens',
    (base) => {
      const { routers, middlewares } = edgeOf({ RUNBOOK_BASE_URL: base }).http;
      expect(middlewares['certifier-away']?.['errors']?.['statusRewrites']).toEqual({ '500': 503 });
      expect(routers['certifier-away']).toBeUndefined();
    },
  );

  it('takes certificates from the authority in production', () => {
    const edge = edgeOf({ TLS_MODE: 'acme' });
    expect(edge.tls.certificates).toBeUndefined();
    expect(edge.http.routers['grafana']?.tls).toMatchObject({ certResolver: 'acme', options: 'public' });
    expect(edge.http.routers['admin-risk-manager-read']?.tls).toEqual({
      certResolver: 'acme',
      domains: [{ main: 'admin.fleet.example.com' }],
    });
  });

  it('has a probe that is gone when the file is', () => {
    expect(edgeOf().http.routers['ping']).toMatchObject({
      entryPoints: ['metrics'],
      service: 'ping@internal',
    });
  });
});

describe("oauth2-proxy's files", () => {
  it('trusts one address, leads back to three hosts, and names no domain of e-mails', () => {
    const text = fileOf('oauth2-proxy-config/oauth2-proxy.cfg', {
      ADMIN_PORT: '9443',
      EDGE_TRAEFIK_ADDRESS: '10.1.2.3',
    });
    expect(text).toContain('trusted_proxy_ips = ["10.1.2.3/32"]');
    expect(text).toContain(
      'whitelist_domains = ["app.fleet.example.com", "grafana.fleet.example.com", "admin.fleet.example.com:9443"]',
    );
    expect(text).toContain('redirect_url = "https://app.fleet.example.com/oauth2/callback"');
    expect(text).toContain('oidc_extra_audiences = ["fleet-cli"]');
    expect(text).toContain('redis_connection_url = "redis://oauth2-proxy:hidden-word@redis:6379/0"');
    expect(text).not.toMatch(/^ *(email_domains|skip_auth_routes|skip_auth_regex|trusted_ips)/m);
    expect(text).not.toContain('{{');
  });

  it('lists everybody, or nobody', () => {
    expect(fileOf('oauth2-proxy-config/emails.txt')).toBe(
      'a+b@example.com\nanna@example.com\nolaf@example.com\nvera@example.com\n',
    );
    write('config/operators.yaml', 'operators: []\n');
    const { files: rendered, warnings } = render(env(), NOW);
    expect(rendered.get('oauth2-proxy-config/emails.txt')).toBe('nobody@invalid\n');
    expect(warnings).toEqual(['operators.yaml lists nobody: nobody may sign in']);
  });

  it('has no token to take with GitHub, and no keys to fetch', () => {
    const github = {
      OIDC_PROVIDER: 'github',
      OIDC_ISSUER: '',
      OIDC_JWKS_URI: '',
      IDENTITY_SOURCE: 'headers',
    };
    const text = fileOf('oauth2-proxy-config/oauth2-proxy.cfg', github);
    expect(text).toContain('provider = "github"');
    expect(text).not.toMatch(/^(skip_jwt_bearer_tokens|oidc_)/m);
    expect(Object.keys(edgeOf(github).http.routers)).not.toContain('key-set');
  });
});

describe('the files of monitoring', () => {
  it('lets people look at Grafana without a name on the loopback alone', () => {
    const anonymous = (changes?: Readonly<Record<string, string>>) =>
      /\[auth\.anonymous\]\nenabled = (\w+)\norg_role = (\w+)/.exec(
        fileOf('grafana-config/grafana.ini', changes),
      )?.[1];
    expect(anonymous()).toBe('false');
    expect(anonymous({ ACCESS_CONTROL: 'token', DOMAIN: 'fleet.localhost' })).toBe('true');
  });

  it("gives Grafana's roles by e-mail", () => {
    const text = fileOf('grafana-config/grafana.ini');
    expect(text).toContain(
      `contains(['a+b@example.com', 'anna@example.com'], lower(email)) && contains(['A+B@EXAMPLE.COM', 'ANNA@EXAMPLE.COM'], upper(email)) && 'Admin' || contains(['olaf@example.com'], lower(email)) && contains(['OLAF@EXAMPLE.COM'], upper(email)) && 'Editor' || contains(['vera@example.com'], lower(email)) && contains(['VERA@EXAMPLE.COM'], upper(email)) && 'Viewer'`,
    );
    write('config/operators.yaml', 'operators: []\n');
    expect(fileOf('grafana-config/grafana.ini')).toContain(`'x' == 'y' && 'Viewer'`);
  });

  it('knows the two passwords by their hashes', () => {
    for (const name of ['prometheus', 'alertmanager']) {
      const text = fileOf(name === 'prometheus' ? 'prometheus-web/web.yml' : 'alertmanager-config/web.yml');
      const { basic_auth_users: users } = parse(text) as { basic_auth_users: Record<string, string> };
      expect(Object.keys(users)).toEqual([name]);
      expect(compareSync(`long-password-of-${name}`, users[name] ?? '')).toBe(true);
      expect(text).not.toContain('long-password');
    }
  });

  it("leaves Alertmanager's own templates alone", () => {
    expect(fileOf('alertmanager-config/alertmanager.yml')).toContain('.CommonLabels.alertname');
  });
});

describe('bad input', () => {
  const bad: readonly [string, (() => void) | undefined, Record<string, string>, string][] = [
    [
      'a person twice',
      () => write('config/operators.yaml', PEOPLE.replace('olaf', 'anna')),
      {},
      'is listed twice',
    ],
    ['broken YAML', () => write('config/operators.yaml', 'operators: ['), {}, 'is not valid YAML'],
    ['no list of people', () => rmSync(path('config/operators.yaml')), {}, 'operators.yaml: does not exist'],
    [
      'an identity that means something elsewhere',
      () => write('config/operators.yaml', PEOPLE.replace('vera', 'v%(x)s')),
      {},
      'has a character that cannot stand',
    ],
    ['a broken table', () => write('config/access.yaml', 'services: {}\n'), {}, 'exceptions'],
    [
      'a second public route',
      () => {
        const text = readFileSync(path('config/access.yaml'), 'utf8');
        write('config/access.yaml', text.replace('GET /cycles: viewer', 'GET /cycles: public'));
      },
      {},
      'orchestrator GET /cycles: is public',
    ],
    [
      'a certificate that the edge asks for and nobody looks at',
      () => {
        const text = readFileSync(path('config/access.yaml'), 'utf8');
        write('config/access.yaml', text.replace('certified: certified', 'certified: viewer'));
      },
      {},
      'notification-manager GET /access/certified: has viewer as its role',
    ],
    [
      'a missing secret',
      () => rmSync(path('secrets/edge_admin_secret')),
      {},
      'edge_admin_secret: does not exist',
    ],
    [
      'an empty secret',
      () => write('secrets/edge_secret_risk-manager', '\n'),
      {},
      'edge_secret_risk-manager: is empty',
    ],
    [
      'a secret of the group',
      () => chmodSync(path('secrets/edge_admin_secret'), 0o440),
      {},
      'edge_admin_secret: is a secret that others than its owner can use (mode 0440)',
    ],
    [
      'a folder of secrets for everybody',
      () => chmodSync(path('secrets'), 0o755),
      {},
      'is a secret that others than its owner can use (mode 0755)',
    ],
    [
      'an admin route for viewers',
      () => {
        const text = readFileSync(path('config/access.yaml'), 'utf8');
        write('config/access.yaml', text.replace('orchestrate/halt: admin', 'orchestrate/halt: viewer'));
      },
      {},
      'orchestrator POST /admin/orchestrate/halt: is an admin route with the role viewer',
    ],
    ['a short secret', () => write('secrets/prometheus_password', 'short'), {}, 'is shorter than 24'],
    ['two lines', () => write('secrets/edge_admin_secret', 'a b\nc'), {}, 'holds more than one word'],
    [
      'a Redis address without a password',
      () => write('secrets/oauth2_redis_url', 'redis://h'),
      {},
      'is not redis://',
    ],
    [
      'another client',
      () => write('secrets/oauth2_client_id', 'other'),
      {},
      'does not begin with the client id',
    ],
    ['no CA', () => rmSync(path('source/traefik/ca/clients.pem')), {}, 'run scripts/pki init'],
    [
      'a CA that is none',
      () => write('source/traefik/ca/clients.pem', 'x'),
      {},
      'holds no certificate in PEM',
    ],
    [
      'a server certificate as CA',
      () => cpSync(path('source/traefik/certs/server.crt'), path('source/traefik/ca/clients.pem')),
      {},
      'is not a certificate authority',
    ],
    [
      'a key among the CAs',
      () => write('source/traefik/ca/clients.pem', '-----BEGIN PRIVATE KEY-----\n'),
      {},
      'holds a private key',
    ],
    [
      'a certificate of other hosts',
      undefined,
      { DOMAIN: 'other.example.com' },
      'is not made for app.other.example.com',
    ],
    [
      'no server certificate',
      () => rmSync(path('source/traefik/certs/server.crt')),
      {},
      'run scripts/pki server',
    ],
    [
      'no key of the server',
      () => rmSync(path('source/traefik/certs/server.key')),
      {},
      'server.key: does not exist',
    ],
    [
      'no template of Grafana',
      () => rmSync(path('source/grafana'), { recursive: true }),
      {},
      'grafana.ini.template: does not exist',
    ],
    [
      'an unknown placeholder',
      () => write('source/alertmanager/alertmanager.yml.tmpl', 'a: b\nc: {{NOWHERE}}\n'),
      {},
      'alertmanager.yml.tmpl:2: has the unknown placeholder {{NOWHERE}}',
    ],
    [
      'a template of Alertmanager that is no YAML',
      () => write('source/alertmanager/alertmanager.yml.tmpl', 'a: [\n'),
      {},
      'alertmanager.yml.tmpl:2: is not valid YAML',
    ],
    [
      'a template of Alertmanager without receivers',
      () => write('source/alertmanager/alertmanager.yml.tmpl', 'route: { routes: [] }\n'),
      {},
      'has no list receivers',
    ],
    [
      'a broken template of oauth2-proxy',
      () => write('source/oauth2-proxy/oauth2-proxy.cfg', '{{X}}'),
      {},
      'oauth2-proxy.cfg:1',
    ],
    ['a bad domain', undefined, { DOMAIN: 'Fleet_1' }, 'DOMAIN: must be a domain in lower case'],
    ['a quote in a setting', undefined, { OIDC_ISSUER: 'https://a"b' }, 'OIDC_ISSUER: must be'],
    ['no issuer', undefined, { OIDC_ISSUER: '' }, 'OIDC_ISSUER: is required'],
    ['plain http in public', undefined, { OIDC_ISSUER: 'http://id.example.com' }, 'is plain http'],
    ['keys behind a query', undefined, { OIDC_JWKS_URI: 'https://id.example.com/k?a=b' }, 'has a query'],
    ['no audience', undefined, { OIDC_AUDIENCES: '' }, 'OIDC_AUDIENCES: is required'],
    ['a refresh without a unit', undefined, { OIDC_SESSION_REFRESH: '120' }, 'must be a duration'],
    ['a refresh after the session', undefined, { OIDC_SESSION_REFRESH: '168h' }, 'must be from 5s to 30m'],
    ['a refresh at every request', undefined, { OIDC_SESSION_REFRESH: '1s' }, 'must be from 5s to 30m'],
    [
      'headers believed where there is an ID token',
      undefined,
      { IDENTITY_SOURCE: 'headers' },
      'IDENTITY_SOURCE: does not fit OIDC_PROVIDER=oidc',
    ],
    ['tokens of GitHub', undefined, { OIDC_PROVIDER: 'github' }, 'does not fit OIDC_PROVIDER=github'],
    [
      'the override with a public domain, behind the edge too',
      undefined,
      { DEVELOPMENT: 'yes' },
      'COMPOSE_FILE: has docker-compose.override.yml, which is for development, with the public domain fleet.example.com',
    ],
    [
      'the override with live, behind the edge too',
      undefined,
      { DEVELOPMENT: 'yes', DOMAIN: 'fleet.localhost', TRADING_MODE: 'live' },
      'which is for development, with TRADING_MODE=live',
    ],
    ['an address that is none', undefined, { EDGE_TRAEFIK_ADDRESS: '10.0.0.256' }, 'must be an IPv4 address'],
    ['an upstream that is none', undefined, { RENDER_UPSTREAMS: 'nobody=http://h' }, 'known names'],
    ['token mode in public', undefined, { ACCESS_CONTROL: 'token' }, 'with the public domain'],
    [
      'token mode with live',
      undefined,
      { ACCESS_CONTROL: 'token', DOMAIN: 'fleet.localhost', TRADING_MODE: 'live' },
      'with TRADING_MODE=live',
    ],
  ];

  it.each(bad)('refuses %s', (_name, spoil, changes, words) => {
    spoil?.();
    expect(faultsOf(changes)).toContain(words);
  });

  it('lists all of it at once and shows no secret', () => {
    write('config/operators.yaml', 'operators: 7\n');
    rmSync(path('secrets/edge_admin_secret'));
    rmSync(path('source/traefik/ca/clients.pem'));
    write('secrets/prometheus_password', 'hidden word');
    const text = faultsOf();
    expect(text).toContain('4 faults');
    expect(text).not.toContain('hidden');
  });

  it('warns of a certificate that has ended: somebody may have to be locked out all the same', () => {
    const later = new Date(NOW.getTime() + 3_000 * 86_400_000);
    const { warnings } = render(env(), later);
    expect(warnings.join('\n')).toMatch(
      /clients\.pem: .*client CA.* has expired: run scripts\/pki rotate-ca/,
    );
    expect(warnings.join('\n')).toMatch(/server\.crt: .* has expired: run scripts\/pki server/);
  });
});

describe('without the edge', () => {
  it('renders what monitoring needs, and Grafana lets nobody in by a header', () => {
    for (const name of ['edge_admin_secret', 'oauth2_client_id']) rmSync(path('secrets', name));
    const token = { ACCESS_CONTROL: 'token', DOMAIN: 'fleet.localhost', OIDC_ISSUER: '', OIDC_AUDIENCES: '' };
    expect([...files(token).keys()].sort()).toEqual([
      'alertmanager-config/alertmanager.yml',
      'alertmanager-config/web.yml',
      'grafana-config/grafana.ini',
      'prometheus-web/edge-targets.yml',
      'prometheus-web/web.yml',
    ]);
  });
});

describe('the program', () => {
  const program = (changes?: Readonly<Record<string, string>>) =>
    spawnSync(process.execPath, [join(checkout, 'scripts/render.ts')], {
      env: { PATH: process.env['PATH'], ...env(changes) },
      encoding: 'utf8',
    });
  const written = (): Map<string, string> =>
    new Map(
      readdirSync(path('out'), { recursive: true, withFileTypes: true })
        .filter((entry) => entry.isFile())
        .map((entry) => [
          join(entry.parentPath.slice(path('out').length), entry.name),
          readFileSync(join(entry.parentPath, entry.name), 'utf8'),
        ]),
    );

  it('writes the same files twice, and nothing at all when anything is wrong', () => {
    expect(program()).toMatchObject({ status: 0 });
    const first = written();
    expect(first.size).toBe(8);
    const { ino } = statSync(path('out/traefik-dynamic/edge.yml'));
    expect(program().stdout).toContain('nothing has changed');
    expect(statSync(path('out/traefik-dynamic/edge.yml')).ino).toBe(ino);
    write('config/operators.yaml', PEOPLE.replace('role: viewer', 'role: king'));
    write('secrets/edge_admin_secret', 'another-admin-secret-of-the-edge');
    const refused = program();
    expect(refused.status).toBe(78);
    expect(refused.stderr).toContain('must be one of viewer, operator, admin');
    expect(written()).toEqual(first);
    write('config/operators.yaml', PEOPLE.replace('olaf', 'otto'));
    expect(program().status).toBe(0);
    expect(written().get('/oauth2-proxy-config/emails.txt')).toContain('otto@example.com');
    expect(statSync(path('out/traefik-dynamic/edge.yml')).ino).not.toBe(ino);
  });

  it('says which secret its user may not read', () => {
    if (process.getuid?.() === 0) {
      // Root reads everything: as another user.
      for (const part of ['', 'config', 'secrets', 'source']) chmodSync(path(part), 0o755);
      execFileSync('chmod', ['-R', 'a+rX', home]);
      chmodSync(path('secrets/edge_admin_secret'), 0o400);
      const { status, stderr } = spawnSync(process.execPath, [join(checkout, 'scripts/render.ts')], {
        env: { PATH: process.env['PATH'], ...env() },
        encoding: 'utf8',
        uid: 1000,
        gid: 1000,
      });
      expect(stderr).toContain('edge_admin_secret: cannot be read (EACCES)');
      expect(status).toBe(78);
    } else {
      chmodSync(path('secrets/edge_admin_secret'), 0o000);
      expect(faultsOf()).toContain('edge_admin_secret: cannot be read (EACCES)');
    }
  });
});
