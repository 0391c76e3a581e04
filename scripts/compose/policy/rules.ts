import type { Service } from './compose-config.ts';
import { isExcepted, ONE_SHOTS } from './exceptions.ts';
import { LOOPBACK, NETWORKS_OF } from './networks.ts';
import { commandSecrets, environmentSecrets } from './secret-words.ts';

export type Kind = 'production' | 'development';
interface Judged {
  readonly name: string;
  readonly service: Service;
  readonly kind: Kind;
}
export type Rule = readonly [rule: string, holds: (judged: Judged) => boolean];

/** Programs of the published images that a healthcheck may start. */
const HEALTH_PROGRAMS: Readonly<Record<string, string>> = {
  redis: 'redis-cli',
  postgres: 'pg_isready',
  backup: 'bash',
  traefik: 'traefik',
  prometheus: 'promtool',
  alertmanager: 'amtool',
  // Of busybox.
  grafana: 'wget',
  'blackbox-exporter': 'wget',
  'node-exporter': 'wget',
  'postgres-exporter': 'wget',
};
const EDGE_PORTS: ReadonlyMap<number, string> = new Map([
  [8080, '80'],
  [8443, '443'],
  [9443, '8443'],
]);
const ENGINE = /docker\.sock|containerd\.sock|podman\.sock|crio\.sock|^\/(var\/)?run\/?$/;
/** Folders of the host that no container gets; a checkout or /srv is none of them. */
const SYSTEM =
  /^\/(boot|dev|etc|home|lib|lib64|proc|root|run|sbin|sys|usr|var\/(lib|run|log))(\/|$)|^\/$|^\/var$/;
const EXACT = /:v?\d+\.\d+[\w.-]*(@sha256:[0-9a-f]{64})?$|@sha256:[0-9a-f]{64}$/;

export const RULES: readonly Rule[] = [
  ['runs as a number that is not root', ({ name, service }) => isBoundUser(name, service)],
  ['has a read-only file system', ({ service }) => service.read_only === true],
  ['drops every capability', ({ service }) => service.cap_drop?.join() === 'ALL'],
  [
    'adds no capability',
    ({ name, service }) => (service.cap_add ?? []).every((cap) => isExcepted(name, 'capability', cap)),
  ],
  ['gains no privileges', ({ service }) => service.security_opt?.includes('no-new-privileges:true') === true],
  ['is not privileged', ({ service }) => service.privileged !== true],
  [
    'is confined',
    ({ service }) => !service.security_opt?.some((option) => /unconfined|disable/.test(option)),
  ],
  [
    'of our own programs runs under the profile for Node',
    ({ service }) =>
      service.build === undefined ||
      service.security_opt?.some((option) => /^seccomp[:=].*seccomp-node\.json$/.test(option)) === true,
  ],
  ['shares no namespace of the host', ({ service }) => !sharesNamespace(service)],
  [
    'has no device, group, kernel setting or volume of another',
    ({ service: { devices, group_add, sysctls, volumes_from } }) =>
      [devices, group_add, volumes_from].every((list) => (list?.length ?? 0) === 0) && sysctls === undefined,
  ],
  [
    'has bounds',
    ({ service: { mem_limit, pids_limit, cpus } }) =>
      [mem_limit, pids_limit, cpus].every((bound) => (bound ?? 0) > 0),
  ],
  ['rotates its log and marks it with its name', ({ name, service }) => rotates(name, service)],
  [
    'is started again unless it is a one-shot',
    ({ name, service }) => service.restart === (ONE_SHOTS.has(name) ? 'no' : 'unless-stopped'),
  ],
  ['has a healthcheck', ({ name, service }) => isChecked(service) || isExcepted(name, 'no healthcheck')],
  ['checks its health with what its image holds', ({ name, service }) => usesOwnProgram(name, service)],
  ['has no secret in its environment', ({ service }) => environmentSecrets(service.environment).length === 0],
  [
    'has no secret in its command',
    ({ service: { command, entrypoint } }) =>
      commandSecrets([...(entrypoint ?? []), ...(command ?? [])]).length === 0,
  ],
  ['does not see the engine', ({ service }) => !seesEngine(service)],
  [
    'writes into no folder of the host',
    ({ service }) => binds(service).every(({ read_only }) => read_only === true),
  ],
  [
    'sees no folder of the system',
    ({ name, service }) =>
      binds(service).every(
        ({ source = '', target }) =>
          !SYSTEM.test(source) || isExcepted(name, 'host folder', source === '/' ? '/' : target),
      ),
  ],
  [
    'executes nothing in memory',
    ({ service }) =>
      (service.tmpfs ?? []).every((tmpfs) =>
        ['noexec', 'nosuid', 'nodev'].every((word) => tmpfs.includes(word)),
      ),
  ],
  ['is of an exact version', ({ service }) => service.build !== undefined || EXACT.test(service.image ?? '')],
  ['is on its networks and no others', ({ name, service, kind }) => onItsNetworks(name, service, kind)],
  ['publishes what its kind of stack publishes', (judged) => publishesRightly(judged)],
];

