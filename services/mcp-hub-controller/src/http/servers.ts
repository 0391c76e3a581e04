import { endpoint } from '@fleet/shared/http';
import { z } from 'zod';
import type { McpDeps } from './deps.ts';

export const getServers = endpoint({
  method: 'get',
  path: '/admin/mcp/servers',
  summary: 'Servers whose tools the hub offers, with their pinned tools',
  response: z.object({
    servers: z.array(
      z.object({
        name: z.string(),
        kind: z.enum(['built-in']),
        version: z.string(),
        seenAt: z.iso.datetime(),
        tools: z.array(z.object({ name: z.string(), hash: z.string() })),
      }),
    ),
  }),
  handle: async ({ servers }: McpDeps) => ({
    servers: (await servers()).map((server) => ({ ...server, seenAt: server.seenAt.toISOString() })),
  }),
});
