import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import {
  breaches,
  type ComposeConfig,
  composeConfig,
  EXCEPTIONS,
  type Kind,
  NETWORKS_OF,
  RULES,
  type Service,
} from './index.ts';

const GOOD: Service = {
  build: {},
  user: '1000:1000',
  read_only: true,
  cap_drop: ['ALL'],
  security_opt: ['no-new-privileges:true', 'seccomp=./security/seccomp-node.json'],
  restart: 'unless-stopped',
  mem_limit: 1,
  pids_limit: 1,
  cpus: 1,
  logging: { driver: 'json-file', options: { 'max-size': '10m', 'max-file': '5', tag: 'risk-manager' } },
  healthcheck: { test: ['CMD', 'node', 'healthcheck.js'] },
  environment: { ADMIN_TOKEN_FILE: '/run/secrets/admin_token', SLACK_BOT_TOKEN: '' },
  tmpfs: ['/tmp:size=64m,noexec,nosuid,nodev'],
  volumes: [{ type: 'bind', source: '/srv/config', target: '/app/config', read_only: true }],
  networks: { agents: null, data: null },
};
const NETWORKS = {
  agents: { internal: true },
  data: { internal: true },
  egress: {},
  loopback: { driver_opts: { 'com.docker.network.bridge.enable_ip_masquerade': 'false' } },
};

function found(
  change: object,
  name = 'risk-manager',
  kind: Kind = 'production',
  base: Service = GOOD,
): string[] {
  const service = { ...base, ...change } as Service;
  return breaches({ services: { [name]: service }, networks: NETWORKS } as ComposeConfig, kind);
}

const bind = (source: string, read_only = true) => ({
  volumes: [{ type: 'bind', source, target: '/x', read_only }],
});
const log = (options: object) => ({ logging: { driver: 'json-file', options } });
const FULL_LOG = { 'max-size': '1m', 'max-file': '5', tag: 'risk-manager' };

const BREACHES: ReadonlyArray<readonly [rule: string, change: object]> = [
  ['runs as a number that is not root', { user: '0:0' }],
  ['runs as a number that is not root', { user: '1000' }],
  ['runs as a number that is not root', { user: 'node' }],
  ['runs as a number that is not root', { user: undefined }],
  ['has a read-only file system', { read_only: false }],
  ['drops every capability', { cap_drop: [] }],
  ['drops every capability', { cap_drop: ['NET_RAW'] }],
  ['adds no capability', { cap_add: ['NET_RAW'] }],
  ['adds no capability', { cap_add: ['DAC_READ_SEARCH'] }],
  ['gains no privileges', { security_opt: ['seccomp=./security/seccomp-node.json'] }],
  ['is not privileged', { privileged: true }],
  ['is confined', { security_opt: [...(GOOD.security_opt ?? []), 'apparmor=unconfined'] }],
  ['of our own programs runs under the profile for Node', { security_opt: ['no-new-privileges:true'] }],
  ['shares no namespace of the host', { pid: 'host' }],
  ['shares no namespace of the host', { ipc: 'host' }],
  ['shares no namespace of the host', { uts: 'host' }],
  ['shares no namespace of the host', { userns_mode: 'host' }],
  ['shares no namespace of the host', { cgroup: 'host' }],
  ['shares no namespace of the host', { network_mode: 'host' }],
  ['shares no namespace of the host', { network_mode: 'service:traefik' }],
  ['has no device, group, kernel setting or volume of another', { devices: ['/dev/kmsg'] }],
  ['has no device, group, kernel setting or volume of another', { group_add: ['docker'] }],
  ['has no device, group, kernel setting or volume of another', { sysctls: { 'net.ipv4.ip_forward': '1' } }],
  ['has no device, group, kernel setting or volume of another', { volumes_from: ['redis'] }],
  ['has bounds', { mem_limit: undefined }],
  ['has bounds', { pids_limit: 0 }],
  ['has bounds', { pids_limit: -1 }],
  ['has bounds', { cpus: undefined }],
  ['rotates its log and marks it with its name', { logging: undefined }],
  ['rotates its log and marks it with its name', { logging: { driver: 'local', options: FULL_LOG } }],
  ['rotates its log and marks it with its name', log({ ...FULL_LOG, 'max-size': undefined })],
  ['rotates its log and marks it with its name', log({ ...FULL_LOG, 'max-file': undefined })],
  ['rotates its log and marks it with its name', log({ ...FULL_LOG, tag: 'trade-executor' })],
  ['is started again unless it is a one-shot', { restart: 'no' }],
  ['is started again unless it is a one-shot', { restart: 'always' }],
  ['has a healthcheck', { healthcheck: undefined }],
  ['has a healthcheck', { healthcheck: { disable: true } }],
  ['has a healthcheck', { healthcheck: { test: ['NONE'] } }],
  ['checks its health with what its image holds', { healthcheck: { test: ['CMD', 'curl', 'localhost'] } }],
  ['checks its health with what its image holds', { healthcheck: { test: ['CMD-SHELL', 'node x'] } }],
  ['has no secret in its environment', { environment: { ADMIN_TOKEN: 'abc' } }],
  ['has no secret in its environment', { environment: { DATABASE_URL: 'postgres:5432' } }],
  ['has no secret in its environment', { environment: { ADDRESS: 'redis://a:b@redis:6379' } }],
  ['has no secret in its environment', { environment: { WHO: 'xoxb-1-2-3' } }],
  ['has no secret in its environment', { environment: { WHERE: 'https://hooks.slack.com/services/T/B/x' } }],
  [
    'has no secret in its command',
    { command: ['redis-server', '--requirepass', 'x'], entrypoint: ['--password=abcd'] },
  ],
  ['has no secret in its command', { command: ['--admin-token', 'abcd'] }],
  ['does not see the engine', bind('/srv/docker.sock')],
  ['does not see the engine', bind('/srv/containerd.sock')],
  ['writes into no folder of the host', bind('/srv/config', false)],
  ['sees no folder of the system', bind('/etc')],
  ['sees no folder of the system', bind('/root/.ssh')],
  ['sees no folder of the system', bind('/var/lib/docker/containers')],
  ['executes nothing in memory', { tmpfs: ['/tmp:size=64m'] }],
  ['is on its networks and no others', { networks: { agents: null, data: null, egress: null } }],
  ['is on its networks and no others', { networks: { agents: null } }],
  ['is on its networks and no others', { networks: { agents: null, data: null, loopback: null } }],
  ['publishes what its kind of stack publishes', { ports: [{ host_ip: '127.0.0.1', target: 1 }] }],
];

