import { SERVICE_NAMES } from '../fleet/services.ts';

import type { EdgeInput } from './edge-input.ts';
import { adminEmails } from './people.ts';
import { secretOf } from './secrets.ts';
import { adminOrigin, publicOrigin } from './settings.ts';

/** A middleware of Traefik's dynamic configuration, as it stands in the file. */
export type Middleware = Readonly<Record<string, unknown>>;

/** The service that says whose certificate counts. It must not stand in the way of trading; alerts need it anyway. */
export const CERTIFYING_SERVICE = 'notification-manager';
export const CERTIFYING_PATH = '/access/certified';
/** Of Traefik itself, where a page is told that the service is away. */
export const CERTIFIER_AWAY_PATH = '/certifier-away';

const SERVICE_BODY_BYTES_MAX = 256 * 1024;
const PAGE_BODY_BYTES_MAX = 2 * 1024 * 1024;
/** Above it an answer would be written to a disk that the container does not have. */
const ANSWER_MEMORY_BYTES_MAX = 16 * 1024 * 1024;
const AUTH_ANSWER_BYTES_MAX = 64 * 1024;
const YEAR_SECONDS = 31_536_000;

/**
 * Requests a second and at once, of one client address to one router. A page loads its parts together; a person's
 * orders to the fleet do not come by the dozen.
 */
const RATES = {
  read: { average: 20, burst: 60 },
  write: { average: 2, burst: 10 },
  admin: { average: 5, burst: 30 },
  'sign-in': { average: 2, burst: 20 },
  slack: { average: 10, burst: 40 },
  page: { average: 50, burst: 300 },
} as const;

const IN_FLIGHT_MAX = { calls: 20, pages: 60, streams: 10 } as const;

/** The client's own address as the connection has it; what a header says of it does not count. */
const BY_CLIENT = { ipStrategy: { depth: 0 } } as const;

/** Headers that only the edge and oauth2-proxy may set, and those by which programs are talked into another request. */
const NEVER_FROM_CLIENTS = [
  'X-Edge-Secret',
  'X-Edge-Admin-Secret',
  'X-Service-Secret',
  'X-Forwarded-Tls-Client-Cert',
  'X-Forwarded-Tls-Client-Cert-Info',
  'X-Auth-Request-User',
  'X-Auth-Request-Email',
  'X-Auth-Request-Groups',
  'X-Auth-Request-Preferred-Username',
  'X-Auth-Request-Access-Token',
  'X-Auth-Request-Redirect',
  'X-Forwarded-User',
  'X-Forwarded-Email',
  'X-Forwarded-Groups',
  'X-Forwarded-Preferred-Username',
  'X-Forwarded-Access-Token',
  'X-Webauth-User',
  'X-Grafana-Org-Id',
  'X-Jwt-Assertion',
  'X-Prometheus-Remote-Write-Version',
  'Forwarded',
  'X-Original-Url',
  'X-Rewrite-Url',
  'X-Http-Method-Override',
  'X-Method-Override',
] as const;

/** What the edge shows a service, and no other program. */
const EDGE_HEADERS = [
  'X-Edge-Secret',
  'X-Edge-Admin-Secret',
  'X-Forwarded-Tls-Client-Cert',
  'X-Auth-Request-User',
  'X-Auth-Request-Email',
] as const;

const without = (names: readonly string[]): Middleware => ({
  headers: { customRequestHeaders: Object.fromEntries(names.map((name) => [name, ''])) },
});

/** All of them; routers name them in the order in which a request passes them. */
export function middlewares(input: EdgeInput): Readonly<Record<string, Middleware>> {
  return {
    ...answerHeaders(),
    ...limits(input),
    ...signIn(input),
    'clean-request': without(NEVER_FROM_CLIENTS),
    // Only /admin/* of the services asks for it: nobody else is shown it.
    'no-admin-token': without(['X-Admin-Token']),
    // On the public hosts the session's cookie alone is a sign-in. Whom the edge hands an ID token (every program behind it)
    // could bring it back there as a token of ops_cli, and act as that person; the admin host wants their certificate, too.
    'no-bearer': without(['Authorization']),
    // After the sign-in: the session's cookie is a key to everything and no business of the program behind.
    'no-cookie': without(['Cookie']),
    'no-credentials': without(['Cookie', 'Authorization', 'X-Admin-Token']),
    'client-certificate': { passTLSClientCert: { pem: true } },
    certified: certified(input),
    ...certifierAway(input),
    // After it: what was for notification-manager alone.
    'no-edge-headers': without(EDGE_HEADERS),
    'to-key-set': { replacePath: { path: input.keySet?.pathname ?? '/' } },
    ...secretHeaders(input),
    ...Object.fromEntries(
      SERVICE_NAMES.map((name) => [`strip-${name}`, { stripPrefix: { prefixes: [`/api/${name}`] } }]),
    ),
  };
}

