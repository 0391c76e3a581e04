import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { z } from 'zod';
import { DASHBOARDS } from './all.ts';
import { LOKI, PROMETHEUS } from './variables.ts';

const root = join(import.meta.dirname, '../..');
const read = (path: string): string => readFileSync(join(root, path), 'utf8');

type Sections = ReadonlyMap<string, ReadonlyMap<string, string>>;

/** Sections and keys of an ini file; a line that is neither, nor a comment, fails. */
function ini(text: string): Sections {
  const sections = new Map<string, Map<string, string>>([['', new Map()]]);
  let current = '';
  for (const line of text.split('\n').map((each) => each.trim())) {
    if (line === '' || line.startsWith('#')) continue;
    const section = /^\[([a-z._]+)\]$/.exec(line)?.[1];
    if (section !== undefined) {
      expect(sections.has(section), `${section} stands twice`).toBe(false);
      current = section;
      sections.set(section, new Map());
      continue;
    }
    const [, key = '', value = ''] = /^([a-z_]+) = (.*)$/.exec(line) ?? [];
    expect(key, `"${line}" is no setting`).not.toBe('');
    expect(sections.get(current)?.has(key), `${current}.${key} stands twice`).toBe(false);
    sections.get(current)?.set(key, value);
  }
  return sections;
}

/** Sections and keys of Grafana 12 that are used: it takes any other without a word, and does not do what was meant. */
const KEYS: Readonly<Record<string, string>> = {
  '': 'app_mode instance_name',
  paths: 'data logs plugins provisioning',
  server: 'protocol http_addr http_port domain root_url enforce_domain enable_gzip read_timeout',
  database: 'type path wal',
  analytics: 'enabled reporting_enabled check_for_updates check_for_plugin_updates feedback_links_enabled',
  plugins: 'plugin_admin_enabled public_key_retrieval_disabled preinstall_disabled',
  news: 'news_feed_enabled',
  security:
    'disable_initial_admin_creation disable_gravatar cookie_secure cookie_samesite allow_embedding x_content_type_options x_xss_protection content_security_policy secret_key',
  snapshots: 'enabled external_enabled',
  public_dashboards: 'enabled',
  dashboards: 'min_refresh_interval default_home_dashboard_path',
  users: 'allow_sign_up allow_org_create auto_assign_org auto_assign_org_id auto_assign_org_role',
  auth: 'disable_login_form oauth_allow_insecure_email_lookup signout_redirect_url',
  'auth.anonymous': 'enabled org_role hide_version',
  'auth.basic': 'enabled',
  'auth.jwt':
    'enabled header_name email_claim username_claim auto_sign_up jwk_set_url tls_skip_verify_insecure cache_ttl expect_claims role_attribute_path role_attribute_strict skip_org_role_sync allow_assign_grafana_admin url_login',
  'auth.proxy': 'enabled header_name header_property auto_sign_up sync_ttl whitelist enable_login_token',
  metrics: 'enabled disable_total_stats',
  log: 'mode level',
  'log.console': 'level format',
  unified_alerting: 'enabled',
  explore: 'enabled',
  help: 'enabled',
};
const keysOf = (settings: Sections): Readonly<Record<string, string>> =>
  Object.fromEntries([...settings].map(([section, keys]) => [section, [...keys.keys()].join(' ')]));