function isBoundUser(name: string, { user = '' }: Service): boolean {
  return /^[1-9]\d*:[1-9]\d*$/.test(user) || (user === '0:0' && isExcepted(name, 'uid 0'));
}

function sharesNamespace({ pid, ipc, uts, userns_mode, cgroup, network_mode }: Service): boolean {
  const modes = [pid, ipc, uts, userns_mode, cgroup];
  return modes.some((mode) => mode !== undefined) || (network_mode !== undefined && network_mode !== 'none');
}

function rotates(name: string, { logging }: Service): boolean {
  const { 'max-size': size, 'max-file': files, tag } = logging?.options ?? {};
  return logging?.driver === 'json-file' && size !== undefined && Number(files) > 0 && tag === name;
}

function isChecked({ healthcheck }: Service): boolean {
  return healthcheck !== undefined && healthcheck.disable !== true && healthcheck.test?.[0] !== 'NONE';
}

function usesOwnProgram(name: string, service: Service): boolean {
  const { healthcheck, build } = service;
  if (!isChecked(service)) return true;
  const [kind, program] = healthcheck?.test ?? [];
  const own = build === undefined ? HEALTH_PROGRAMS[name] : 'node';
  return kind === 'CMD' && own !== undefined && program === own;
}

/** A bind of the whole host shows the engine's socket too, unless something lies over /run. */
function seesEngine(service: Service): boolean {
  return binds(service).some(({ source = '', target }) => {
    if (source !== '/') return ENGINE.test(source);
    return !service.tmpfs?.some((tmpfs) => tmpfs.startsWith(`${target}/run:`));
  });
}

function binds({ volumes = [] }: Service) {
  return volumes.filter(({ type }) => type === 'bind');
}

function onItsNetworks(name: string, { networks, network_mode, ports }: Service, kind: Kind): boolean {
  const known = NETWORKS_OF[name];
  if (known === undefined) return false;
  const found = Object.keys(networks ?? {}).filter(
    (network) => !(kind === 'development' && network === LOOPBACK && ports?.length),
  );
  if (known.length === 0) return network_mode === 'none' && found.length === 0;
  return [...found].sort().join() === [...known].sort().join();
}

function publishesRightly({ name, service, kind }: Judged): boolean {
  const ports = service.ports ?? [];
  if (kind === 'development') return ports.every(({ host_ip }) => host_ip === '127.0.0.1');
  if (name !== 'traefik') return ports.length === 0;
  const right = ports.filter(
    ({ host_ip, target, published, protocol }) =>
      host_ip === '0.0.0.0' && EDGE_PORTS.get(target) === published && protocol === 'tcp',
  );
  return ports.length === EDGE_PORTS.size && right.length === EDGE_PORTS.size;
}
