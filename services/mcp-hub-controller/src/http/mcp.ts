import { rawEndpoint } from '@fleet/shared/http';
import { exchange } from '../protocol/exchange.ts';
import type { McpDeps } from './deps.ts';

export const postMcp = rawEndpoint<McpDeps>({
  method: 'post',
  path: '/mcp',
  summary: 'Model Context Protocol (Streamable HTTP)',
  description:
    'Revision 2026-07-28 (headers MCP-Protocol-Version, Mcp-Method, Mcp-Name) and the stateless part of 2025-11-25 and older. Needs Authorization: Bearer.',
  consumes: 'application/json',
  produces: 'application/json',
  errors: ['MCP_TOKEN_WRONG', 'MCP_TOKEN_NOT_CONFIGURED', 'MCP_RATE_LIMITED', 'MCP_BODY_TOO_LARGE'],
  handle: ({ handler }, request, response, context) => exchange(handler, request, response, context),
});
