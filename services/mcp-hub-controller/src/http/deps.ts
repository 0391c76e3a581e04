import type { McpHttpHandler } from '@modelcontextprotocol/server';
import type { CallStore } from '../calls/call-store.ts';
import type { ServerEntry } from '../calls/server-store.ts';
import type { ToolDesk } from '../tools/tool-desk.ts';

/** What the routes use. */
export interface McpDeps {
  readonly desk: ToolDesk;
  readonly handler: Pick<McpHttpHandler, 'fetch'>;
  readonly calls: Pick<CallStore, 'summary'>;
  readonly servers: () => Promise<readonly ServerEntry[]>;
  readonly tokenConfigured: boolean;
}
