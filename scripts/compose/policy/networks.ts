import { SERVICE_NAMES } from '../../fleet/services.ts';
import type { Network as NetworkConfig, Service } from './compose-config.ts';

export const NETWORKS = [
  'edge',
  'agents',
  'data',
  'monitoring',
  'sessions',
  'logs',
  'slack-mcp',
  'egress',
] as const;
export type Network = (typeof NETWORKS)[number];
/** Of the override: publishes on the host's loopback, and leads nowhere. */
export const LOOPBACK = 'loopback';
const MASQUERADE = 'com.docker.network.bridge.enable_ip_masquerade';
const BRIDGE = 'com.docker.network.bridge.name';
/** The default of EGRESS_BRIDGE, and of scripts/host-firewall. */
const FIREWALLED = 'fleet-egress';
const OPTION_OF: Readonly<Record<string, string>> = { egress: BRIDGE, [LOOPBACK]: MASQUERADE };
const OUTWARD_NETWORKS: ReadonlySet<string> = new Set(['egress', LOOPBACK]);

const OUTWARD = new Set<string>(['market-analyst', 'trade-executor', 'notification-manager']);
const SERVICES = SERVICE_NAMES.map(
  (name) => [name, OUTWARD.has(name) ? ['agents', 'data', 'egress'] : ['agents', 'data']] as const,
);

/** The networks of every container; there are no others. */
export const NETWORKS_OF: Readonly<Record<string, readonly Network[]>> = {
  ...Object.fromEntries(SERVICES),
  render: [],
  migrate: ['data'],
  'exchange-simulator': ['agents'],
  redis: ['data', 'sessions'],
  postgres: ['data'],
  backup: ['data'],
  traefik: ['edge', 'agents', 'egress'],
  'oauth2-proxy': ['edge', 'sessions', 'egress'],
  prometheus: ['monitoring', 'agents', 'edge'],
  alertmanager: ['monitoring', 'agents', 'edge', 'egress'],
  grafana: ['edge', 'monitoring', 'logs'],
  loki: ['logs'],
  alloy: ['logs', 'monitoring'],
  'blackbox-exporter': ['monitoring', 'edge', 'agents'],
  'node-exporter': ['monitoring'],
  'redis-exporter': ['monitoring', 'data'],
  'postgres-exporter': ['monitoring', 'data'],
  'slack-mcp-server': ['slack-mcp', 'egress'],
};

/** What a container has on a network beside an address of chance. */
const ATTACHED: Readonly<Record<string, RegExp>> = {
  'traefik edge': /^\{"ipv4_address":"[\d.]+"\}$/,
  // Not its plain name, which would also be known on the way out.
  'oauth2-proxy edge': /^\{"aliases":\["oauth2-proxy\.edge"\]\}$/,
};

export function attachesRightly(name: string, networks: Service['networks']): boolean {
  return Object.entries(networks ?? {}).every(([network, attached]) =>
    (ATTACHED[`${name} ${network}`] ?? /^\{\}$/).test(JSON.stringify(attached ?? {})),
  );
}

/** What a network is not that it must be. */
export function networkBreaches(project: string, name: string, network: NetworkConfig): string[] {
  if (name !== LOOPBACK && !(NETWORKS as readonly string[]).includes(name))
    return [`network ${name} is not known`];
  const { internal, enable_ipv6, driver_opts = {}, ipam } = network;
  const rules: ReadonlyArray<readonly [string, boolean]> = [
    // Another's, by its name, would let in whoever is on it.
    ['is not of this project', network.name === `${project}_${name}`],
    ['has IPv6, which hides who comes in', enable_ipv6 !== true],
    ['is not internal', OUTWARD_NETWORKS.has(name) || internal === true],
    ['leads out', name !== LOOPBACK || driver_opts[MASQUERADE] === 'false'],
    ['has a bridge that the firewall does not know', name !== 'egress' || driver_opts[BRIDGE] === FIREWALLED],
    ['has options that it does not need', Object.keys(driver_opts).join() === (OPTION_OF[name] ?? '')],
    ['has addresses of its own', name === 'edge' ? ipam?.config?.length === 1 : ipam?.config === undefined],
  ];
  return rules.flatMap(([breach, holds]) => (holds ? [] : [`network ${name} ${breach}`]));
}
