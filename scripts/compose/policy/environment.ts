import { SERVICE_NAMES } from '../../fleet/services.ts';
import type { Kind } from './kind.ts';

const words = (text: string): readonly string[] => text.trim().split(/\s+/);

const DOMAIN = words(`
  DOMAIN IDENTITY_SOURCE OIDC_ISSUER OIDC_AUDIENCES OIDC_EMAIL_VERIFIED ALLOWED_ORIGINS TRADING_MODE ACCESS_CONTROL`);
const EDGE = words(`${DOMAIN.join(' ')}
  TLS_MODE OIDC_PROVIDER OIDC_JWKS_URI OIDC_CLI_CLIENT_ID OIDC_SCOPE OIDC_SESSION_REFRESH EDGE_RATE_FACTOR HTTPS_PORT
  ADMIN_PORT PUBLIC_PORT_SUFFIX EDGE_SUBNET EDGE_TRAEFIK_ADDRESS RUNBOOK_BASE_URL LOG_LEVEL`);
const SERVICE = words(`${DOMAIN.join(' ')}
  SIMULATOR_URL RUN_ID LOG_LEVEL STREAM_PARTITIONS OIDC_JWKS_URL DATABASE_URL_FILE REDIS_URL_FILE`);
const DAY = words('DAILY_TARGET_PCT DAILY_TARGET_POLICY DAILY_LOSS_CAP_PCT TRADING_DAY_TZ TRADING_DAY_START');
const constant = (name: string): string => name.toUpperCase().replaceAll('-', '_');

/** Of each service, what it has beside those of all. */
const OF_SERVICE: Readonly<Record<string, readonly string[]>> = {
  orchestrator: [...DAY, 'BREAK_GLASS_SOCKET'],
  'portfolio-manager': DAY,
  'market-analyst': [],
  'risk-manager': [...DAY, 'RISK_SIGNING_KEY_FILE'],
  'trade-executor': [
    ...DAY,
    ...words('RISK_PUBLIC_KEYS_DIR VENUE_API_KEY_FILE VENUE_API_SECRET_FILE LIVE_TRADING_ACK'),
  ],
  'notification-manager': words(
    'SLACK_BOT_TOKEN_FILE SLACK_SIGNING_SECRET_FILE ALERTMANAGER_URL ALERTMANAGER_PASSWORD_FILE RUNBOOK_BASE_URL',
  ),
  'parameter-optimizer': [
    ...DAY,
    ...words('MARKET_ANALYST_URL SERVICE_SECRET_FILE OPTIMIZER_THREADS CANDLES_DIR'),
  ],
  'mcp-hub-controller': [
    ...words('MCP_TOKEN_FILE SERVICE_SECRET_FILE MCP_ALLOWED_HOSTS MCP_ALLOWED_ORIGINS'),
    ...SERVICE_NAMES.filter((name) => name !== 'mcp-hub-controller').map((name) => `${constant(name)}_URL`),
  ],
};

/** The names of variables that a container may be given; there are no others. */
const NAMES: Readonly<Record<string, readonly string[]>> = {
  ...Object.fromEntries(
    Object.entries(OF_SERVICE).map(([name, own]) => [name, [...SERVICE, ...own]] as const),
  ),
  render: EDGE,
  traefik: EDGE,
  migrate: [
    ...words('DOMAIN TRADING_MODE ACCESS_CONTROL DATABASE_ADMIN_URL_FILE'),
    ...SERVICE_NAMES.map((name) => `${constant(name)}_DATABASE_URL_FILE`),
  ],
  'exchange-simulator': words('SIMULATOR_API_KEY_FILE SIMULATOR_API_SECRET_FILE LOG_LEVEL'),
  postgres: words('POSTGRES_USER POSTGRES_DB POSTGRES_PASSWORD_FILE'),
  backup: words('BACKUP_EVERY_HOURS BACKUP_KEEP BACKUP_DRILL_EVERY_HOURS'),
  prometheus: ['RUNBOOK_BASE_URL'],
  'redis-exporter': words('REDIS_ADDR REDIS_USER REDIS_PASSWORD_FILE'),
  'postgres-exporter': words('DATA_SOURCE_URI DATA_SOURCE_USER DATA_SOURCE_PASS_FILE'),
  grafana: ['GF_PATHS_CONFIG'],
  'slack-mcp-server': words('SLACK_MCP_HOST SLACK_MCP_PORT HOME'),
};
/** Of the loopback alone, where nobody signs in; with DEVELOPMENT render refuses a public domain and live trading. */
const OF_DEVELOPMENT: Readonly<Record<string, readonly string[]>> = {
  ...Object.fromEntries(
    SERVICE_NAMES.map((name) => [name, ['ADMIN_TOKEN_FILE', 'ALERTS_TOKEN_FILE']] as const),
  ),
  render: ['DEVELOPMENT'],
};
const FILE_OF = {
  production: /^\/run\/secrets\/\w[\w.-]{1,60}$/,
  development: /^\/run\/(secrets|development)\/\w[\w.-]{1,60}$/,
};
const RANDOM = /[0-9a-f]{24}/i;

type Environment = Readonly<Record<string, string | null>> | null | undefined;

/** Variables that the container is not known to need. */
export function unknownVariables(name: string, environment: Environment, kind: Kind): string[] {
  const more = kind === 'development' ? OF_DEVELOPMENT[name] : undefined;
  const known = [...(NAMES[name] ?? []), ...(more ?? [])];
  return Object.keys(environment ?? {}).filter((variable) => !known.includes(variable));
}

/** Variables that name a file of a secret must name one, not be it; an empty one switches the matter off. */
export function wrongFiles(environment: Environment, kind: Kind): string[] {
  return Object.entries(environment ?? {}).flatMap(([variable, value]) => {
    if (!variable.endsWith('_FILE') || value === null || value === '') return [];
    return FILE_OF[kind].test(value) && !RANDOM.test(value) ? [] : [variable];
  });
}

/** In production people come through the edge with a sign-in; the token alone is for the loopback. */
export function asksForSignIn(name: string, environment: Environment, kind: Kind): boolean {
  if (!NAMES[name]?.includes('ACCESS_CONTROL')) return true;
  const access = environment?.['ACCESS_CONTROL'];
  return access === 'edge' || (kind === 'development' && access === 'token');
}
