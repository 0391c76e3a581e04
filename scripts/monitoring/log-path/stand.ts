import { randomBytes, randomInt } from 'node:crypto';
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { root } from '../../checks/source-tree.ts';
import { ComposeProject } from '../../compose/compose-project.ts';
import { bundleTo } from '../../edge/stand/bundles.ts';
import type { WriterTask } from './written.ts';

/** Programs of the versions that docker-compose.yml names, for the container in which the image would run. */
export interface Binaries {
  readonly loki: string;
  readonly alloy: string;
}

/** Services in whose place a container writes lines; the log driver's options and the rest are the service's own. */
export const WRITERS = {
  every: 'risk-manager',
  steady: 'orchestrator',
  rotating: 'trade-executor',
  interrupted: 'portfolio-manager',
} as const;
type Writer = keyof typeof WRITERS;

const NODE_IMAGE = 'node:24-bookworm-slim';
const GRACE_SECONDS = 20;

/** Loki and Alloy as docker-compose.yml has them, and containers that write what they read. */
export interface LogPathStand {
  readonly project: ComposeProject;
  readonly run: string;
  /** Where a program is reached from here: its address changes when it starts again. */
  url(service: 'loki' | 'alloy'): Promise<string>;
  up(...services: string[]): Promise<void>;
  remove(): Promise<void>;
}

export async function logPathStand(binaries: Binaries, signal: AbortSignal): Promise<LogPathStand> {
  const folder = mkdtempSync(join(tmpdir(), 'log-path-'));
  chmodSync(folder, 0o755);
  const run = randomBytes(4).toString('hex');
  await bundleTo(join(import.meta.dirname, 'writer.ts'), join(folder, 'writer.mjs'));
  const changes = join(folder, 'changes.yml');
  writeFileSync(changes, changesFile(binaries, folder, run));
  const files = [join(root, 'docker-compose.yml'), changes];
  const project = new ComposeProject({
    name: `fleet-logs-${run}`,
    root,
    signal,
    env: { ...ownNetworks(run), ...(await engineRoot()) },
    files,
  });
  await ownVolume(project);
  return {
    ...{ project, run },
    url: async (service) => `http://${await addressOf(project, service)}:${PORTS[service]}`,
    up: async (...services) => {
      await project.compose('up', '--detach', '--no-deps', '--no-build', ...services);
    },
    remove: async () => {
      await project.takeDown({ graceSeconds: GRACE_SECONDS });
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

const PORTS = { loki: 3100, alloy: 12345 } as const;

/** Compose makes every network of the file: none of them may be that of a fleet which runs here. */
function ownNetworks(run: string): Record<string, string> {
  const subnet = `10.${randomInt(200, 250)}.${randomInt(1, 250)}`;
  return {
    ...{ EDGE_SUBNET: `${subnet}.0/28`, EDGE_RANGE: `${subnet}.8/29`, EDGE_TRAEFIK_ADDRESS: `${subnet}.2` },
    EGRESS_BRIDGE: `fl-${run}`,
  };
}

async function engineRoot(): Promise<Record<string, string>> {
  const probe = new ComposeProject({
    name: 'none',
    root,
    signal: AbortSignal.timeout(30_000),
    env: {},
    files: [],
  });
  const { stdout } = await probe.docker('info', '--format', '{{.DockerRootDir}}');
  return { DOCKER_ROOT: stdout.trim() };
}

/** In Loki's image the folder belongs to its user, and a new volume takes that over. */
async function ownVolume(project: ComposeProject): Promise<void> {
  const volume = `${project.name}_loki`;
  const labels = ['com.docker.compose.project', 'com.docker.compose.volume'];
  await project.docker(
    ...[
      'volume',
      'create',
      '--label',
      `${labels[0]}=${project.name}`,
      '--label',
      `${labels[1]}=loki`,
      volume,
    ],
  );
  await project.docker(
    ...['run', '--rm', '--network', 'none', '--volume', `${volume}:/loki`, NODE_IMAGE],
    ...['chown', '10001:10001', '/loki'],
  );
}

async function addressOf(project: ComposeProject, service: string): Promise<string> {
  const { stdout: id } = await project.compose('ps', '--all', '--quiet', service);
  const { stdout } = await project.docker(
    ...[
      'container',
      'inspect',
      '--format',
      `{{(index .NetworkSettings.Networks "${project.name}_logs").IPAddress}}`,
    ],
    id.trim(),
  );
  return stdout.trim();
}

/** Programs in the place of images that are not here, and writers in the place of services. */
function changesFile({ loki, alloy }: Binaries, folder: string, run: string): string {
  const task = (kind: Writer): WriterTask => {
    const service = WRITERS[kind];
    if (kind === 'every') return { kind, run, service };
    return { kind: 'steady', run, service, ...(kind === 'rotating' ? ROTATING : STEADY) };
  };
  const writer = (kind: Writer): string => `
  ${WRITERS[kind]}:
    image: ${NODE_IMAGE}
    entrypoint: [node, /log-path/writer.mjs]
    command: [${JSON.stringify(JSON.stringify(task(kind)).replaceAll('$', '$$$$'))}]
    restart: "no"
    networks: !override [logs]
    volumes: !override ["${folder}:/log-path:ro"]
    healthcheck: !override { disable: true }${kind === 'rotating' ? ROTATION : ''}`;
  return `services:
  loki:
    image: ${NODE_IMAGE}
    entrypoint: [/usr/bin/loki]
    volumes: ["${loki}:/usr/bin/loki:ro"]
  alloy:
    image: ${NODE_IMAGE}
    entrypoint: [/bin/alloy]
    volumes: ["${alloy}:/bin/alloy:ro"]${Object.keys(WRITERS)
      .map((kind) => writer(kind as Writer))
      .join('')}
`;
}

const STEADY = { waitMs: 0, everyMs: 20, padBytes: 100 } as const;
/**
 * A file of 200 kB is full after some seconds: as many rotations in a minute as a service has in weeks. Alloy looks for
 * new files every ten seconds, and what was rotated before it found one it does not read.
 */
const ROTATING = { waitMs: 15_000, everyMs: 10, padBytes: 300 } as const;
const ROTATION = `
    logging: { options: { max-size: 200k, max-file: "5" } }`;
