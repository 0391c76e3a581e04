import type { AccessTable, RouteRole } from '@fleet/shared/access';
import { SERVICE_NAMES, type ServiceName } from '../fleet/services.ts';
import type { EdgeInput } from './edge-input.ts';
import {
  CERTIFIER_AWAY_PATH,
  CERTIFYING_PATH,
  CERTIFYING_SERVICE,
  certifierRunbook,
  ownOrigin,
} from './edge-middlewares.ts';

/** A router of Traefik's dynamic configuration. */
export interface Router {
  readonly rule: string;
  readonly entryPoints: readonly string[];
  readonly service: string;
  readonly middlewares?: readonly string[];
  readonly priority?: number;
  readonly tls?: Readonly<Record<string, unknown>>;
}
type Routers = Record<string, Router>;

interface Route {
  readonly method: string;
  readonly path: string;
  readonly role: RouteRole;
}

/** Server-sent events: an answer without an end. */
const STREAM = 'GET /events';
const PUBLIC_ROUTE = 'POST /slack/interactions';

export function routers(input: EdgeInput): Routers {
  return {
    ping: { rule: 'Path(`/ping`)', entryPoints: ['metrics'], service: 'ping@internal' },
    ...plainHttp(input),
    ...signInPages(input),
    ...slack(input),
    ...Object.fromEntries(SERVICE_NAMES.flatMap((name) => Object.entries(ofService(input, name)))),
    ...grafana(input),
    ...adminPages(input),
    ...forContainers(input),
  };
}

const host = (input: EdgeInput, name: string): string => `Host(\`${name}.${input.settings.DOMAIN}\`)`;

/** Public hosts ask for no client certificate; the admin host's options are the default ones, the strict. */
function tlsOf(input: EdgeInput, name: 'app' | 'grafana' | 'admin'): Record<string, unknown> {
  return {
    ...(name === 'admin' ? {} : { options: 'public' }),
    ...(input.settings.TLS_MODE === 'acme'
      ? { certResolver: 'acme', domains: [{ main: `${name}.${input.settings.DOMAIN}` }] }
      : {}),
  };
}

function plainHttp(input: EdgeInput): Routers {
  const one = (name: string, middleware: string): Router => ({
    rule: host(input, name),
    entryPoints: ['web'],
    service: 'noop@internal',
    middlewares: [middleware],
  });
  return {
    'http-app': one('app', 'to-https'),
    'http-grafana': one('grafana', 'to-https'),
    'http-admin': one('admin', 'to-https-admin'),
  };
}

/** oauth2-proxy's own pages, without /oauth2/auth, which is Traefik's question alone. */
function signInPages(input: EdgeInput): Routers {
  const paths = ['start', 'callback', 'sign_in', 'sign_out'].map((page) => `Path(\`/oauth2/${page}\`)`);
  return {
    'sign-in-pages': {
      rule: `${host(input, 'app')} && Method(\`GET\`) && (${paths.join(' || ')} || PathPrefix(\`/oauth2/static/\`))`,
      entryPoints: ['websecure'],
      service: 'oauth2-proxy',
      middlewares: [
        'answer-of-page',
        'clean-request',
        'no-admin-token',
        'no-bearer',
        'rate-sign-in',
        'in-flight-calls',
        'body-of-service',
      ],
      tls: tlsOf(input, 'app'),
    },
  };
}

/** The only way in without sign-in: Slack signs its requests, and notification-manager verifies the signature. */
function slack(input: EdgeInput): Routers {
  return {
    slack: {
      rule: `${host(input, 'app')} && Method(\`POST\`) && Path(\`/slack/interactions\`)`,
      entryPoints: ['websecure'],
      service: 'notification-manager',
      middlewares: [
        'answer-of-service',
        'clean-request',
        'no-credentials',
        'rate-slack',
        'in-flight-calls',
        'body-of-service',
        'secret-notification-manager',
      ],
      tls: tlsOf(input, 'app'),
    },
  };
}

