import { z } from 'zod';

const port = z.object({
  host_ip: z.string().optional(),
  published: z.string().optional(),
  target: z.number(),
  protocol: z.string().optional(),
});
const volume = z.object({
  type: z.string(),
  source: z.string().optional(),
  target: z.string(),
  read_only: z.boolean().optional(),
});
const words = z.array(z.string()).nullish();

/** What `docker compose config --format json` says, as far as it is judged here. */
export const composeConfig = z.object({
  services: z.record(
    z.string(),
    z.object({
      image: z.string().optional(),
      build: z.unknown().optional(),
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
      network_mode: z.string().optional(),
      pid: z.string().optional(),
      ipc: z.string().optional(),
      uts: z.string().optional(),
      userns_mode: z.string().optional(),
      cgroup: z.string().optional(),
      devices: z.array(z.unknown()).optional(),
      group_add: z.array(z.unknown()).optional(),
      sysctls: z.unknown().optional(),
      volumes_from: z.array(z.string()).optional(),
      logging: z
        .object({ driver: z.string().optional(), options: z.record(z.string(), z.string()).optional() })
        .optional(),
      healthcheck: z
        .object({ test: z.array(z.string()).optional(), disable: z.boolean().optional() })
        .optional(),
      environment: z.record(z.string(), z.string().nullable()).nullish(),
      entrypoint: words,
      command: words,
      tmpfs: z.array(z.string()).optional(),
      volumes: z.array(volume).optional(),
      ports: z.array(port).optional(),
      networks: z.record(z.string(), z.unknown()).nullish(),
    }),
  ),
  networks: z.record(
    z.string(),
    z.object({
      internal: z.boolean().optional(),
      enable_ipv6: z.boolean().optional(),
      driver_opts: z.record(z.string(), z.string()).optional(),
    }),
  ),
});
export type ComposeConfig = z.output<typeof composeConfig>;
export type Service = ComposeConfig['services'][string];
