import { describe, expect, it } from 'vitest';
import { breaches, type ComposeConfig, outward, publishing } from './policy.ts';

type Service = ComposeConfig['services'][string];

const GOOD: Service = {
  user: '1000:1000',
  read_only: true,
  cap_drop: ['ALL'],
  security_opt: ['no-new-privileges:true'],
  restart: 'unless-stopped',
  mem_limit: 1,
  pids_limit: 1,
  cpus: 1,
  logging: { options: { 'max-size': '10m' } },
  healthcheck: { test: ['CMD', 'node', 'healthcheck.js'] },
  environment: { ADMIN_TOKEN_FILE: '/run/secrets/admin_token', SLACK_BOT_TOKEN: '' },
  volumes: [{ source: '/srv/config' }],
  ports: [{ host_ip: '127.0.0.1', published: '7001' }],
  networks: { agents: null },
};

function config(service: Service, name = 'risk-manager'): ComposeConfig {
  return { services: { [name]: service }, networks: { agents: { internal: true }, egress: {} } };
}

const BREACHES: ReadonlyArray<readonly [rule: string, change: Partial<Service>]> = [
  ['runs as a number that is not root', { user: '0:0' }],
  ['runs as a number that is not root', { user: 'node' }],
  ['runs as a number that is not root', { user: undefined }],
  ['has a read-only file system', { read_only: false }],
  ['has no capability', { cap_drop: [] }],
  ['has no capability', { cap_add: ['NET_RAW'] }],
  ['gains no privileges', { security_opt: [] }],
  ['is not privileged', { privileged: true }],
  ['has bounds', { mem_limit: undefined }],
  ['has bounds', { pids_limit: 0 }],
  ['has bounds', { cpus: undefined }],
  ['rotates its log', { logging: {} }],
  ['is started again', { restart: 'no' }],
  ['has a healthcheck', { healthcheck: undefined }],
  ['has no curl in its healthcheck', { healthcheck: { test: ['CMD', 'curl', 'localhost'] } }],
  ['has no secret in its environment', { environment: { ADMIN_TOKEN: 'abc' } }],
  ['has no secret in its environment', { environment: { DATABASE_URL: 'postgres://a:b@c/d' } }],
  ['does not see the engine', { volumes: [{ source: '/var/run/docker.sock' }] }],
  ['publishes on the loopback alone', { ports: [{ host_ip: '0.0.0.0', published: '1' }] }],
  ['publishes on the loopback alone', { ports: [{ published: '1' }] }],
];

describe('the rules of a container', () => {
  it('find nothing in one that holds to them', () => {
    expect(breaches(config(GOOD))).toEqual([]);
  });

  it.each(BREACHES)('name what breaks "%s"', (rule, change) => {
    expect(breaches(config({ ...GOOD, ...change } as Service))).toEqual([`risk-manager: ${rule}`]);
  });

  it('let the one-shot end, and nothing else', () => {
    const oneShot = { ...GOOD, restart: 'no', healthcheck: undefined } as unknown as Service;
    expect(breaches(config(oneShot, 'migrate'))).toEqual([]);
    expect(breaches(config(oneShot))).toHaveLength(2);
  });
});

describe('who is reached and who gets out', () => {
  it('names services that publish a port', () => {
    expect(publishing(config(GOOD))).toEqual(['risk-manager']);
    expect(publishing(config({ ...GOOD, ports: [] }))).toEqual([]);
  });

  it('names services on a network that is not internal', () => {
    expect(outward(config(GOOD))).toEqual([]);
    expect(outward(config({ ...GOOD, networks: { agents: null, egress: null } }))).toEqual(['risk-manager']);
  });
});
