import { SERVICE_NAMES } from '../../fleet/services.ts';

/** Where a container's files come from: the last folders of a path of the host, or a volume by its name. */
type Mount =
  | { readonly target: string; readonly folder: string }
  | { readonly target: string; readonly volume: string; readonly writes: boolean };

export interface Container {
  /** Of a published image, whose version a rule of its own asks for; otherwise the Dockerfile's target. */
  readonly image?: string;
  readonly target?: 'render' | 'migrate' | 'simulator' | 'service';
  readonly mounts: readonly Mount[];
  /** Folders in memory beside /tmp. */
  readonly memory?: readonly string[];
}

export const TMP = '/tmp:size=64m,mode=1777,noexec,nosuid,nodev';

const folder = (target: string, path: string): Mount => ({ target, folder: path });
const reads = (target: string, volume: string): Mount => ({ target, volume, writes: false });
const writes = (target: string, volume: string): Mount => ({ target, volume, writes: true });
/** Its own folder of secrets, and no other container's. */
const secrets = (name: string): Mount => folder('/run/secrets', name);
const CONFIG = folder('/app/config', 'config');
/** What an operator gives in a file of their own (docs/deployment.md). */
const CANDLES = folder('/candles', 'candles');

const service = (name: string): Container => ({
  target: 'service',
  mounts: [
    ...[secrets(name), CONFIG, folder('/run/development', 'development')],
    ...(name === 'parameter-optimizer' ? [CANDLES] : []),
  ],
  // In memory, of its own user alone: whoever may write there halts the fleet.
  ...(name === 'orchestrator'
    ? { memory: ['/run/fleet:size=1m,uid=1000,gid=1000,mode=0700,noexec,nosuid,nodev'] }
    : {}),
});

/** Every container that there may be, with what it may see. */
export const CONTAINERS: Readonly<Record<string, Container>> = {
  ...Object.fromEntries(SERVICE_NAMES.map((name) => [name, service(name)])),
  render: {
    target: 'render',
    mounts: [
      ...[secrets('render'), CONFIG],
      ...[folder('/app/traefik/ca', 'ca'), folder('/app/traefik/certs', 'certs')],
      ...['oauth2-proxy', 'alertmanager', 'grafana'].map((name) => folder(`/app/${name}`, name)),
      ...['traefik-dynamic', 'oauth2-proxy-config', 'grafana-config', 'prometheus-web'].map((name) =>
        writes(`/out/${name}`, name),
      ),
      ...[writes('/out/alertmanager-config', 'alertmanager-config'), writes('/out/acme', 'acme')],
    ],
  },
  migrate: { target: 'migrate', mounts: [secrets('migrate')] },
  'exchange-simulator': {
    target: 'simulator',
    mounts: [secrets('exchange-simulator'), CONFIG, writes('/journal', 'journal'), CANDLES],
  },
  redis: { image: 'redis', mounts: [secrets('redis'), writes('/data', 'redis')] },
  postgres: {
    image: 'postgres',
    mounts: [
      ...[secrets('postgres'), folder('/etc/postgres', 'postgres')],
      writes('/var/lib/postgresql', 'postgres'),
    ],
    memory: ['/run/postgresql:size=1m,uid=999,gid=999,mode=0775,noexec,nosuid,nodev'],
  },
  backup: {
    image: 'postgres',
    mounts: [
      ...[secrets('backup'), folder('/opt/backup', 'backup')],
      ...[writes('/var/lib/postgresql', 'backup'), writes('/run/postgresql', 'backup-figures')],
    ],
  },
  traefik: {
    image: 'traefik',
    mounts: [
      ...[folder('/etc/traefik/static', 'traefik/static'), folder('/etc/traefik/ca', 'ca')],
      folder('/etc/traefik/certs', 'certs'),
      ...[reads('/etc/traefik/dynamic', 'traefik-dynamic'), writes('/acme', 'acme')],
    ],
  },
  'oauth2-proxy': {
    image: 'quay.io/oauth2-proxy/oauth2-proxy',
    mounts: [secrets('oauth2-proxy'), reads('/etc/oauth2-proxy', 'oauth2-proxy-config')],
  },
  prometheus: {
    image: 'prom/prometheus',
    mounts: [
      ...[secrets('prometheus'), folder('/etc/prometheus', 'prometheus')],
      ...[reads('/run/prometheus', 'prometheus-web'), writes('/prometheus', 'prometheus')],
    ],
  },
  alertmanager: {
    image: 'prom/alertmanager',
    mounts: [
      ...[secrets('alertmanager'), folder('/etc/alertmanager/config', 'alertmanager')],
      reads('/etc/alertmanager/rendered', 'alertmanager-config'),
      writes('/alertmanager', 'alertmanager'),
    ],
  },
  'blackbox-exporter': {
    image: 'prom/blackbox-exporter',
    mounts: [folder('/etc/blackbox', 'blackbox')],
  },
  'node-exporter': {
    image: 'prom/node-exporter',
    mounts: [
      ...[folder('/host', ''), folder('/textfile', 'textfile')],
      reads('/textfile-of-backup', 'backup-figures'),
    ],
    memory: ['/host/run:size=4k,mode=0555,noexec,nosuid,nodev'],
  },
  'redis-exporter': { image: 'oliver006/redis_exporter', mounts: [secrets('redis-exporter')] },
  'postgres-exporter': {
    image: 'quay.io/prometheuscommunity/postgres-exporter',
    mounts: [secrets('postgres-exporter')],
  },
  grafana: {
    image: 'grafana/grafana',
    mounts: [
      ...[secrets('grafana'), folder('/etc/grafana/provisioning', 'grafana/provisioning')],
      folder('/etc/grafana/dashboards', 'grafana/dashboards'),
      folder('/usr/share/grafana/public/runbooks', 'docs/runbooks'),
      ...[reads('/etc/grafana/rendered', 'grafana-config'), writes('/var/lib/grafana', 'grafana')],
    ],
  },
  loki: { image: 'grafana/loki', mounts: [folder('/etc/loki', 'loki'), writes('/loki', 'loki')] },
  alloy: {
    image: 'grafana/alloy',
    mounts: [
      ...[folder('/etc/alloy', 'alloy'), writes('/data', 'alloy')],
      folder('/var/lib/docker/containers', 'containers'),
    ],
  },
  'slack-mcp-server': {
    image: 'ghcr.io/korotovsky/slack-mcp-server',
    mounts: [secrets('slack-mcp-server')],
  },
};

/** Volumes of the stack, each of some container. */
export const VOLUMES: ReadonlySet<string> = new Set(
  Object.values(CONTAINERS).flatMap(({ mounts }) =>
    mounts.flatMap((mount) => ('volume' in mount ? [mount.volume] : [])),
  ),
);
