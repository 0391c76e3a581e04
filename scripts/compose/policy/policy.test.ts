import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { composedByDocker, composedHere } from './composed.ts';
import { breaches, type Kind } from './index.ts';
import { RULES } from './rules.ts';

const root = join(import.meta.dirname, '../../..');
type Parts = Record<string, unknown>;
interface Mount extends Parts {
  target: string;
}
interface Service extends Parts {
  build: Parts & { args: Parts };
  command: string[];
  environment: Parts;
  healthcheck: Parts & { test: string[] };
  ports: Parts[];
  tmpfs: string[];
  volumes: Mount[];
}
type Name =
  | ('redis' | 'postgres' | 'traefik' | 'prometheus' | 'alloy' | 'node-exporter' | 'slack-mcp-server')
  | ('orchestrator' | 'risk-manager' | 'render' | 'migrate');
/** As far as the changes below look into it. */
interface Document extends Parts {
  services: Record<Name, Service>;
  networks: Record<string, Parts>;
  volumes: Record<'redis', Parts>;
}
type Change = (document: Document) => void;

const byDocker = composedByDocker(root);
/** The production file as it is, by our own reading of it and, where there is one, by Docker Compose's. */
const STACKS: readonly (readonly [how: string, document: unknown])[] = [
  ['read here', composedHere(root)],
  ...(byDocker === undefined ? [] : [['by Docker Compose', byDocker] as const]),
];

function judged(document: unknown, change: Change, kind: Kind = 'production'): string[] {
  const copy = structuredClone(document) as Document;
  change(copy);
  return breaches(copy, kind);
}

const of =
  (name: Name, changes: object): Change =>
  ({ services }) => {
    Object.assign(services[name], changes);
  };
const risk = (changes: object): Change => of('risk-manager', changes);
const env =
  (name: Name, variables: object): Change =>
  ({ services }) => {
    services[name].environment = { ...services[name].environment, ...variables };
  };
const riskEnv = (variables: object): Change => env('risk-manager', variables);
const bind = (source: string, target: string, more: object = {}): Change => {
  const mount = { type: 'bind', source, target, read_only: true, bind: {}, ...more };
  return ({ services }) => {
    const { volumes } = services['risk-manager'];
    services['risk-manager'].volumes = [...volumes.filter((each) => each.target !== target), mount];
  };
};
const swap =
  (name: Name, from: string, to: string): Change =>
  ({ services }) => {
    const found = services[name].command.indexOf(from);
    if (found === -1) throw new Error(`${name} has no option ${from}`);
    services[name].command[found] = to;
  };
const network =
  (name: string, changes: object): Change =>
  ({ networks }) => {
    networks[name] = { ...networks[name], ...changes };
  };
const tag = (options: object): Change => risk({ logging: { driver: 'json-file', options } });
const LOG = { 'max-size': '10m', 'max-file': '5', tag: 'risk-manager' };
const HEX = 'd41c9a07be52f86310c4'.repeat(2);
const NODE = 'seccomp=./security/seccomp-node.json';
const NNP = 'no-new-privileges:true';
const TMP = '/tmp:size=64m,mode=1777,noexec,nosuid,nodev';

const ENVIRONMENT = 'has no secret in its environment';
const VARIABLES = 'has the variables that it needs and no others';
const WHERE = 'is told where a secret lies, not what it is';
const FILES = 'sees its own files and no others';
const FILTER = 'runs under the filter that is its own';
const HEALTH = 'checks its health with what its image holds';
const STARTS = 'starts as it must';
const IMAGE = 'is its own image';
const SYSTEM = 'sees no folder of the system';
const BOUNDS = 'has bounds';
const LOGS = 'rotates its log and marks it with its name';
const MEMORY = 'has its folders in memory and no others';
const ATTACHED = 'has on its networks its own names and addresses';

