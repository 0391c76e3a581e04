import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { parse } from 'yaml';
import { z } from 'zod';

const FILE = 'docker-compose.yml';
const PROFILES = ['--profile', 'slack-mcp', '--profile', 'edge'];
const UNIT_BYTES: Readonly<Record<string, number>> = { k: 2 ** 10, m: 2 ** 20, g: 2 ** 30 };
const FILLED = /\$\{[A-Z_]+:?-([^}]*)\}/g;

const fields = z.record(z.string(), z.unknown());
type Fields = z.output<typeof fields>;
const listOrFields = z.union([z.array(z.string()), z.record(z.string(), z.unknown())]);
const volumes = z.array(z.union([z.string(), fields]));
const source = z.looseObject({
  services: z.record(
    z.string(),
    z.looseObject({
      build: fields.optional(),
      environment: fields.optional(),
      networks: listOrFields.optional(),
      ports: z.array(z.string()).optional(),
      volumes: volumes.optional(),
      depends_on: z.record(z.string(), fields).optional(),
    }),
  ),
  networks: z.record(z.string(), fields),
  volumes: z.record(z.string(), z.null()),
});
type SourceService = z.output<typeof source>['services'][string];

/** What Docker Compose says of the production file with its defaults; undefined where there is none. */
export function composedByDocker(root: string): unknown {
  const where = ['--project-directory', root, '--env-file', '/dev/null', '--file', join(root, FILE)];
  try {
    const said = execFileSync('docker', ['compose', ...where, ...PROFILES, 'config', '--format', 'json'], {
      encoding: 'utf8',
      // Nothing of the shell's goes into the variables.
      env: { PATH: process.env['PATH'] ?? '', HOME: process.env['HOME'] ?? '/' },
      stdio: ['ignore', 'pipe', 'ignore'],
    });
    return JSON.parse(said);
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return undefined;
    if (!canCompose()) return undefined;
    throw error;
  }
}

function canCompose(): boolean {
  try {
    execFileSync('docker', ['compose', 'version'], { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
}

/** The same without Docker: anchors and defaults filled in, short forms written out. */
export function composedHere(root: string): unknown {
  const text = readFileSync(join(root, FILE), 'utf8').replaceAll(FILLED, '$1');
  const { services, networks, volumes: named } = source.parse(parse(text, { merge: true }));
  const project = 'fleet';
  return {
    name: project,
    services: Object.fromEntries(
      Object.entries(services).map(([name, service]) => [name, written(root, service)]),
    ),
    networks: Object.fromEntries(
      Object.entries(networks).map(([name, network]) => [name, { name: `${project}_${name}`, ...network }]),
    ),
    volumes: Object.fromEntries(Object.keys(named).map((name) => [name, { name: `${project}_${name}` }])),
  };
}

function written(root: string, service: SourceService): Fields {
  const { build, environment, networks, ports, volumes: mounts, depends_on, command, ...rest } = service;
  const parts: Fields = {
    build: build && {
      ...build,
      context: resolve(root, String(build['context'])),
      dockerfile: 'Dockerfile',
      ...args(build),
    },
    environment: environment && texts(environment),
    networks: Array.isArray(networks) ? Object.fromEntries(networks.map((name) => [name, null])) : networks,
    ports: ports?.map(port),
    volumes: mounts?.map((mount) => volume(root, mount)),
    depends_on,
    command: Array.isArray(command) ? command.map(String) : command,
    mem_limit: bytes(rest['mem_limit']),
    shm_size: bytes(rest['shm_size']),
  };
  const known = Object.entries({ ...rest, ...parts }).filter(([, value]) => value !== undefined);
  return { command: null, entrypoint: null, ...Object.fromEntries(known) };
}

const texts = (values: Fields): Fields =>
  Object.fromEntries(
    Object.entries(values).map(([name, value]) => [name, value === null ? '' : String(value)]),
  );

function args(build: Fields): Fields {
  const given = fields.safeParse(build['args']);
  return given.success ? { args: texts(given.data) } : {};
}

function port(text: string): Fields {
  const [host_ip, published, target] = text.split(':');
  return { mode: 'ingress', host_ip, published, target: Number(target), protocol: 'tcp' };
}

function volume(root: string, mount: string | Fields): Fields {
  if (typeof mount !== 'string') return { ...mount, source: resolve(root, String(mount['source'])) };
  const [from, target, mode] = mount.split(':');
  return { type: 'volume', source: from, target, ...(mode === 'ro' ? { read_only: true } : {}), volume: {} };
}

function bytes(size: unknown): string | undefined {
  const [, amount, unit = ''] = /^(\d+)([kmg])$/.exec(String(size)) ?? [];
  return amount === undefined ? undefined : String(Number(amount) * (UNIT_BYTES[unit] ?? 1));
}