/** Rows of the table as routers, few of them: a rate counts by router. */
function ofService(input: EdgeInput, name: ServiceName): Routers {
  const rows = routesOf(input.access, name);
  const reads = rows.filter(({ method, role }) => method === 'GET' && role === 'viewer');
  const groups: readonly (readonly [string, readonly Route[]])[] = [
    ['read', reads.filter((route) => !isStream(route))],
    ['stream', reads.filter(isStream)],
    [
      'write',
      rows.filter(({ method, role }) => role === 'operator' || (method !== 'GET' && role === 'viewer')),
    ],
    ['admin', rows.filter(({ role }) => role === 'admin')],
  ];
  const all: Routers = {};
  for (const [group, routes] of groups) {
    if (routes.length === 0) continue;
    if (group !== 'admin') all[`app-${name}-${group}`] = appRouter(input, name, group, routes);
    all[`admin-${name}-${group}`] = adminRouter(input, name, group, routes);
  }
  return all;
}

function appRouter(input: EdgeInput, name: ServiceName, group: string, routes: readonly Route[]): Router {
  return {
    rule: `${host(input, 'app')} && ${anyOf(name, routes)}`,
    entryPoints: ['websecure'],
    service: name,
    middlewares: [
      'answer-of-service',
      'clean-request',
      'no-admin-token',
      'no-bearer',
      ...limitsOf(group, group === 'write' ? 'write' : 'read'),
      'sign-in',
      ...bodyOf(group),
      'no-cookie',
      `secret-${name}`,
      `strip-${name}`,
    ],
    tls: tlsOf(input, 'app'),
  };
}

function adminRouter(input: EdgeInput, name: ServiceName, group: string, routes: readonly Route[]): Router {
  return {
    rule: `${host(input, 'admin')} && ${anyOf(name, routes)}`,
    entryPoints: ['admin'],
    service: name,
    middlewares: [
      'answer-of-service',
      'clean-request',
      ...(group === 'admin' ? [] : ['no-admin-token']),
      ...limitsOf(group, 'admin'),
      'sign-in-admin',
      ...bodyOf(group),
      'no-cookie',
      'client-certificate',
      `secret-admin-${name}`,
      `strip-${name}`,
    ],
    tls: tlsOf(input, 'admin'),
  };
}

const limitsOf = (group: string, rate: 'read' | 'write' | 'admin'): string[] => [
  `rate-${rate}`,
  group === 'stream' ? 'in-flight-streams' : 'in-flight-calls',
];
const bodyOf = (group: string): string[] => (group === 'stream' ? [] : ['body-of-service']);

/** What is internal or certified has no router; the public route has one of its own. */
function routesOf(access: AccessTable, name: ServiceName): readonly Route[] {
  return Object.entries(access.services[name] ?? {})
    .map(([key, role]) => {
      const [method = '', path = ''] = key.split(' ');
      return { method, path, role };
    })
    .filter(({ role }) => role !== 'internal' && role !== 'public' && role !== 'certified')
    .sort((left, right) => (`${left.path} ${left.method}` < `${right.path} ${right.method}` ? -1 : 1));
}

const isStream = ({ method, path }: Route): boolean => `${method} ${path}` === STREAM;

/** Rows that are public although no router is made for them. */
export function strayPublicRoutes(access: AccessTable): readonly string[] {
  return Object.entries(access.services).flatMap(([name, rows]) =>
    Object.entries(rows)
      .filter(
        ([route, role]) => role === 'public' && `${name} ${route}` !== `notification-manager ${PUBLIC_ROUTE}`,
      )
      .map(([route]) => `${name} ${route}`),
  );
}

/** Undefined when the table lets the edge ask for certificates as it does; else what the row says instead. */
export function uncertifiedRow(access: AccessTable): string | undefined {
  const role = access.services[CERTIFYING_SERVICE]?.[`GET ${CERTIFYING_PATH}`];
  return role === 'certified' ? undefined : (role ?? 'nothing');
}