const TRAEFIK: Service = {
  ...GOOD,
  build: undefined,
  image: 'traefik:v3.7.15',
  logging: { driver: 'json-file', options: { ...FULL_LOG, tag: 'traefik' } },
  healthcheck: { test: ['CMD', 'traefik', 'healthcheck'] },
  networks: { edge: null, agents: null, egress: null },
  ports: [
    { host_ip: '0.0.0.0', target: 8080, published: '80', protocol: 'tcp' },
    { host_ip: '0.0.0.0', target: 8443, published: '443', protocol: 'tcp' },
    { host_ip: '0.0.0.0', target: 9443, published: '8443', protocol: 'tcp' },
  ],
};
const [http, https, admin] = TRAEFIK.ports ?? [];

describe('the rules of a container', () => {
  it('find nothing in one that holds to them', () => {
    expect(found({})).toEqual([]);
    expect(found({}, 'traefik', 'production', TRAEFIK)).toEqual([]);
  });

  it.each(BREACHES)('name what breaks "%s"', (rule, change) => {
    expect(found(change)).toEqual([`risk-manager: ${rule}`]);
  });

  it.each([
    ['a fourth port', { ports: [http, https, admin, { ...admin, target: 8081, published: '8081' }] }],
    ['a missing port', { ports: [http, https] }],
    ['another port', { ports: [http, https, { ...admin, published: '9000' }] }],
    ['IPv6', { ports: [http, https, { ...admin, host_ip: '::' }] }],
    ['every address', { ports: [http, https, { ...admin, host_ip: undefined }] }],
    ['UDP', { ports: [http, { ...https, protocol: 'udp' }, admin] }],
  ])('let the edge publish its three ports and not %s', (_what, change) => {
    expect(found(change, 'traefik', 'production', TRAEFIK)).toEqual([
      'traefik: publishes what its kind of stack publishes',
    ]);
  });

  it.each(['traefik', 'traefik:latest', 'traefik:v3', 'traefik:v3-alpine'])(
    'refuse the image %s',
    (image) => {
      expect(found({ image }, 'traefik', 'production', TRAEFIK)).toEqual(['traefik: is of an exact version']);
    },
  );

  it('take an image by digest', () => {
    const image = `traefik@sha256:${'a'.repeat(64)}`;
    expect(found({ image }, 'traefik', 'production', TRAEFIK)).toEqual([]);
  });

  it('let development publish on 127.0.0.1 alone', () => {
    const on = (host_ip?: string) =>
      found(
        { ports: [{ host_ip, target: 7004 }], networks: { agents: null, data: null, loopback: null } },
        'risk-manager',
        'development',
      );
    expect(on('127.0.0.1')).toEqual([]);
    for (const address of ['0.0.0.0', '::1', undefined])
      expect(on(address)).toEqual(['risk-manager: publishes what its kind of stack publishes']);
  });

  it('let one-shots end, and nothing else', () => {
    const logging = { driver: 'json-file', options: { ...FULL_LOG, tag: 'migrate' } };
    const oneShot = { logging, networks: { data: null }, restart: 'no', healthcheck: undefined };
    expect(found(oneShot, 'migrate')).toEqual([]);
    expect(found({ ...oneShot, restart: 'unless-stopped' }, 'migrate')).toHaveLength(1);
  });

  it('do not know a container that nobody has thought of', () => {
    const logging = { driver: 'json-file', options: { ...FULL_LOG, tag: 'newcomer' } };
    expect(found({ logging }, 'newcomer')).toEqual(['newcomer: is on its networks and no others']);
  });

  it('show the whole host to none but the exporter of its figures, and not its sockets', () => {
    const exporter = {
      ...{ build: undefined, image: 'prom/node-exporter:v1.10.2', networks: { monitoring: null } },
      logging: { driver: 'json-file', options: { ...FULL_LOG, tag: 'node-exporter' } },
      healthcheck: { test: ['CMD', 'wget', 'http://127.0.0.1:9100'] },
      volumes: [{ type: 'bind', source: '/', target: '/host', read_only: true }],
    };
    const tmpfs = ['/host/run:size=4k,noexec,nosuid,nodev'];
    expect(found({ ...exporter, tmpfs }, 'node-exporter')).toEqual([]);
    expect(found(exporter, 'node-exporter')).toEqual(['node-exporter: does not see the engine']);
    expect(found({ ...bind('/'), tmpfs: ['/x/run:noexec,nosuid,nodev'] })).toEqual([
      'risk-manager: sees no folder of the system',
    ]);
  });

  it('are each broken by a case above', () => {
    const covered = new Set([...BREACHES.map(([rule]) => rule), 'is of an exact version']);
    expect(RULES.map(([rule]) => rule).filter((rule) => !covered.has(rule))).toEqual([]);
  });
});

