import type { Queryable } from '@fleet/shared/postgres';
import { type Tool, toolHash } from '../tools/tool.ts';

export interface PinnedTool {
  readonly name: string;
  readonly hash: string;
}

export interface ServerEntry {
  readonly name: string;
  readonly kind: 'built-in';
  readonly version: string;
  readonly tools: readonly PinnedTool[];
  readonly seenAt: Date;
}

export const BUILT_IN = 'fleet';

export function pinnedTools(tools: readonly Tool[]): readonly PinnedTool[] {
  return tools.map((tool) => ({ name: tool.name, hash: toolHash(tool) }));
}

/** Writes down which tools this version of the hub offers. */
export async function registerBuiltIn(db: Queryable, tools: readonly Tool[], version: string): Promise<void> {
  await db.query(
    `insert into mcp.servers (name, kind, tools, version) values ($1, 'built-in', $2::jsonb, $3)
     on conflict (name) do update set tools = excluded.tools, version = excluded.version, seen_at = now()`,
    [BUILT_IN, JSON.stringify(pinnedTools(tools)), version],
  );
}

export async function listServers(db: Queryable): Promise<readonly ServerEntry[]> {
  const { rows } = await db.query<{
    name: string;
    kind: 'built-in';
    version: string;
    tools: PinnedTool[];
    seen_at: Date;
  }>('select * from mcp.servers order by name');
  return rows.map(({ seen_at: seenAt, ...row }) => ({ ...row, seenAt }));
}
