import type { ApiDescription } from '@fleet/shared/http';
import { identity } from '../identity.ts';
import { postCommand } from './command.ts';
import type { McpDeps } from './deps.ts';
import './gate.ts'; // its errors are named in the description
import { postMcp } from './mcp.ts';
import { getServers } from './servers.ts';
import { getMcpStatus } from './status.ts';

export const api: ApiDescription<McpDeps> = {
  service: identity.name,
  title: 'MCP hub',
  description: identity.description,
  endpoints: [postMcp, getMcpStatus, postCommand, getServers],
};