describe('the rules of networks', () => {
  const of = (networks: object) => breaches({ services: {}, networks } as ComposeConfig, 'production');

  it('want each internal but the way out and the loopback', () => {
    expect(of(NETWORKS)).toEqual([]);
    expect(of({ data: {} })).toEqual(['network data is not internal']);
    expect(of({ loopback: {} })).toEqual(['network loopback leads out']);
    expect(of({ egress: { enable_ipv6: true } })).toEqual([
      'network egress has IPv6, which hides who comes in',
    ]);
    expect(of({ default: {} })).toEqual(['network default is not known']);
  });
});

describe('the exceptions', () => {
  const guide = readFileSync(join(import.meta.dirname, '../../../docs/deployment.md'), 'utf8');

  it('are those of containers that exist', () => {
    expect(Object.keys(EXCEPTIONS).filter((name) => !(name in NETWORKS_OF))).toEqual([]);
  });

  it.each(
    Object.entries(EXCEPTIONS).flatMap(([name, list]) => list.map((exception) => [name, exception] as const)),
  )('of %s are in the guide with their reason: %o', (name, { reason }) => {
    const rows = guide.split('\n').filter((line) => line.startsWith(`| ${name} |`));
    expect(rows.some((row) => row.includes(reason))).toBe(true);
  });
});

describe('what Compose says', () => {
  it('is read with numbers as text or number, and empty lists', () => {
    const parsed = composeConfig.parse({
      services: { a: { mem_limit: '268435456', cpus: 1, networks: null, command: null } },
      networks: {},
    });
    expect(parsed.services['a']?.mem_limit).toBe(268_435_456);
  });
});
