import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import {
  type AccessTable,
  accessTableFaults,
  loadAccessTable,
  OPERATORS_FILE,
  type Operator,
  parseOperators,
} from '@fleet/shared/access';
import { ConfigError, type ConfigFault } from '@fleet/shared/config';
import { SERVICE_NAMES } from '../fleet/services.ts';
import { alertmanagerFaults, alertmanagerFile } from './alertmanager.ts';
import { type Checked, clientAuthorities, serverCertificate } from './certificates.ts';
import { edgeFile } from './edge.ts';
import { CERTIFYING_PATH, CERTIFYING_SERVICE } from './edge-middlewares.ts';
import { strayPublicRoutes, uncertifiedRow } from './edge-routers.ts';
import { edgeTargetsFile, webFile } from './monitoring.ts';
import { OAUTH2_PROXY_TEMPLATE, oauth2ProxyFile } from './oauth2-proxy.ts';
import { emailsFile, roleAttributePath } from './people.ts';
import { EDGE_SECRETS, MONITORING_SECRETS, readSecrets, type Secrets } from './secrets.ts';
import { adminOrigin, portSuffix, publicOrigin, readSettings, type Settings } from './settings.ts';
import { fillTemplate } from './template.ts';
import { type Upstreams, upstreamsWith } from './upstreams.ts';
import type { Files } from './write-files.ts';

const GRAFANA_TEMPLATE = 'grafana/grafana.ini.template';
const ALERTMANAGER_TEMPLATE = 'alertmanager/alertmanager.yml.tmpl';

/** Characters that mean nothing in any of the files: TOML, ini, YAML, URL, JMESPath. */
const IDENTITY = /^[a-z0-9._+-]+@[a-z0-9.-]+$/;

export interface Rendered {
  readonly settings: Settings;
  readonly files: Files;
  readonly warnings: readonly string[];
}

/**
 * All files of all components, from the environment, the configuration, the secrets and the templates.
 * @throws ConfigError with every fault of every input; then nothing may be written.
 */
export function render(env: NodeJS.ProcessEnv, now: Date): Rendered {
  const faults: ConfigFault[] = [];
  const settings = attempt(() => readSettings(env), faults);
  if (settings === undefined) throw new ConfigError('environment', faults);
  const checked: Checked = { faults, warnings: [], now };
  const edge = settings.ACCESS_CONTROL === 'edge';
  const names = [...(edge ? EDGE_SECRETS : []), ...MONITORING_SECRETS];
  const secrets = readSecrets(settings.RENDER_SECRETS_DIR, names, faults);
  const operators = attempt(() => readOperators(settings), faults) ?? [];
  faults.push(...unusableIdentities(operators, settings));
  if (operators.length === 0) checked.warnings.push(`${OPERATORS_FILE} lists nobody: nobody may sign in`);
  const files = new Map<string, string>();
  if (edge)
    edgeFiles({ settings, secrets, operators, checked, files, complete: secrets.size === names.length });
  const template = (path: string): string => readText(join(settings.RENDER_SOURCE_DIR, path), faults);
  const values = sharedValues(settings, operators);
  files.set(
    'grafana-config/grafana.ini',
    fillTemplate(template(GRAFANA_TEMPLATE), GRAFANA_TEMPLATE, values, faults),
  );
  const alerts = fillTemplate(template(ALERTMANAGER_TEMPLATE), ALERTMANAGER_TEMPLATE, values, faults);
  if (alerts !== '') faults.push(...alertmanagerFaults(alerts, ALERTMANAGER_TEMPLATE));
  if (faults.length > 0) throw new ConfigError('render', faults);
  files.set(
    'alertmanager-config/alertmanager.yml',
    alertmanagerFile(alerts, settings.RENDER_SECRETS_DIR, checked.warnings),
  );
  files.set('prometheus-web/edge-targets.yml', edgeTargetsFile(settings));
  files.set('prometheus-web/web.yml', webFile('prometheus', secrets));
  files.set('alertmanager-config/web.yml', webFile('alertmanager', secrets));
  return { settings, files, warnings: checked.warnings };
}

interface EdgeParts {
  readonly settings: Settings;
  readonly secrets: Secrets;
  readonly operators: readonly Operator[];
  readonly checked: Checked;
  readonly files: Map<string, string>;
  /** False when a secret is missing: the faults say which, and nothing can be made of them. */
  readonly complete: boolean;
}

