import { createHash } from 'node:crypto';
import { z } from 'zod';
import type { FleetClient } from '../fleet/fleet-client.ts';

export interface ToolContext {
  readonly fleet: FleetClient;
  readonly signal: AbortSignal;
  readonly requestId: string;
}

/** A question that a client may ask. Read-only: a tool has nothing but GET in its hands. */
export interface Tool {
  readonly name: string;
  readonly title: string;
  readonly description: string;
  readonly input: z.ZodObject;
  readonly run: (input: unknown, context: ToolContext) => Promise<Readonly<Record<string, unknown>>>;
}

interface ToolDefinition<Input extends z.ZodObject> extends Omit<Tool, 'input' | 'run'> {
  readonly input: Input;
  readonly run: (input: z.output<Input>, context: ToolContext) => Promise<Readonly<Record<string, unknown>>>;
}

export function defineTool<Input extends z.ZodObject>(definition: ToolDefinition<Input>): Tool {
  return { ...definition, run: (input, context) => definition.run(definition.input.parse(input), context) };
}

export type JsonSchema = Readonly<Record<string, unknown>> & { readonly type: 'object' };

export function inputSchemaOf(tool: Tool): JsonSchema {
  return { ...z.toJSONSchema(tool.input, { io: 'input' }), type: 'object' };
}

/** SHA-256 over name, description and schema: what a client agreed to when it saw the tool. */
export function toolHash(tool: Tool): string {
  const seen = JSON.stringify([tool.name, tool.description, inputSchemaOf(tool)]);
  return createHash('sha256').update(seen).digest('hex');
}
