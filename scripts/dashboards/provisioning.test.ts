import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
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
    ['auth.jwt', 'allow_assign_grafana_admin', 'false'],
    ['auth.proxy', 'whitelist', '{{EDGE_TRAEFIK_ADDRESS}}'],
    ['users', 'allow_sign_up', 'false'],
    ['analytics', 'reporting_enabled', 'false'],
    ['analytics', 'check_for_updates', 'false'],
    ['unified_alerting', 'enabled', 'false'],
  ])('[%s] %s = %s', (section, key, value) => {
    expect(settings.get(section)?.get(key)).toBe(value);
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