/** Of risk-manager, what breaks a rule. */
const BROKEN: readonly (readonly [rules: string | readonly string[], change: Change])[] = [
  ['runs as a number that is not root', risk({ user: '0:0' })],
  ['runs as a number that is not root', risk({ user: '1000' })],
  ['runs as a number that is not root', risk({ user: 'node' })],
  ['runs as a number that is not root', risk({ user: undefined })],
  ['has a read-only file system', risk({ read_only: false })],
  ['drops every capability', risk({ cap_drop: [] })],
  ['drops every capability', risk({ cap_drop: ['NET_RAW'] })],
  ['adds no capability', risk({ cap_add: ['NET_RAW'] })],
  ['adds no capability', risk({ cap_add: ['DAC_READ_SEARCH'] })],
  ['gains no privileges', risk({ security_opt: [NODE] })],
  [FILTER, risk({ security_opt: [NNP, NODE, 'apparmor=unconfined'] })],
  [FILTER, risk({ security_opt: [NNP, 'seccomp=unconfined'] })],
  [FILTER, risk({ security_opt: [NNP] })],
  [FILTER, risk({ security_opt: [NNP, 'seccomp=./security/seccomp-all.json'] })],
  [FILTER, risk({ security_opt: [NNP, 'seccomp=/tmp/seccomp-node.json'] })],
  [FILTER, risk({ security_opt: [NNP, NODE, 'seccomp=./security/other.json'] })],
  [FILTER, risk({ security_opt: [NNP, NODE, 'label=disable'] })],
  [FILTER, risk({ security_opt: [NNP, NODE, 'systempaths=unconfined'] })],
  [BOUNDS, risk({ mem_limit: undefined })],
  [BOUNDS, risk({ mem_limit: String(500 * 2 ** 30) })],
  [BOUNDS, risk({ shm_size: String(64 * 2 ** 30) })],
  [BOUNDS, risk({ pids_limit: 0 })],
  [BOUNDS, risk({ pids_limit: -1 })],
  [BOUNDS, risk({ pids_limit: 1_000_000 })],
  [BOUNDS, risk({ cpus: undefined })],
  [BOUNDS, risk({ cpus: 64 })],
  [LOGS, risk({ logging: undefined })],
  [LOGS, risk({ logging: { driver: 'local', options: LOG } })],
  [LOGS, tag({ ...LOG, 'max-size': undefined })],
  [LOGS, tag({ ...LOG, 'max-size': '500g' })],
  [LOGS, tag({ ...LOG, 'max-size': '500m' })],
  [LOGS, tag({ ...LOG, 'max-file': undefined })],
  [LOGS, tag({ ...LOG, 'max-file': '1000' })],
  [LOGS, tag({ ...LOG, tag: 'trade-executor' })],
  ['is started again unless it is a one-shot', risk({ restart: 'no' })],
  ['is started again unless it is a one-shot', risk({ restart: 'always' })],
  ['has a healthcheck', risk({ healthcheck: undefined })],
  ['has a healthcheck', risk({ healthcheck: { disable: true } })],
  ['has a healthcheck', risk({ healthcheck: { test: ['NONE'] } })],
  [HEALTH, risk({ healthcheck: { test: ['CMD', 'curl', 'localhost'] } })],
  [HEALTH, risk({ healthcheck: { test: ['CMD-SHELL', 'node healthcheck.js /ready'] } })],
  [HEALTH, risk({ healthcheck: { test: ['CMD', 'node', '-e', '0'] } })],
  [HEALTH, risk({ healthcheck: { test: ['CMD', 'node', 'healthcheck.js', '/ready', HEX] } })],
  ...['ADMIN_TOKEN', 'admin_token', 'db_password', 'ADMIN_TOKEN_1', 'ADMIN_TOKEN_VALUE', 'DB_PWD'].map(
    (name) => [[VARIABLES, ENVIRONMENT], riskEnv({ [name]: 'abc' })] as const,
  ),
  [[VARIABLES, ENVIRONMENT], riskEnv({ SLACK_CREDENTIALS: 'abc' })],
  [[VARIABLES, ENVIRONMENT], riskEnv({ DATABASE_URL: 'postgres:5432' })],
  [[VARIABLES, ENVIRONMENT], riskEnv({ AUTH: `Bearer ${HEX}` })],
  [VARIABLES, riskEnv({ NODE_OPTIONS: '--inspect=0.0.0.0' })],
  // Of another container.
  [VARIABLES, riskEnv({ VENUE_API_KEY_FILE: '/run/secrets/venue_api_key' })],
  [VARIABLES, riskEnv({ ADMIN_TOKEN_FILE: '/run/secrets/admin_token' })],
  [[VARIABLES, WHERE], riskEnv({ ADMIN_TOKEN_FILE: '/run/development/admin_token' })],
  // By what they look like, under a name that is known.
  [ENVIRONMENT, riskEnv({ RUN_ID: ['sk', 'ant', 'api03', 'x'].join('-') })],
  [ENVIRONMENT, riskEnv({ RUN_ID: HEX })],
  [ENVIRONMENT, riskEnv({ RUN_ID: 'Bearer abcdefgh' })],
  [ENVIRONMENT, riskEnv({ RUN_ID: 'xoxb-1-2-3' })],
  [ENVIRONMENT, riskEnv({ SIMULATOR_URL: 'redis://a:b@redis:6379' })],
  [ENVIRONMENT, riskEnv({ SIMULATOR_URL: 'https://hooks.slack.com/services/T/B/x' })],
  [[ENVIRONMENT, WHERE], riskEnv({ RISK_SIGNING_KEY_FILE: HEX })],
  [WHERE, riskEnv({ RISK_SIGNING_KEY_FILE: 'hunter2' })],
  [WHERE, riskEnv({ RISK_SIGNING_KEY_FILE: `/run/secrets/${HEX.slice(0, 24)}` })],
  ['asks people to sign in', riskEnv({ ACCESS_CONTROL: 'token' })],
  ['asks people to sign in', riskEnv({ ACCESS_CONTROL: '' })],
  [
    'asks people to sign in',
    ({ services }) => {
      delete services['risk-manager'].environment.ACCESS_CONTROL;
    },
  ],
  [STARTS, risk({ command: ['sh', '-c', 'true'] })],
  [STARTS, risk({ entrypoint: ['sh'] })],
  [['has no secret in its command', STARTS], risk({ command: ['--admin-token', 'abcd'] })],
  [['has no secret in its command', STARTS], risk({ entrypoint: ['--password=abcd'] })],
  [['does not see the engine', FILES], bind('/srv/docker.sock', '/x')],
  [['does not see the engine', FILES], bind('/srv/containerd.sock', '/x')],
  [['does not see the engine', SYSTEM, FILES], bind('/var/run', '/x')],
  ['writes into no folder of the host', bind('/srv/config', '/app/config', { read_only: false })],
  [[SYSTEM, FILES], bind('/etc', '/x')],
  [SYSTEM, bind('/etc/config', '/app/config')],
  [[SYSTEM, FILES], bind('/root/.ssh', '/x')],
  [[SYSTEM, FILES], bind('/var/lib/docker/containers', '/x')],
  [FILES, bind('/mnt', '/mnt')],
  [FILES, bind('/mnt', '/app/config')],
  [FILES, bind('/srv/fleet/secrets', '/run/secrets')],
  [FILES, bind('/srv/fleet/secrets/trade-executor', '/run/secrets')],
  [FILES, bind('/srv/risk-manager/../../mnt/config', '/app/config')],
  [
    FILES,
    ({ services: { 'risk-manager': service } }) => {
      service.volumes.push({ type: 'volume', source: 'postgres', target: '/data', volume: {} });
    },
  ],
  [['executes nothing in memory', MEMORY], risk({ tmpfs: ['/tmp:size=64m'] })],
  [MEMORY, risk({ tmpfs: [TMP.replace('64m', '64g')] })],
  [MEMORY, risk({ tmpfs: [TMP, '/run/secrets:size=1m,noexec,nosuid,nodev'] })],
  ['is on its networks and no others', risk({ networks: { agents: null, data: null, egress: null } })],
  ['is on its networks and no others', risk({ networks: { agents: null } })],
  ['is on its networks and no others', risk({ networks: { agents: null, data: null, loopback: null } })],
  [ATTACHED, risk({ networks: { agents: { aliases: ['traefik'] }, data: null } })],
  [ATTACHED, risk({ networks: { agents: { ipv4_address: '172.30.0.2' }, data: null } })],
  ['publishes what its kind of stack publishes', risk({ ports: [{ host_ip: '127.0.0.1', target: 1 }] })],
  [IMAGE, risk({ image: 'evil/risk-manager:1.0.0' })],
  [IMAGE, ({ services: { 'risk-manager': service } }) => Object.assign(service.build.args, { PROGRAM: 'x' })],
];