/** `(Method(`GET`) && (Path(`/api/…`) || PathRegexp(`^/api/…/[^/]+$`)))`, methods joined by or. */
function anyOf(name: ServiceName, routes: readonly Route[]): string {
  const methods = [...Map.groupBy(routes, ({ method }) => method)].sort();
  const parts = methods.map(([method, ofMethod]) => {
    const paths = ofMethod.map(({ path }) => pathRule(`/api/${name}${path}`));
    return `(Method(\`${method}\`) && (${paths.join(' || ')}))`;
  });
  return parts.length === 1 ? (parts[0] ?? '') : `(${parts.join(' || ')})`;
}

function pathRule(path: string): string {
  if (!path.includes('{')) return `Path(\`${path}\`)`;
  const pattern = path.replaceAll('.', '\\.').replaceAll(/\{[^}]+\}/g, '[^/]+');
  return `PathRegexp(\`^${pattern}$\`)`;
}

const PAGE_START = ['answer-of-page', 'clean-request', 'rate-page', 'in-flight-pages'] as const;

const READS = '(Method(`GET`) || Method(`HEAD`))';

/**
 * Addresses where Grafana hands a request of any viewer on to Prometheus or Loki as it came: forged log lines, a flushed
 * or stopped ingester (some of Loki's take a GET). The dashboards ask by POST /api/ds/query. What pages need beside it
 * is read: anything that the data sources' own code answers to a GET, the lists of Prometheus that its code asks by
 * POST (GET_AND_POST_METADATA_ENDPOINTS in packages/grafana-prometheus/src/datasource.ts of Grafana), Loki's live tail.
 */
const HANDED_ON =
  '(?i)^/(api/datasources/(proxy|([^/]+/)+resources)|apis/[^/]*datasource\\.grafana\\.app)(/|$)';
const READS_HANDED_ON = [
  `${READS} && PathRegexp(\`^/api/datasources/((uid/)?[^/]+/resources|proxy/(uid/)?[^/]+/(loki/)?api/v1)/\`)`,
  'Method(`POST`) && PathRegexp(`^/api/datasources/(uid/)?[^/]+/resources/api/v1/(query|query_range|series|labels)$`)',
];
const NOTHING_FORGED = `(!PathRegexp(\`${HANDED_ON}\`) || ${READS_HANDED_ON.map((rule) => `(${rule})`).join(' || ')})`;

/**
 * What Grafana may be told to change: questions, dashboards and the person's own settings. It has no guard against pages
 * of others where nobody has its own login cookie, so the Origin is asked for here. Data sources, people and plugins are
 * configuration: an admin's sign-in, which on this host comes without a certificate, does not change them.
 */
const WORK = `PathRegexp(\`^/(api/(ds/query|datasources/(uid/)?[^/]+/resources/.+|(annotations|dashboards|folders|library-elements|playlists|query-history|live)(/.*)?|user/(preferences|stars|helpflags)(/.*)?|short-urls|search-v2|frontend-metrics)|apis/(dashboard|folder|playlist|preferences|shorturl|query|userstorage|collections|features)\\.grafana\\.app/.+)$\`)`;

/** Its pages lead to the sign-in, its API answers 401; live updates are a WebSocket, which cannot be held back. */
function grafana(input: EdgeInput): Routers {
  const one = (rule: string, middle: readonly string[], priority: number): Router => ({
    rule: `${host(input, 'grafana')} && (${READS} || (${ownOrigin(input, 'grafana')} && ${WORK})) && ${NOTHING_FORGED}${rule}`,
    entryPoints: ['websecure'],
    service: 'grafana',
    middlewares: [...PAGE_START, 'no-admin-token', 'no-bearer', ...middle, 'no-cookie'],
    priority,
    tls: tlsOf(input, 'grafana'),
  });
  return {
    grafana: one('', ['lead-to-sign-in', 'sign-in', 'no-second-sign-in', 'body-of-page'], 1),
    'grafana-api': one(' && PathPrefix(`/api/`)', ['sign-in', 'body-of-page'], 2),
    'grafana-live': one(' && PathPrefix(`/api/live/`)', ['sign-in'], 3),
  };
}

