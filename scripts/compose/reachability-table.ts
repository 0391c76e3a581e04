import { SERVICE_NAMES } from '../fleet/services.ts';
import { NETWORKS_OF } from './policy/index.ts';

type Pair = readonly [from: string, to: string];

const SERVICES: readonly string[] = SERVICE_NAMES;
const each = (from: readonly string[], to: readonly string[]): Pair[] =>
  from.flatMap((one) => to.map((other) => [one, other] as const));

/** Without these the fleet does not work. */
export const MUST_REACH: readonly Pair[] = [
  ...each(SERVICES, ['redis', 'postgres', 'traefik']),
  ...each(['traefik', 'prometheus', 'blackbox-exporter'], SERVICES),
  ...each(['traefik'], ['oauth2-proxy', 'grafana', 'prometheus', 'alertmanager']),
  ...each(['market-analyst', 'trade-executor'], ['exchange-simulator']),
  ...each(['prometheus'], ['alertmanager', 'traefik', 'alloy', 'grafana', 'node-exporter', 'redis-exporter']),
  ...each(['prometheus'], ['postgres-exporter', 'blackbox-exporter']),
  ...each(['blackbox-exporter'], ['oauth2-proxy', 'grafana', 'traefik', 'alloy']),
  ...each(['alloy', 'grafana'], ['loki']),
  ['grafana', 'prometheus'],
  ['oauth2-proxy', 'redis'],
  ['redis-exporter', 'redis'],
  ['postgres-exporter', 'postgres'],
  ['backup', 'postgres'],
  ['alertmanager', 'notification-manager'],
  ['notification-manager', 'alertmanager'],
];

// The exporters of the stores are met on their network; they tell figures and nothing else.
const MONITORING = ['grafana', 'loki', 'alloy', 'node-exporter'];
const INWARD = SERVICES.filter((name) => !NETWORKS_OF[name]?.includes('egress'));

/**
 * Said in words, beside the table of networks: logs are for Alloy and Grafana, sessions for oauth2-proxy, data for the
 * services. Prometheus and Alertmanager come to the services and so are met there; they ask for a password.
 */
export const MUST_NOT_REACH: readonly Pair[] = [
  ...each([...SERVICES, 'exchange-simulator', 'slack-mcp-server'], MONITORING),
  // Outward ones meet it on egress, where it asks for its key.
  ...each(
    [...INWARD, 'exchange-simulator', 'prometheus', 'blackbox-exporter', 'redis'],
    ['slack-mcp-server'],
  ),
  ...each(['slack-mcp-server'], [...INWARD, 'exchange-simulator', 'prometheus', 'redis']),
  // Those that go out too meet oauth2-proxy there; it believes nobody but Traefik's address on edge.
  ...each(INWARD, ['oauth2-proxy']),
  ...each(
    ['traefik', 'prometheus', 'alertmanager', 'blackbox-exporter', 'oauth2-proxy'],
    ['loki', 'postgres'],
  ),
  ...each(
    ['traefik', 'prometheus', 'alertmanager', 'grafana', 'alloy', 'loki', 'exchange-simulator'],
    ['redis'],
  ),
  ...each(['grafana', 'alloy', 'loki', 'exchange-simulator', 'slack-mcp-server'], ['postgres']),
  ...each(['grafana', 'alloy', 'loki', 'node-exporter'], SERVICES),
  ...each(['oauth2-proxy'], INWARD),
  // It holds everything, and nobody has a reason to come to it that a network would show.
  ...each(
    ['traefik', 'prometheus', 'alertmanager', 'grafana', 'oauth2-proxy', 'exchange-simulator'],
    ['backup'],
  ),
  ...each(['backup'], ['traefik', 'prometheus', 'alertmanager', 'grafana', 'loki', 'oauth2-proxy']),
];