/** Keys that Compose knows, and that nobody here has need of. */
const NOT_ALLOWED: Readonly<Record<string, unknown>> = {
  ...{ privileged: true, pid: 'host', ipc: 'host', uts: 'host', userns_mode: 'host', cgroup: 'host' },
  ...{ devices: ['/dev/kmsg'], group_add: ['docker'], sysctls: { 'net.ipv4.ip_forward': '1' } },
  ...{ volumes_from: ['redis'], cgroup_parent: '/', device_cgroup_rules: ['a *:* rwm'], gpus: 'all' },
  ...{ oom_kill_disable: true, oom_score_adj: -1000, runtime: 'runc-of-mine', ulimits: { nproc: -1 } },
  ...{ extra_hosts: ['host.docker.internal:host-gateway'], dns: ['8.8.8.8'], links: ['redis'] },
  ...{ post_start: [{ command: ['sh'], user: 'root', privileged: true }], pre_stop: [{ command: ['sh'] }] },
  ...{ labels: { token: HEX }, annotations: { token: HEX }, env_file: ['secrets/all.env'] },
  ...{ secrets: [{ source: 'admin' }], configs: [{ source: 'admin' }], credential_spec: { file: 'x' } },
  ...{ scale: 2, deploy: { replicas: 2 }, init: true, stdin_open: true, container_name: 'x', hostname: HEX },
};

