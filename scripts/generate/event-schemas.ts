import { z } from 'zod';
import type { Generated, GeneratedFile } from './generated-files.ts';

/** The part of an event's definition that is published. */
export interface PublishedEvent {
  readonly type: string;
  readonly v: number;
  readonly stream: string;
  readonly schema: z.ZodType;
}

export const EVENT_FOLDER = 'docs/events';

/** One JSON Schema (draft 2020-12) for the `data` of each event type, as it stands on the wire. */
export function eventSchemas(catalog: readonly PublishedEvent[]): Generated {
  const files: GeneratedFile[] = [];
  const problems: string[] = [];
  for (const event of catalog) {
    const path = `${EVENT_FOLDER}/${event.type}.v${event.v}.json`;
    if (files.some((file) => file.path === path))
      problems.push(`${path}: two events of this type and version`);
    try {
      files.push({ path, content: `${JSON.stringify(document(event), undefined, 2)}\n` });
    } catch (error) {
      problems.push(`${path}: its schema cannot be written as JSON Schema: ${(error as Error).message}`);
    }
  }
  return { files, problems };
}

function document({ type, v, stream, schema }: PublishedEvent): object {
  const { $schema, ...rest } = z.toJSONSchema(schema, { target: 'draft-2020-12', io: 'input' });
  return {
    $schema,
    $id: `urn:fleet:event:${type}:v${v}`,
    title: `${type} version ${v}`,
    $comment: `Field "data" of an entry of stream ${stream}.`,
    ...rest,
  };
}

/**
 * Names the event files whose schema differs from the committed one of the same version: consumers that run the
 * committed version would meet entries that it does not describe.
 */
export function changedVersions(
  files: readonly GeneratedFile[],
  committed: (path: string) => string | undefined,
): readonly string[] {
  return files
    .filter(({ path }) => path.startsWith(`${EVENT_FOLDER}/`))
    .filter(({ path, content }) => {
      const before = committed(path);
      return before !== undefined && meaning(before) !== meaning(content);
    })
    .map(({ path }) => path);
}

/** Schema without its words: better descriptions are no new version. */
function meaning(content: string): string {
  return JSON.stringify(JSON.parse(content), (key, value: unknown) =>
    key === 'description' || key === 'title' || key === '$comment' ? undefined : value,
  );
}