function answerHeaders(): Record<string, Middleware> {
  const common = {
    stsSeconds: YEAR_SECONDS,
    stsIncludeSubdomains: true,
    contentTypeNosniff: true,
    referrerPolicy: 'no-referrer',
    permissionsPolicy: 'camera=(), geolocation=(), microphone=(), payment=(), usb=()',
  };
  const hidden = { Server: '', 'X-Powered-By': '' };
  return {
    'answer-of-service': {
      headers: {
        ...common,
        frameDeny: true,
        contentSecurityPolicy: "default-src 'none'; frame-ancestors 'none'",
        customResponseHeaders: { ...hidden, 'Cache-Control': 'no-store' },
      },
    },
    // Their own pages set what else their scripts need.
    'answer-of-page': {
      headers: { ...common, customFrameOptionsValue: 'SAMEORIGIN', customResponseHeaders: hidden },
    },
  };
}

function limits({ settings }: EdgeInput): Record<string, Middleware> {
  const rates = Object.entries(RATES).map(([name, { average, burst }]) => [
    `rate-${name}`,
    {
      rateLimit: {
        average: average * settings.EDGE_RATE_FACTOR,
        burst: burst * settings.EDGE_RATE_FACTOR,
        sourceCriterion: BY_CLIENT,
      },
    },
  ]);
  const inFlight = Object.entries(IN_FLIGHT_MAX).map(([name, amount]) => [
    `in-flight-${name}`,
    { inFlightReq: { amount: amount * settings.EDGE_RATE_FACTOR, sourceCriterion: BY_CLIENT } },
  ]);
  return {
    ...Object.fromEntries(rates),
    ...Object.fromEntries(inFlight),
    'body-of-service': body(SERVICE_BODY_BYTES_MAX),
    'body-of-page': body(PAGE_BODY_BYTES_MAX),
  };
}

/** Reads the request whole before the program behind sees it, and holds the answer back: not for /events. */
function body(bytes: number): Middleware {
  return {
    buffering: {
      maxRequestBodyBytes: bytes,
      memRequestBodyBytes: bytes,
      memResponseBodyBytes: ANSWER_MEMORY_BYTES_MAX,
    },
  };
}

function signIn({ settings, upstreams, operators }: EdgeInput): Record<string, Middleware> {
  const auth = (query: string): Middleware => ({
    forwardAuth: {
      address: `${upstreams['oauth2-proxy']}/oauth2/auth${query}`,
      trustForwardHeader: false,
      authRequestHeaders: ['Cookie', 'Authorization', 'User-Agent', 'X-Request-Id'],
      // Exactly these; one that oauth2-proxy does not send is removed.
      authResponseHeaders: ['Authorization', 'X-Auth-Request-User', 'X-Auth-Request-Email'],
      maxResponseBodySize: AUTH_ANSWER_BYTES_MAX,
      preserveLocationHeader: true,
    },
  });
  const admins = adminEmails(operators).map(encodeURIComponent).join(',');
  return {
    'sign-in': auth(''),
    'sign-in-admin': auth(`?allowed_emails=${admins}`),
    // Of pages only: a program gets its 401.
    'lead-to-sign-in': {
      errors: {
        status: ['401'],
        statusRewrites: { '401': 302 },
        service: 'traefik-internal',
        query: '/sign-in?rd={url}',
        errorRequestHeaders: [],
      },
    },
    'sign-in-address': {
      redirectRegex: {
        regex: '^https?://[^/]+/sign-in\\?rd=(.*)$',
        replacement: `${publicOrigin(settings, 'app')}/oauth2/start?rd=\${1}`,
        permanent: false,
      },
    },
    // The program behind refuses what oauth2-proxy let pass: a fault of the set-up. As a 401 it would lead to the sign-in,
    // which succeeds, and back, for ever.
    'no-second-sign-in': retold(401, 502),
    'to-https': redirect(settings.HTTPS_PORT),
    'to-https-admin': redirect(settings.ADMIN_PORT),
  };
}

