import { ConfigError, type ConfigFault, envInteger, envList, envUrl, loadConfig } from '@fleet/shared/config';
import { z } from 'zod';

const HOST_NAME = /^(?=.{1,200}$)[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?(\.[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?)*$/;
const DURATION = /^[1-9]\d{0,4}(s|m|h)$/;
const IPV4 = /^(25[0-5]|2[0-4]\d|1?\d?\d)(\.(25[0-5]|2[0-4]\d|1?\d?\d)){3}$/;
/** Values go into TOML, ini and YAML: what could end a quoted text there is refused at the door. */
const PLAIN = /^[^\s"'`\\$%{}]+$/;

const port = (usual: number) => envInteger({ min: 1, max: 65_535 }).default(usual);
const plain = (what: string) =>
  z.string().trim().regex(PLAIN, `must be ${what} without spaces, quotes and $ % { } \\`);

const shape = {
  DOMAIN: z
    .string()
    .trim()
    .regex(HOST_NAME, 'must be a domain in lower case, such as fleet.example.com')
    .default('fleet.localhost'),
  TLS_MODE: z.enum(['files', 'acme'], 'must be files or acme').default('files'),
  HTTPS_PORT: port(443),
  ADMIN_PORT: port(8443),
  OIDC_PROVIDER: z.enum(['oidc', 'github'], 'must be oidc or github').default('oidc'),
  OIDC_ISSUER: envUrl('https', 'http').pipe(plain('a URL')).optional(),
  OIDC_JWKS_URI: envUrl('https', 'http').pipe(plain('a URL')).optional(),
  OIDC_AUDIENCES: envList()
    .pipe(z.array(plain('a list of client ids')))
    .default([]),
  /** The public client of ops_cli's sign-in on the loopback: its tokens are taken too. */
  OIDC_CLI_CLIENT_ID: plain('a client id').default('fleet-cli'),
  OIDC_SCOPE: z
    .string()
    .trim()
    .regex(/^[a-zA-Z0-9_:/. -]+$/, 'must be scopes separated by spaces')
    .default('openid email profile offline_access'),
  /** Who says who asks: `oidc` is the verified ID token; `headers` are oauth2-proxy's, for a provider that has none. */
  IDENTITY_SOURCE: z.enum(['oidc', 'headers'], 'must be oidc or headers').default('oidc'),
  /** Must be below the life of the provider's ID tokens. */
  OIDC_SESSION_REFRESH: z.string().trim().regex(DURATION, 'must be a duration such as 2m').default('2m'),
  EDGE_TRAEFIK_ADDRESS: z.string().trim().regex(IPV4, 'must be an IPv4 address').default('172.16.250.2'),
  /** Multiplies every rate limit of the edge. */
  EDGE_RATE_FACTOR: envInteger({ min: 1, max: 1_000 }).default(1),
  /** Where people read the runbooks; what is no URL (the path in the checkout) leads no browser anywhere. */
  RUNBOOK_BASE_URL: plain('a URL or a path').optional(),
  TRADING_MODE: z.enum(['paper', 'live'], 'must be paper or live').default('paper'),
  ACCESS_CONTROL: z.enum(['token', 'edge'], 'must be token or edge').default('edge'),
  /** Set by docker-compose.override.yml, whose ports are published past the edge. */
  DEVELOPMENT: z.enum(['yes', 'no'], 'must be yes or no').default('no'),
  CONFIG_DIR: z.string().trim().min(1).default('config'),
  RENDER_SECRETS_DIR: z.string().trim().min(1).default('/run/secrets'),
  RENDER_OUT_DIR: z.string().trim().min(1).default('/out'),
  /** Holds traefik/ca, traefik/certs and the templates. */
  RENDER_SOURCE_DIR: z.string().trim().min(1).default('.'),
  /** Where Traefik itself sees the folder of certs/. */
  RENDER_TRAEFIK_DIR: z.string().trim().min(1).default('/etc/traefik'),
  /** The same of oauth2-proxy's secrets and of its rendered files. */
  RENDER_OAUTH2_SECRETS_DIR: z.string().trim().min(1).default('/run/secrets'),
  RENDER_OAUTH2_CONFIG_DIR: z.string().trim().min(1).default('/etc/oauth2-proxy'),
  /** Addresses that differ from those of docker-compose.yml: NAME=URL, separated by commas. */
  RENDER_UPSTREAMS: envList().default([]),
};
const schema = z.object(shape);
export type Settings = Readonly<z.output<typeof schema>>;

/** @throws ConfigError with every fault of the environment. */
export function readSettings(env: NodeJS.ProcessEnv): Settings {
  const settings = loadConfig(schema, { env, prefix: ['RENDER_', 'EDGE_RATE_'] });
  const faults = [...development(settings), ...openAccess(settings), ...signIn(settings)];
  if (faults.length > 0) throw new ConfigError('environment', faults);
  return settings;
}

/** True for names that no stranger can reach or resolve. */
export function isLocal(domain: string): boolean {
  return /(^|\.)(localhost|test|internal)$/.test(domain);
}

/** Whatever its access control is: there the stores and every service are published beside the edge. */
function development({ DEVELOPMENT, TRADING_MODE, DOMAIN }: Settings): ConfigFault[] {
  if (DEVELOPMENT === 'no') return [];
  const fault = (problem: string): ConfigFault => ({
    name: 'COMPOSE_FILE',
    problem: `has docker-compose.override.yml, which is for development, with ${problem}`,
    action: 'set COMPOSE_FILE=docker-compose.yml in .env',
  });
  return [
    ...(TRADING_MODE === 'live' ? [fault('TRADING_MODE=live')] : []),
    ...(isLocal(DOMAIN) ? [] : [fault(`the public domain ${DOMAIN}`)]),
  ];
}

function openAccess({ ACCESS_CONTROL, TRADING_MODE, DOMAIN }: Settings): ConfigFault[] {
  if (ACCESS_CONTROL === 'edge') return [];
  const action = 'set ACCESS_CONTROL=edge (a production .env also has COMPOSE_FILE=docker-compose.yml)';
  const problem = 'is token, the way of the development override';
  return [
    ...(TRADING_MODE === 'live'
      ? [{ name: 'ACCESS_CONTROL', problem: `${problem}, with TRADING_MODE=live`, action }]
      : []),
    ...(isLocal(DOMAIN)
      ? []
      : [{ name: 'ACCESS_CONTROL', problem: `${problem}, with the public domain ${DOMAIN}`, action }]),
  ];
}

/** What the sign-in needs; nothing of it without the edge. */
function signIn(settings: Settings): ConfigFault[] {
  if (settings.ACCESS_CONTROL === 'token') return [];
  const faults: ConfigFault[] = [];
  if (settings.OIDC_AUDIENCES.length === 0)
    faults.push({
      name: 'OIDC_AUDIENCES',
      problem: 'is required and not set',
      action: 'set it to the client id that the identity provider gave you',
    });
  faults.push(...session(settings));
  if (settings.OIDC_PROVIDER === 'github') return faults;
  for (const name of ['OIDC_ISSUER', 'OIDC_JWKS_URI'] as const) {
    const value = settings[name];
    const { protocol, search } = new URL(value ?? 'https://unset');
    if (value === undefined)
      faults.push({
        name,
        problem: 'is required and not set',
        action: 'copy it from <issuer>/.well-known/openid-configuration',
      });
    else if (protocol === 'http:' && !isLocal(settings.DOMAIN))
      faults.push({
        name,
        problem: 'is plain http with a public domain',
        got: value,
        action: 'use the https address',
      });
    else if (search !== '')
      faults.push({
        name,
        problem: 'has a query, which the internal route cannot keep',
        got: value,
        action: 'use the address without it',
      });
  }
  return faults;
}

const SECONDS = { s: 1, m: 60, h: 3_600 } as const;
/** ID tokens live minutes to an hour; a session that is not refreshed before ends in refusals. */
const REFRESH_SECONDS = { min: 5, max: 1_800 };

function session({ OIDC_PROVIDER, OIDC_SESSION_REFRESH, IDENTITY_SOURCE }: Settings): ConfigFault[] {
  const seconds =
    Number.parseInt(OIDC_SESSION_REFRESH, 10) * SECONDS[OIDC_SESSION_REFRESH.at(-1) as keyof typeof SECONDS];
  const wanted = OIDC_PROVIDER === 'github' ? 'headers' : 'oidc';
  return [
    ...(seconds < REFRESH_SECONDS.min || seconds > REFRESH_SECONDS.max
      ? [
          {
            name: 'OIDC_SESSION_REFRESH',
            problem: 'must be from 5s to 30m, and below the life of the ID tokens',
            got: OIDC_SESSION_REFRESH,
            action: 'set it to less than half of that life, such as 2m',
          },
        ]
      : []),
    ...(IDENTITY_SOURCE === wanted
      ? []
      : [
          {
            name: 'IDENTITY_SOURCE',
            problem: `does not fit OIDC_PROVIDER=${OIDC_PROVIDER}`,
            got: IDENTITY_SOURCE,
            action: `set it to ${wanted}: services ${wanted === 'oidc' ? 'verify the ID token themselves' : 'have no ID token to verify'}`,
          },
        ]),
  ];
}

/** `https://app.example.com`, with the port where it is not 443. */
export function publicOrigin({ DOMAIN, HTTPS_PORT }: Settings, host: 'app' | 'grafana'): string {
  return `https://${host}.${DOMAIN}${portSuffix(HTTPS_PORT)}`;
}

export function adminOrigin({ DOMAIN, ADMIN_PORT }: Settings): string {
  return `https://admin.${DOMAIN}${portSuffix(ADMIN_PORT)}`;
}

export function portSuffix(number: number): string {
  return number === 443 ? '' : `:${number}`;
}