const REFUSED: readonly (readonly [says: string, change: Change])[] = [
  ...Object.entries(NOT_ALLOWED).map(
    ([key, value]) => [`services.risk-manager.${key} is not allowed`, risk({ [key]: value })] as const,
  ),
  ['services.risk-manager.network_mode: Invalid', risk({ network_mode: 'host' })],
  ['services.risk-manager.network_mode: Invalid', risk({ network_mode: 'service:traefik' })],
  [
    'services.risk-manager.healthcheck.environment is not allowed',
    ({ services }) => Object.assign(services['risk-manager'].healthcheck, { environment: [HEX] }),
  ],
  [
    'services.risk-manager.build.args.ADMIN_TOKEN is not allowed',
    ({ services }) => Object.assign(services['risk-manager'].build.args, { ADMIN_TOKEN: HEX }),
  ],
  [
    'services.risk-manager.build.network is not allowed',
    ({ services }) => Object.assign(services['risk-manager'].build, { network: 'host' }),
  ],
  ['services.risk-manager.logging.options.env is not allowed', tag({ ...LOG, env: 'X' })],
  [
    '.bind.propagation is not allowed',
    bind('/srv/config', '/app/config', { bind: { propagation: 'shared' } }),
  ],
  ['.tmpfs is not allowed', bind('/srv/config', '/app/config', { tmpfs: { mode: 0o777 } })],
  ['configs is not allowed', (document) => Object.assign(document, { configs: { a: { content: HEX } } })],
  ['secrets is not allowed', (document) => Object.assign(document, { secrets: { a: { environment: 'A' } } })],
  ['include is not allowed', (document) => Object.assign(document, { include: ['other.yml'] })],
  ...[
    { driver_opts: { type: 'none', o: 'bind', device: '/var/run' } },
    { driver: 'nfs' },
    { external: true },
    { labels: { token: HEX } },
  ].map(
    (change) =>
      [
        `volumes.redis.${Object.keys(change)[0]} is not allowed`,
        ({ volumes }: Document) => Object.assign(volumes.redis, change),
      ] as const,
  ),
  ...[{ external: true }, { driver: 'macvlan' }, { attachable: true }, { labels: {} }].map(
    (change) => [`networks.edge.${Object.keys(change)[0]} is not allowed`, network('edge', change)] as const,
  ),
];

