import { endpoint } from '@fleet/shared/http';
import { z } from 'zod';
import type { McpDeps } from './deps.ts';

export const postCommand = endpoint({
  method: 'post',
  path: '/mcp/command',
  summary: 'Use one of the tools over plain HTTP',
  description: 'For people and scripts: the same tools, bounds and record. Needs Authorization: Bearer.',
  body: z.strictObject({
    tool: z.string().min(1).max(100),
    arguments: z.record(z.string().max(100), z.unknown()).default({}),
  }),
  response: z.object({ tool: z.string(), result: z.record(z.string(), z.unknown()) }),
  idempotent: false,
  errors: [
    'MCP_TOKEN_WRONG',
    'MCP_TOKEN_NOT_CONFIGURED',
    'MCP_RATE_LIMITED',
    'TOOL_UNKNOWN',
    'TOOL_INPUT_INVALID',
    'TOOL_RESULT_TOO_LARGE',
    'TOO_MANY_TOOL_CALLS',
    'CALL_NOT_RECORDED',
    'SERVICE_UNREACHABLE',
    'SERVICE_REFUSED',
    'SERVICE_ANSWER_UNUSABLE',
  ],
  handle: async ({ desk }: McpDeps, { body, context }) => {
    const { address: caller, requestId, signal } = context;
    const result = await desk.call({ ...body, via: 'command', caller, requestId, signal });
    return { tool: body.tool, result };
  },
});