/** Another status, and nothing of the answer. */
function retold(status: number, by: number): Middleware {
  return {
    errors: {
      status: [`${status}`],
      statusRewrites: { [status]: by },
      service: 'noop@internal',
      query: '/',
      errorRequestHeaders: [],
    },
  };
}

/**
 * Of pages only: when nobody can say whose certificate it is, Traefik answers 500 without a word. It stays shut, and the
 * browser is led to the page that says what to do. A program's own 500 is told apart from it: 502.
 */
function certifierAway({ settings }: EdgeInput): Record<string, Middleware> {
  const page = certifierRunbook(settings);
  return {
    'own-fault': retold(500, 502),
    'certifier-away':
      page === undefined
        ? retold(500, 503)
        : {
            errors: {
              status: ['500'],
              statusRewrites: { '500': 302 },
              service: 'traefik-internal',
              query: CERTIFIER_AWAY_PATH,
              errorRequestHeaders: [],
            },
          },
    ...(page === undefined
      ? {}
      : { 'certifier-runbook': { redirectRegex: { regex: '^.*$', replacement: page, permanent: false } } }),
  };
}

/** Undefined where runbooks have no address that a browser can open. */
export function certifierRunbook({ RUNBOOK_BASE_URL: base }: EdgeInput['settings']): string | undefined {
  if (base === undefined || !/^https?:\/\//.test(base)) return undefined;
  return `${base.replace(/\/$/, '')}/${CERTIFYING_SERVICE}-down.md`;
}

/**
 * The handshake shows that our CA has signed a certificate, the sign-in who asks; whether the two belong together, and
 * whether the certificate still counts, a service knows. It is asked of every request to a program that does not ask.
 */
function certified({ upstreams }: EdgeInput): Middleware {
  return {
    forwardAuth: {
      address: `${upstreams[CERTIFYING_SERVICE]}${CERTIFYING_PATH}`,
      // Else Traefik takes the certificate away that it has set itself (DeleteXForwardedHeaders in its
      // pkg/middlewares/auth/forward.go). Of what is believed then, the list below leaves the certificate alone: address,
      // method and path are Traefik's own, as without it.
      trustForwardHeader: true,
      authRequestHeaders: [
        'X-Edge-Secret',
        'X-Edge-Admin-Secret',
        'X-Forwarded-Tls-Client-Cert',
        'Authorization',
        'X-Auth-Request-Email',
        'X-Request-Id',
        'Traceparent',
      ],
      maxResponseBodySize: AUTH_ANSWER_BYTES_MAX,
    },
  };
}

function redirect(port: number): Middleware {
  return {
    redirectScheme: { scheme: 'https', permanent: true, ...(port === 443 ? {} : { port: `${port}` }) },
  };
}

/** What shows a program that a request came through the edge: of each service its own, and one more on the admin host. */
function secretHeaders({ secrets }: EdgeInput): Record<string, Middleware> {
  const admin = secretOf(secrets, 'edge_admin_secret');
  const set = (headers: Readonly<Record<string, string>>): Middleware => ({
    headers: { customRequestHeaders: headers },
  });
  const services = SERVICE_NAMES.flatMap((name) => {
    const own = secretOf(secrets, `edge_secret_${name}`);
    return [
      [`secret-${name}`, set({ 'X-Edge-Secret': own })],
      [`secret-admin-${name}`, set({ 'X-Edge-Secret': own, 'X-Edge-Admin-Secret': admin })],
    ] as const;
  });
  const passwords = (['prometheus', 'alertmanager'] as const).map((user) => {
    const pair = `${user}:${secretOf(secrets, `${user}_password`)}`;
    return [
      `password-${user}`,
      set({ Authorization: `Basic ${Buffer.from(pair).toString('base64')}` }),
    ] as const;
  });
  return Object.fromEntries([...services, ...passwords]);
}

/** Of requests that change something: a page of ours on this host, or nobody. */
export function ownOrigin({ settings }: EdgeInput, host: 'admin' | 'grafana'): string {
  const origin = host === 'admin' ? adminOrigin(settings) : publicOrigin(settings, host);
  return `Header(\`Origin\`, \`${origin}\`)`;
}