/**
 * Traefik's dashboard shows what a middleware sets, also the edge's secrets and the passwords of monitoring, to every
 * browser that may see it. So it gets routers and services; its lists of middlewares, the raw configuration and whatever
 * else its API learns to tell stay closed.
 */
const DASHBOARD = `(Path(\`/traefik/\`) || PathPrefix(\`/traefik/dashboard/\`) || PathRegexp(\`^/traefik/api/(overview|version|entrypoints(/[^/]+)?|(http|tcp|udp)/(routers|services)(/[^/]+)?)$\`))`;

/** Between the sign-in and a program without roles of its own: the person's own certificate, asked of a service. */
const CERTIFIED = [
  'client-certificate',
  `secret-admin-${CERTIFYING_SERVICE}`,
  'certified',
  'no-edge-headers',
  'no-credentials',
] as const;

/** Programs without roles of their own: only admins pass oauth2-proxy here, and what changes something needs our page. */
function adminPages(input: EdgeInput): Routers {
  const methods = `(Method(\`GET\`) || ((Method(\`POST\`) || Method(\`DELETE\`)) && ${ownOrigin(input, 'admin')}))`;
  const pair = (name: 'prometheus' | 'alertmanager'): Routers => {
    const one = (path: string, page: boolean, priority: number): Router => ({
      rule: `${host(input, 'admin')} && PathPrefix(\`${path}\`) && ${methods}`,
      entryPoints: ['admin'],
      service: name,
      middlewares: [
        ...PAGE_START,
        ...(page ? ['lead-to-sign-in'] : []),
        'sign-in-admin',
        ...(page ? ['no-second-sign-in', 'certifier-away'] : []),
        'body-of-page',
        ...CERTIFIED,
        ...(page ? ['own-fault'] : []),
        `password-${name}`,
      ],
      priority,
      tls: tlsOf(input, 'admin'),
    });
    return { [name]: one(`/${name}/`, true, 1), [`${name}-api`]: one(`/${name}/api/`, false, 2) };
  };
  return {
    ...pair('prometheus'),
    ...pair('alertmanager'),
    'traefik-dashboard': {
      rule: `${host(input, 'admin')} && Method(\`GET\`) && ${DASHBOARD}`,
      entryPoints: ['admin'],
      service: 'api@internal',
      middlewares: [
        ...PAGE_START,
        'lead-to-sign-in',
        'sign-in-admin',
        'no-second-sign-in',
        'certifier-away',
        ...CERTIFIED,
        'own-fault',
      ],
      tls: tlsOf(input, 'admin'),
    },
  };
}

/** Never published: the provider's public keys, and where a page without sign-in is told to go. */
function forContainers(input: EdgeInput): Routers {
  const signIn: Routers = {
    'sign-in-address': {
      rule: 'Path(`/sign-in`) && Method(`GET`)',
      entryPoints: ['internal'],
      service: 'noop@internal',
      middlewares: ['sign-in-address'],
    },
    ...(certifierRunbook(input.settings) === undefined
      ? {}
      : {
          'certifier-away': {
            rule: `Path(\`${CERTIFIER_AWAY_PATH}\`) && Method(\`GET\`)`,
            entryPoints: ['internal'],
            service: 'noop@internal',
            middlewares: ['certifier-runbook'],
          },
        }),
  };
  if (input.keySet === undefined) return signIn;
  const keys = {
    service: 'key-set',
    middlewares: ['clean-request', 'no-credentials', 'rate-read', 'to-key-set'],
  };
  return {
    ...signIn,
    'key-set': { rule: 'Path(`/oidc/jwks`) && Method(`GET`)', entryPoints: ['internal'], ...keys },
    'key-set-tls': {
      rule: 'Host(`traefik`) && Path(`/oidc/jwks`) && Method(`GET`)',
      entryPoints: ['jwks'],
      ...keys,
      tls: { options: 'internal' },
    },
  };
}
