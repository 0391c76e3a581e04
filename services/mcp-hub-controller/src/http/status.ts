import { endpoint } from '@fleet/shared/http';
import { z } from 'zod';
import { toolHash } from '../tools/tool.ts';
import type { McpDeps } from './deps.ts';

const statusSchema = z.object({
  open: z.boolean().meta({ description: 'False without a token for clients: then every call is refused.' }),
  protocolVersions: z.array(z.string()),
  running: z.int().meta({ description: 'Tools that run at this moment.' }),
  tools: z.array(
    z.object({
      name: z.string(),
      title: z.string(),
      description: z.string(),
      hash: z.string().meta({ description: 'SHA-256 of name, description and input schema.' }),
    }),
  ),
  calls: z
    .array(z.object({ tool: z.string(), outcome: z.string(), calls: z.int() }))
    .meta({ description: 'Of the last 24 hours. "begun" never ended: the hub died meanwhile.' }),
});

/** The first is served natively, the others by its stateless compatibility. */
export const PROTOCOL_VERSIONS = ['2026-07-28', '2025-11-25', '2025-06-18', '2025-03-26'];

export const getMcpStatus = endpoint({
  method: 'get',
  path: '/mcp/status',
  summary: 'Tools, protocol revisions and use of the hub',
  response: statusSchema,
  handle: async ({ desk, calls, tokenConfigured }: McpDeps) => ({
    open: tokenConfigured,
    protocolVersions: PROTOCOL_VERSIONS,
    running: desk.running,
    tools: desk.tools.map((tool) => ({
      name: tool.name,
      title: tool.title,
      description: tool.description,
      hash: toolHash(tool),
    })),
    calls: await calls.summary(),
  }),
});
