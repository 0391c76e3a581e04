import { z } from 'zod';

// Nothing but what is named here: a key that nobody has judged is a way around every rule.
const port = z.strictObject({
  mode: z.literal('ingress').optional(),
  host_ip: z.string().optional(),
  published: z.string().optional(),
  target: z.number(),
  protocol: z.string().optional(),
});
const bind = z.strictObject({
  type: z.literal('bind'),
  source: z.string(),
  target: z.string(),
  read_only: z.boolean().optional(),
  bind: z.strictObject({ create_host_path: z.boolean().optional() }).optional(),
});
const named = z.strictObject({
  type: z.literal('volume'),
  source: z.string(),
  target: z.string(),
  read_only: z.boolean().optional(),
  volume: z.strictObject({}).optional(),
});
const words = z.array(z.string()).nullish();
const span = z.string().regex(/^(\d+h)?(\d+m)?(\d+s)?$/);

const build = z.strictObject({
  context: z.string(),
  dockerfile: z.literal('Dockerfile'),
  target: z.enum(['render', 'migrate', 'simulator', 'service']),
  args: z.strictObject({ PROGRAM: z.string(), PORT: z.string().regex(/^\d{4}$/) }).optional(),
});
const healthcheck = z.strictObject({
  test: z.array(z.string()).optional(),
  disable: z.boolean().optional(),
  interval: span.optional(),
  timeout: span.optional(),
  start_period: span.optional(),
  start_interval: span.optional(),
  retries: z.number().optional(),
});
const attachment = z
  .strictObject({ ipv4_address: z.string().optional(), aliases: z.array(z.string()).optional() })
  .nullable();

const service = z.strictObject({
  image: z.string().optional(),
  build: build.optional(),
  profiles: z.array(z.enum(['slack-mcp', 'edge'])).optional(),
  user: z.string().optional(),
  read_only: z.boolean().optional(),
  cap_drop: z.array(z.string()).optional(),
  cap_add: z.array(z.string()).optional(),
  security_opt: z.array(z.string()).optional(),
  restart: z.string().optional(),
  mem_limit: z.coerce.number().optional(),
  shm_size: z.coerce.number().optional(),
  pids_limit: z.number().optional(),
  cpus: z.coerce.number().optional(),
  stop_grace_period: span.optional(),
  network_mode: z.literal('none').optional(),
  logging: z
    .strictObject({
      driver: z.string().optional(),
      options: z
        .strictObject({
          'max-size': z.string().optional(),
          'max-file': z.string().optional(),
          tag: z.string().optional(),
        })
        .optional(),
    })
    .optional(),
  healthcheck: healthcheck.optional(),
  environment: z.record(z.string(), z.string().nullable()).nullish(),
  entrypoint: words,
  command: words,
  tmpfs: z.array(z.string()).optional(),
  volumes: z.array(z.discriminatedUnion('type', [bind, named])).optional(),
  ports: z.array(port).optional(),
  networks: z.record(z.string(), attachment).nullish(),
  depends_on: z
    .record(
      z.string(),
      z.strictObject({
        condition: z.enum(['service_started', 'service_healthy', 'service_completed_successfully']),
        required: z.literal(true).optional(),
      }),
    )
    .optional(),
});

const network = z.strictObject({
  name: z.string(),
  internal: z.boolean().optional(),
  enable_ipv6: z.boolean().optional(),
  driver_opts: z.record(z.string(), z.string()).optional(),
  ipam: z
    .strictObject({
      config: z.array(z.strictObject({ subnet: z.string(), ip_range: z.string() })).optional(),
    })
    .optional(),
});

/** Its own fields (x-…) are the file's and reach no container. */
const withoutExtensions = (document: unknown): unknown =>
  typeof document !== 'object' || document === null
    ? document
    : Object.fromEntries(Object.entries(document).filter(([key]) => !key.startsWith('x-')));

/** What `docker compose config --format json` may say: all of it, and nothing else. */
export const composeConfig = z.preprocess(
  withoutExtensions,
  z.strictObject({
    name: z.string(),
    services: z.record(z.string(), service),
    networks: z.record(z.string(), network),
    // No driver, no options, not somebody else's: a volume of the engine itself.
    volumes: z.record(z.string(), z.strictObject({ name: z.string() })).default({}),
  }),
);
export type ComposeConfig = z.output<typeof composeConfig>;
export type Service = ComposeConfig['services'][string];
export type Network = ComposeConfig['networks'][string];
