import { SERVICE_NAMES } from '../../fleet/services.ts';

export const NETWORKS = ['edge', 'agents', 'data', 'monitoring', 'sessions', 'logs', 'egress'] as const;
export type Network = (typeof NETWORKS)[number];
/** Of the override: publishes on the host's loopback, and leads nowhere. */
export const LOOPBACK = 'loopback';
const MASQUERADE = 'com.docker.network.bridge.enable_ip_masquerade';

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
  'slack-mcp-server': ['agents', 'egress'],
};

interface NetworkConfig {
  readonly internal?: boolean | undefined;
  readonly enable_ipv6?: boolean | undefined;
  readonly driver_opts?: Readonly<Record<string, string>> | undefined;
}

/** What a network is not that it must be. */
export function networkBreaches(name: string, network: NetworkConfig): string[] {
  if (name === LOOPBACK)
    return network.driver_opts?.[MASQUERADE] === 'false' ? [] : [`network ${name} leads out`];
  if (name === 'egress')
    return network.enable_ipv6 === true ? ['network egress has IPv6, which hides who comes in'] : [];
  if (!(NETWORKS as readonly string[]).includes(name)) return [`network ${name} is not known`];
  return network.internal === true ? [] : [`network ${name} is not internal`];
}
