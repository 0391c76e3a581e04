import { z } from 'zod';

/** What `docker compose config --format json` says, as far as it is judged here. */
export const composeConfig = z.object({
  services: z.record(
    z.string(),
    z.object({
      user: z.string().optional(),
      read_only: z.boolean().optional(),
      privileged: z.boolean().optional(),
      cap_drop: z.array(z.string()).optional(),
      cap_add: z.array(z.string()).optional(),
      security_opt: z.array(z.string()).optional(),
      restart: z.string().optional(),
      mem_limit: z.coerce.number().optional(),
      pids_limit: z.number().optional(),
      cpus: z.coerce.number().optional(),
      logging: z.object({ options: z.record(z.string(), z.string()).optional() }).optional(),
      healthcheck: z.object({ test: z.array(z.string()) }).optional(),
      environment: z.record(z.string(), z.string().nullable()).nullish(),
      volumes: z.array(z.object({ source: z.string().optional() })).optional(),
      ports: z
        .array(z.object({ host_ip: z.string().optional(), published: z.string().optional() }))
        .optional(),
      networks: z.record(z.string(), z.unknown()).optional(),
    }),
  ),
  networks: z.record(z.string(), z.object({ internal: z.boolean().optional() })),
});
export type ComposeConfig = z.output<typeof composeConfig>;
type Service = ComposeConfig['services'][string];

/** Ends and is over; it neither restarts nor answers. */
const ONE_SHOTS = new Set(['migrate']);
const SECRET_NAME = /(TOKEN|SECRET|PASSWORD|PASSPHRASE|KEY|DATABASE_URL|REDIS_URL)$/;

/** What a container must have whatever files are loaded, and what it lacks. */
export function breaches({ services }: ComposeConfig): string[] {
  return Object.entries(services).flatMap(([name, service]) =>
    RULES.filter(([, holds]) => !holds(service, name)).map(([rule]) => `${name}: ${rule}`),
  );
}

const RULES: ReadonlyArray<readonly [rule: string, holds: (service: Service, name: string) => boolean]> = [
  ['runs as a number that is not root', ({ user }) => /^[1-9]\d*(:[1-9]\d*)?$/.test(user ?? '')],
  ['has a read-only file system', ({ read_only }) => read_only === true],
  ['has no capability', ({ cap_drop, cap_add }) => cap_drop?.includes('ALL') === true && !cap_add?.length],
  ['gains no privileges', ({ security_opt }) => security_opt?.includes('no-new-privileges:true') === true],
  ['is not privileged', ({ privileged }) => privileged !== true],
  [
    'has bounds',
    ({ mem_limit, pids_limit, cpus }) => [mem_limit, pids_limit, cpus].every((bound) => (bound ?? 0) > 0),
  ],
  ['rotates its log', ({ logging }) => logging?.options?.['max-size'] !== undefined],
  ['is started again', ({ restart }, name) => restart === (ONE_SHOTS.has(name) ? 'no' : 'unless-stopped')],
  ['has a healthcheck', ({ healthcheck }, name) => ONE_SHOTS.has(name) || healthcheck !== undefined],
  [
    'has no curl in its healthcheck',
    ({ healthcheck }) => !/curl|wget/.test(healthcheck?.test.join(' ') ?? ''),
  ],
  ['has no secret in its environment', ({ environment }) => secretsOf(environment ?? {}).length === 0],
  [
    'does not see the engine',
    ({ volumes }) => !volumes?.some(({ source }) => /docker\.sock/.test(source ?? '')),
  ],
  [
    'publishes on the loopback alone',
    ({ ports }) => (ports ?? []).every((port) => port.host_ip === '127.0.0.1'),
  ],
];

function secretsOf(environment: Readonly<Record<string, string | null>>): string[] {
  return Object.entries(environment).flatMap(([name, value]) =>
    SECRET_NAME.test(name) && value !== null && value !== '' ? [name] : [],
  );
}

/** Services that publish a port. */
export function publishing({ services }: ComposeConfig): string[] {
  return Object.entries(services).flatMap(([name, { ports }]) => (ports?.length ? [name] : []));
}

/** Services on a network that leads out of the machine. */
export function outward({ services, networks }: ComposeConfig): string[] {
  return Object.entries(services).flatMap(([name, service]) =>
    Object.keys(service.networks ?? {}).some((network) => networks[network]?.internal !== true) ? [name] : [],
  );
}