describe('grafana.ini', () => {
  const text = read('grafana/grafana.ini.template');
  const settings = ini(text);

  it.each([
    ['', 'app_mode', 'production'],
    ['security', 'disable_initial_admin_creation', 'true'],
    ['security', 'cookie_secure', 'true'],
    ['security', 'allow_embedding', 'false'],
    ['auth', 'disable_login_form', 'true'],
    ['auth.anonymous', 'enabled', '{{AUTH_ANONYMOUS_ENABLED}}'],
    ['auth.anonymous', 'org_role', 'Viewer'],
    ['auth.basic', 'enabled', 'false'],
    ['auth.jwt', 'header_name', 'Authorization'],
    ['auth.jwt', 'role_attribute_strict', 'true'],
    ['auth.jwt', 'url_login', 'false'],
    // Without it every token that the provider signs, for whomever, is a sign-in.
    ['auth.jwt', 'expect_claims', '"""{"iss": "{{OIDC_ISSUER}}", "aud": "{{OIDC_CLIENT_ID}}"}"""'],
    ['auth.jwt', 'enabled', '{{AUTH_JWT_ENABLED}}'],
    ['auth.jwt', 'email_claim', 'email'],
    ['auth.jwt', 'username_claim', 'email'],
    ['auth.jwt', 'jwk_set_url', 'https://traefik:8444/oidc/jwks'],
    ['auth.jwt', 'skip_org_role_sync', 'false'],
    ['auth.proxy', 'enabled', '{{AUTH_PROXY_ENABLED}}'],
    ['auth.proxy', 'header_name', 'X-Auth-Request-Email'],
    ['auth.proxy', 'enable_login_token', 'false'],
    ['auth', 'oauth_allow_insecure_email_lookup', 'false'],
    ['users', 'allow_org_create', 'false'],
    ['users', 'auto_assign_org_role', 'Viewer'],
    ['snapshots', 'enabled', 'false'],
    ['snapshots', 'external_enabled', 'false'],
    ['public_dashboards', 'enabled', 'false'],
    ['plugins', 'plugin_admin_enabled', 'false'],
    ['auth.jwt', 'allow_assign_grafana_admin', 'false'],
    ['auth.proxy', 'whitelist', '{{EDGE_TRAEFIK_ADDRESS}}'],
    ['users', 'allow_sign_up', 'false'],
    ['analytics', 'reporting_enabled', 'false'],
    ['analytics', 'check_for_updates', 'false'],
    ['unified_alerting', 'enabled', 'false'],
  ])('[%s] %s = %s', (section, key, value) => {
    expect(settings.get(section)?.get(key)).toBe(value);
  });

  it('has the keys that Grafana knows, and all of them', () => {
    expect(keysOf(settings)).toEqual(KEYS);
  });

  it.each([
    ['expect_claims =', 'expect_claim ='],
    [/expect_claims = .*\n/, ''],
    ['role_attribute_strict =', 'role_attribute_stric ='],
    [/role_attribute_path = .*\n/, ''],
    ['\n[auth.jwt]', '\n[auth.jwt_]'],
    ['[auth.anonymous]\nenabled', '[auth.anonymous]\nenable'],
    ['disable_login_form', 'disable_loginform'],
    ['[security]\n', '[security]\nadmin_password = admin\n'],
    ['[users]\n', '[users]\nviewers_can_edit = true\n'],
  ])('is another when %j is %j', (from, to) => {
    const changed = text.replace(from, to);
    expect(changed).not.toBe(text);
    expect(keysOf(ini(changed))).not.toEqual(KEYS);
  });

  it('asks for the key set over TLS, which production mode wants', () => {
    expect(settings.get('auth.jwt')?.get('jwk_set_url')).toMatch(/^https:\/\//);
  });

  it('holds no secret, only where it is', () => {
    for (const [section, keys] of settings)
      for (const [key, value] of keys)
        if (/password|secret/.test(key))
          expect(value, `${section}.${key}`).toMatch(/^\$__file\{\/run\/secrets\/\w+\}$/);
  });

  it('gives quotes to what may hold a comment sign', () => {
    expect(settings.get('auth.jwt')?.get('role_attribute_path')).toBe('"""{{ROLE_ATTRIBUTE_PATH}}"""');
  });
});

const DATASOURCES = z.strictObject({
  apiVersion: z.literal(1),
  prune: z.literal(true),
  deleteDatasources: z.tuple([]),
  datasources: z.tuple([
    z.strictObject({
      ...{ name: z.literal('Prometheus'), uid: z.literal('prometheus'), orgId: z.literal(1) },
      ...{ type: z.literal('prometheus'), access: z.literal('proxy'), isDefault: z.literal(true) },
      url: z.literal('http://prometheus:9090/prometheus'),
      ...{ editable: z.literal(false), basicAuth: z.literal(true), basicAuthUser: z.literal('prometheus') },
      jsonData: z.strictObject({
        ...{ httpMethod: z.literal('POST'), timeInterval: z.literal('15s'), manageAlerts: z.literal(false) },
        ...{ prometheusType: z.literal('Prometheus'), prometheusVersion: z.string(), cacheLevel: z.string() },
        disableRecordingRules: z.boolean(),
      }),
      secureJsonData: z.strictObject({ basicAuthPassword: z.string().startsWith('$__file{/run/secrets/') }),
    }),
    z.strictObject({
      ...{ name: z.literal('Loki'), uid: z.literal('loki'), orgId: z.literal(1), type: z.literal('loki') },
      ...{ access: z.literal('proxy'), url: z.literal('http://loki:3100'), editable: z.literal(false) },
      jsonData: z.strictObject({ maxLines: z.int(), timeout: z.int(), manageAlerts: z.literal(false) }),
    }),
  ]),
});
const PROVIDERS = z.strictObject({
  apiVersion: z.literal(1),
  providers: z.tuple([
    z.strictObject({
      ...{ name: z.string(), orgId: z.literal(1), folder: z.string(), folderUid: z.string() },
      ...{ type: z.literal('file'), disableDeletion: z.literal(true), allowUiUpdates: z.literal(false) },
      updateIntervalSeconds: z.int().positive(),
      options: z.strictObject({
        path: z.literal('/etc/grafana/dashboards'),
        foldersFromFilesStructure: z.literal(false),
      }),
    }),
  ]),
});

describe('provisioning', () => {
  interface Source {
    readonly uid: string;
    readonly type: string;
    readonly editable: boolean;
    readonly secureJsonData?: Readonly<Record<string, string>>;
  }
  const { datasources } = parse(read('grafana/provisioning/datasources/datasources.yaml')) as {
    datasources: Source[];
  };

  it('gives the sources the uids that dashboards name, and lets nobody change them', () => {
    expect(datasources.map(({ uid, type }) => ({ uid, type }))).toEqual([PROMETHEUS, LOKI]);
    for (const source of datasources) {
      expect(source.editable).toBe(false);
      for (const secret of Object.values(source.secureJsonData ?? {})) expect(secret).toMatch(/^\$__file\{/);
    }
  });

  it('names sources and folders with the keys that Grafana knows, and the addresses that there are', () => {
    const files = ['datasources/datasources', 'dashboards/dashboards'].map((name) =>
      read(`grafana/provisioning/${name}.yaml`),
    );
    const [sources = '', folders = ''] = files;
    const holds = (schema: z.ZodType, content: string): boolean => schema.safeParse(parse(content)).success;
    expect([holds(DATASOURCES, sources), holds(PROVIDERS, folders)]).toEqual([true, true]);
    for (const [from, to] of [
      ['http://loki:3100', 'http://lokki:3100'],
      ['http://prometheus:9090/prometheus', 'http://prometheus:9090'],
      ['basicAuthUser:', 'basicAuthUsr:'],
      ['access: proxy', 'access: direct'],
      ['editable: false', 'editable: true'],
      ['apiVersion: 1', 'apiVersion: 2'],
      ['    uid: loki\n', ''],
    ] as const)
      expect([from, holds(DATASOURCES, sources.replace(from, to))]).toEqual([from, false]);
    for (const [from, to] of [
      ['/etc/grafana/dashboards', '/etc/grafana/dashboard'],
      ['allowUiUpdates: false', 'allowUiUpdates: true'],
      ['type: file', 'typ: file'],
    ] as const)
      expect([from, holds(PROVIDERS, folders.replace(from, to))]).toEqual([from, false]);
  });

  it('finds every dashboard, one file each, the home among them', () => {
    const files = readdirSync(join(root, 'grafana/dashboards')).sort();
    expect(files).toEqual(DASHBOARDS.map(({ uid }) => `${uid}.json`).sort());
    expect(read('grafana/grafana.ini.template')).toContain(
      'default_home_dashboard_path = /etc/grafana/dashboards/fleet.json',
    );
  });
});

describe('logs on their way', () => {
  const alloy = read('alloy/config.alloy');
  const loki = parse(read('loki/loki.yml')) as {
    readonly limits_config: Readonly<Record<string, unknown>>;
    readonly compactor: Readonly<Record<string, unknown>>;
    readonly analytics: Readonly<Record<string, unknown>>;
    readonly schema_config: { readonly configs: readonly Readonly<Record<string, unknown>>[] };
  };

  it('have few labels, and ids as structured metadata', () => {
    const values = (stage: string) =>
      [
        ...(new RegExp(`stage\\.${stage} \\{\\s+values = \\{([^}]*)\\}`).exec(alloy)?.[1] ?? '').matchAll(
          /(\w+)\s+=/g,
        ),
      ].map(([, name]) => name);
    expect(values('labels')).toEqual(['service', 'level']);
    expect(values('structured_metadata')).toEqual(['requestId', 'traceId', 'orderId', 'cycle']);
    expect(loki.limits_config).toMatchObject({ allow_structured_metadata: true });
  });

  it('are read from files, without the engine', () => {
    expect(alloy).toContain('/var/lib/docker/containers/*/*-json.log');
    expect(alloy).not.toMatch(/docker\.sock|loki\.source\.docker|discovery\.docker/);
  });

  it('are kept for a time, and told to nobody outside', () => {
    expect(loki.compactor).toMatchObject({ retention_enabled: true, delete_request_store: 'filesystem' });
    expect(loki.limits_config['retention_period']).toMatch(/^\d+h$/);
    // By default whoever reaches Loki, through Grafana a viewer too, may have lines deleted.
    expect(loki.limits_config['deletion_mode']).toBe('disabled');
    expect(loki.schema_config.configs).toEqual([expect.objectContaining({ schema: 'v13', store: 'tsdb' })]);
    expect(loki.analytics).toEqual({ reporting_enabled: false });
  });
});