function edgeFiles({ settings, secrets, operators, checked, files, complete }: EdgeParts): void {
  const { faults } = checked;
  const access = attempt(() => readAccess(settings), faults);
  const upstreams = attempt((): Upstreams => upstreamsWith(settings.RENDER_UPSTREAMS), faults);
  const authorities = clientAuthorities(settings.RENDER_SOURCE_DIR, checked);
  const hosts = ['app', 'grafana', 'admin'].map((name) => `${name}.${settings.DOMAIN}`);
  const certificate =
    settings.TLS_MODE === 'files' ? serverCertificate(settings.RENDER_SOURCE_DIR, hosts, checked) : undefined;
  const template = readText(join(settings.RENDER_SOURCE_DIR, OAUTH2_PROXY_TEMPLATE), faults);
  if (!complete || access === undefined || upstreams === undefined) return;
  const keySet = settings.OIDC_PROVIDER === 'oidc' ? new URL(settings.OIDC_JWKS_URI ?? '') : undefined;
  const input = { settings, access, operators, secrets, upstreams, authorities, certificate, keySet };
  files.set('traefik-dynamic/edge.yml', edgeFile(input));
  files.set('oauth2-proxy-config/oauth2-proxy.cfg', oauth2ProxyFile(template, settings, secrets, faults));
  files.set('oauth2-proxy-config/emails.txt', emailsFile(operators));
}

function sharedValues(settings: Settings, operators: readonly Operator[]): Readonly<Record<string, string>> {
  const github = settings.OIDC_PROVIDER === 'github';
  const edge = settings.ACCESS_CONTROL === 'edge';
  return {
    DOMAIN: settings.DOMAIN,
    PUBLIC_PORT_SUFFIX: portSuffix(settings.HTTPS_PORT),
    APP_ORIGIN: publicOrigin(settings, 'app'),
    GRAFANA_ORIGIN: publicOrigin(settings, 'grafana'),
    ADMIN_ORIGIN: adminOrigin(settings),
    AUTH_ANONYMOUS_ENABLED: String(!edge),
    AUTH_JWT_ENABLED: String(edge && !github),
    AUTH_PROXY_ENABLED: String(edge && github),
    OIDC_ISSUER: settings.OIDC_ISSUER ?? '',
    OIDC_CLIENT_ID: settings.OIDC_AUDIENCES[0] ?? '',
    ROLE_ATTRIBUTE_PATH: roleAttributePath(operators),
    EDGE_TRAEFIK_ADDRESS: settings.EDGE_TRAEFIK_ADDRESS,
    RUNBOOK_BASE_URL: settings.RUNBOOK_BASE_URL ?? '',
  };
}

function readOperators({ CONFIG_DIR }: Settings): readonly Operator[] {
  const path = join(CONFIG_DIR, OPERATORS_FILE);
  const faults: ConfigFault[] = [];
  const text = readText(path, faults);
  if (faults.length > 0) throw new ConfigError(path, faults);
  return parseOperators(text, path);
}

function readAccess({ CONFIG_DIR }: Settings): AccessTable {
  const table = loadAccessTable(CONFIG_DIR);
  const faults: ConfigFault[] = strayPublicRoutes(table).map((route) => ({
    name: `access.yaml ${route}`,
    problem: 'is public, and the edge lets nothing through without sign-in but POST /slack/interactions',
    action: 'give it a role',
  }));
  for (const name of SERVICE_NAMES) faults.push(...accessTableFaults(table, name, [], false));
  const uncertified = uncertifiedRow(table);
  if (uncertified !== undefined)
    faults.push({
      name: `access.yaml ${CERTIFYING_SERVICE} GET ${CERTIFYING_PATH}`,
      problem: `has ${uncertified} as its role, and the edge asks it whose certificate counts`,
      action: 'give it the role certified',
    });
  if (faults.length > 0) throw new ConfigError('access.yaml', faults);
  return table;
}

function unusableIdentities(operators: readonly Operator[], { CONFIG_DIR }: Settings): ConfigFault[] {
  return operators
    .filter(({ identity }) => !IDENTITY.test(identity))
    .map(({ identity }) => ({
      name: `${join(CONFIG_DIR, OPERATORS_FILE)} ${identity}`,
      problem: 'has a character that cannot stand in the files of the edge',
      action: 'use an address of letters, digits, dots, "_", "+" and "-"',
    }));
}

function readText(path: string, faults: ConfigFault[]): string {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    const problem = code === 'ENOENT' ? 'does not exist' : `cannot be read (${code ?? 'unknown error'})`;
    faults.push({
      name: path,
      problem,
      action: 'take it from the repository again, and let uid 1000 read it',
    });
    return '';
  }
}

/** What `act` gives, or undefined with its faults taken over. Other errors go on. */
function attempt<Value>(act: () => Value, faults: ConfigFault[]): Value | undefined {
  try {
    return act();
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    faults.push(...error.faults);
    return undefined;
  }
}
