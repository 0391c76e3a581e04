import { hasBounds, hasItsMemory, rotates } from './bounds.ts';
import type { Service } from './compose-config.ts';
import { asksForSignIn, unknownVariables, wrongFiles } from './environment.ts';
import { isExcepted, ONE_SHOTS } from './exceptions.ts';
import type { Kind } from './kind.ts';
import { seesItsFiles } from './mounts.ts';
import { attachesRightly, LOOPBACK, NETWORKS_OF } from './networks.ts';
import { isChecked, isExact, isItsImage, startsAsItMust, usesOwnProgram } from './programs.ts';
import { commandSecrets, environmentSecrets } from './secret-words.ts';

interface Judged {
  readonly name: string;
  readonly service: Service;
  readonly kind: Kind;
}
export type Rule = readonly [rule: string, holds: (judged: Judged) => boolean];

const EDGE_PORTS: ReadonlyMap<number, string> = new Map([
  [8080, '80'],
  [8443, '443'],
  [9443, '8443'],
]);
/** Of published images; programs of our own have the one for Node. */
const PROFILES: Readonly<Record<string, string>> = { alloy: 'seccomp-alloy.json' };
const ENGINE = /docker\.sock|containerd\.sock|podman\.sock|crio\.sock|^\/(var\/)?run\/?$/;
/** Folders of the host that no container gets; a checkout or /srv is none of them. */
const SYSTEM =
  /^\/(boot|dev|etc|home|lib|lib64|proc|root|run|sbin|sys|usr|var\/(lib|run|log))(\/|$)|^\/$|^\/var$/;

export const RULES: readonly Rule[] = [
  ['runs as a number that is not root', ({ name, service }) => isBoundUser(name, service)],
  ['has a read-only file system', ({ service }) => service.read_only === true],
  ['drops every capability', ({ service }) => service.cap_drop?.join() === 'ALL'],
  [
    'adds no capability',
    ({ name, service }) => (service.cap_add ?? []).every((cap) => isExcepted(name, 'capability', cap)),
  ],
  ['gains no privileges', ({ service }) => service.security_opt?.includes('no-new-privileges:true') === true],
  [
    'runs under the filter that is its own',
    ({ name, service }) => {
      const others = (service.security_opt ?? []).filter((option) => option !== 'no-new-privileges:true');
      const profile = service.build === undefined ? PROFILES[name] : 'seccomp-node.json';
      return profile === undefined
        ? others.length === 0
        : others.length === 1 &&
            /^seccomp=(\.|\/.*)\/security\/([^/]+)$/.exec(others[0] ?? '')?.[2] === profile;
    },
  ],
  ['has bounds', ({ service }) => hasBounds(service)],
  ['rotates its log and marks it with its name', ({ name, service }) => rotates(name, service)],
  [
    'is started again unless it is a one-shot',
    ({ name, service }) => service.restart === (ONE_SHOTS.has(name) ? 'no' : 'unless-stopped'),
  ],
  ['has a healthcheck', ({ name, service }) => isChecked(service) || isExcepted(name, 'no healthcheck')],
  ['checks its health with what its image holds', ({ name, service }) => usesOwnProgram(name, service)],
  [
    'has the variables that it needs and no others',
    ({ name, service, kind }) => unknownVariables(name, service.environment, kind).length === 0,
  ],
  ['has no secret in its environment', ({ service }) => environmentSecrets(service.environment).length === 0],
  [
    'is told where a secret lies, not what it is',
    ({ service, kind }) => wrongFiles(service.environment, kind).length === 0,
  ],
  ['asks people to sign in', ({ name, service, kind }) => asksForSignIn(name, service.environment, kind)],
  [
    'has no secret in its command',
    ({ service: { command, entrypoint } }) =>
      commandSecrets([...(entrypoint ?? []), ...(command ?? [])]).length === 0,
  ],
  ['starts as it must', ({ name, service }) => startsAsItMust(name, service)],
  ['does not see the engine', ({ service }) => !seesEngine(service)],
  [
    'writes into no folder of the host',
    ({ service }) => binds(service).every(({ read_only }) => read_only === true),
  ],
  [
    'sees no folder of the system',
    ({ name, service }) =>
      binds(service).every(
        ({ source, target }) =>
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
  ['has its folders in memory and no others', ({ name, service }) => hasItsMemory(name, service)],
  ['sees its own files and no others', ({ name, service }) => seesItsFiles(name, service)],
  ['is of an exact version', ({ service }) => isExact(service)],
  ['is its own image', ({ name, service }) => isItsImage(name, service)],
  ['is on its networks and no others', ({ name, service, kind }) => onItsNetworks(name, service, kind)],
  [
    'has on its networks its own names and addresses',
    ({ name, service }) => attachesRightly(name, service.networks),
  ],
  ['publishes what its kind of stack publishes', (judged) => publishesRightly(judged)],
];

function isBoundUser(name: string, { user = '' }: Service): boolean {
  return /^[1-9]\d*:[1-9]\d*$/.test(user) || (user === '0:0' && isExcepted(name, 'uid 0'));
}

/** A bind of the whole host shows the engine's socket too, unless something lies over /run. */
function seesEngine(service: Service): boolean {
  return binds(service).some(({ source, target }) => {
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