const ELSEWHERE: readonly (readonly [says: string, change: Change])[] = [
  ['volume redis is not known', ({ volumes }) => Object.assign(volumes.redis, { name: 'of-another' })],
  [
    'volume more is not known',
    ({ name, volumes }) => Object.assign(volumes, { more: { name: `${name}_more` } }),
  ],
  ['network data is not internal', network('data', { internal: undefined })],
  ['network edge is not of this project', network('edge', { name: 'of-another' })],
  ['network edge has IPv6, which hides who comes in', network('edge', { enable_ipv6: true })],
  ['network egress has IPv6, which hides who comes in', network('egress', { enable_ipv6: true })],
  [
    'network egress has a bridge that the firewall does not know',
    network('egress', { driver_opts: { 'com.docker.network.bridge.name': 'other' } }),
  ],
  ['network data has options that it does not need', network('data', { driver_opts: { x: 'y' } })],
  ['network edge has addresses of its own', network('edge', { ipam: {} })],
  [
    'network data has addresses of its own',
    network('data', { ipam: { config: [{ subnet: '10.0.0.0/8', ip_range: '10.0.0.0/8' }] } }),
  ],
  [
    'network default is not known',
    ({ name, networks }) => Object.assign(networks, { default: { name: `${name}_default`, internal: true } }),
  ],
  [`redis: ${IMAGE}`, of('redis', { image: 'evil/redis:8.4.0' })],
  [`redis: ${IMAGE}`, of('redis', { image: 'docker.io.evil.test/redis:8.4.0' })],
  [`redis: is of an exact version`, of('redis', { image: 'redis:latest' })],
  [
    `redis: ${HEALTH}`,
    ({ services: { redis } }) => {
      redis.healthcheck.test = redis.healthcheck.test.filter((word: string) => word !== '-e');
    },
  ],
  [`redis: ${STARTS}`, swap('redis', 'noeviction', 'allkeys-lru')],
  [`redis: ${STARTS}`, swap('redis', 'everysec', 'no')],
  [`redis: ${STARTS}`, swap('redis', '384mb', '384gb')],
  [`redis: ${STARTS}`, ({ services: { redis } }) => redis.command.push('--appendfsync', 'no')],
  [`redis: ${STARTS}`, ({ services: { redis } }) => redis.command.push('--maxmemory-policy', 'allkeys-lru')],
  [`postgres: ${STARTS}`, ({ services: { postgres } }) => postgres.command.push('-c', 'hba_file=/tmp/x')],
  [`traefik: ${STARTS}`, ({ services: { traefik } }) => traefik.command.push('--api.insecure=true')],
  [
    `prometheus: ${STARTS}`,
    swap('prometheus', '--web.config.file=/run/prometheus/web.yml', '--log.level=info'),
  ],
  [
    `orchestrator: ${MEMORY}`,
    ({ services: { orchestrator } }) => {
      orchestrator.tmpfs = orchestrator.tmpfs.map((each: string) => each.replace('mode=0700', 'mode=0777'));
    },
  ],
  [
    `traefik: ${FILES}`,
    ({ services: { traefik } }) => {
      const [rendered] = traefik.volumes.filter(({ source }) => source === 'traefik-dynamic');
      Object.assign(rendered!, { read_only: false });
    },
  ],
  [`render: asks people to sign in`, env('render', { ACCESS_CONTROL: 'token' })],
  [`migrate: asks people to sign in`, env('migrate', { ACCESS_CONTROL: 'token' })],
  [`postgres: ${VARIABLES}`, env('postgres', { POSTGRES_HOST_AUTH_METHOD: 'trust' })],
  [`alloy: ${FILTER}`, of('alloy', { security_opt: [NNP] })],
  [`alloy: ${FILTER}`, of('alloy', { security_opt: [NNP, NODE] })],
  [
    `slack-mcp-server: ${STARTS}`,
    of('slack-mcp-server', {
      entrypoint: [
        ...['/bin/sh', '-c'],
        'SLACK_MCP_XOXB_TOKEN="$$(cat /run/secrets/slack_bot_token)" exec mcp-server --transport http',
      ],
    }),
  ],
  [
    'slack-mcp-server: is on its networks and no others',
    of('slack-mcp-server', { networks: { agents: null, egress: null } }),
  ],
  [
    'alloy: adds no capability',
    ({ services: { alloy } }) => {
      alloy.cap_add = ['DAC_READ_SEARCH', 'SYS_ADMIN'];
    },
  ],
  [
    'node-exporter: does not see the engine',
    ({ services: { 'node-exporter': exporter } }) => {
      exporter.tmpfs = exporter.tmpfs.filter((each: string) => each.startsWith('/tmp'));
    },
  ],
  ['migrate: is started again unless it is a one-shot', of('migrate', { restart: 'unless-stopped' })],
  [
    'newcomer: is on its networks and no others',
    ({ services }) => {
      Object.assign(services, { newcomer: structuredClone(services['risk-manager']) });
    },
  ],
];

describe.each(STACKS)('the production stack, %s', (_how, document) => {
  it('holds to every rule', () => {
    expect(breaches(document, 'production')).toEqual([]);
  });

  it.each(BROKEN.map(([rules, change], number) => [[rules].flat(), number, change] as const))(
    'is not right, by %j (%i)',
    (rules, _number, change) => {
      expect(judged(document, change)).toEqual(rules.map((rule) => `risk-manager: ${rule}`));
    },
  );

  it.each(REFUSED)('is refused: %s', (says, change) => {
    expect(judged(document, change)).toEqual([expect.stringContaining(says)]);
  });

  it.each(ELSEWHERE)('is not right: %s', (says, change) => {
    expect(judged(document, change)).toContain(says);
  });

  it('may hold an image by digest', () => {
    const image = (suffix: string) => judged(document, of('redis', { image: `redis${suffix}` }));
    const digest = `@sha256:${'a'.repeat(64)}`;
    expect([image(digest), image(`:8.4.0${digest}`)]).toEqual([[], []]);
    for (const name of ['', ':latest', ':v3', ':v3-alpine']) expect(image(name)).not.toEqual([]);
  });

  const [http, https, admin] = (document as Document).services.traefik.ports;
  it.each([
    ['a fourth port', [http, https, admin, { ...admin, target: 8081, published: '8081' }]],
    ['a missing port', [http, https]],
    ['another port', [http, https, { ...admin, published: '9000' }]],
    ['IPv6', [http, https, { ...admin, host_ip: '::' }]],
    ['every address', [http, https, { ...admin, host_ip: undefined }]],
    ['UDP', [http, { ...https, protocol: 'udp' }, admin]],
  ])('publishes the three ports of the edge and not %s', (_what, ports) => {
    expect(judged(document, of('traefik', { ports }))).toEqual([
      'traefik: publishes what its kind of stack publishes',
    ]);
  });

  it('in development publishes on 127.0.0.1 alone, over a network that leads nowhere', () => {
    const on = (host_ip: string | undefined, masquerade = 'false') =>
      judged(
        document,
        (stack) => {
          of('traefik', { ports: [] })(stack);
          const networks = { agents: null, data: null, loopback: null };
          risk({ ports: [{ host_ip, target: 7004, protocol: 'tcp' }], networks })(stack);
          const driver_opts = { 'com.docker.network.bridge.enable_ip_masquerade': masquerade };
          stack.networks.loopback = { name: `${stack.name}_loopback`, driver_opts };
          env('risk-manager', { ACCESS_CONTROL: 'token', ADMIN_TOKEN_FILE: '/run/development/admin_token' })(
            stack,
          );
        },
        'development',
      );
    expect(on('127.0.0.1')).toEqual([]);
    for (const address of ['0.0.0.0', '::1', undefined])
      expect(on(address)).toEqual(['risk-manager: publishes what its kind of stack publishes']);
    expect(on('127.0.0.1', 'true')).toEqual(['network loopback leads out']);
  });
});

describe('the rules', () => {
  it('are each broken by a case above', () => {
    const said = [
      ...BROKEN.flatMap(([rules]) => rules),
      ...ELSEWHERE.map(([says]) => says.replace(/^.*?: /, '')),
    ];
    expect(RULES.map(([rule]) => rule).filter((rule) => !said.includes(rule))).toEqual([]);
  });
});
