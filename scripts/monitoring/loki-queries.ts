import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { root } from '../checks/source-tree.ts';

const DOCS = join(root, 'docs');

/** Lines of the fenced blocks that are marked as LogQL, of every page. */
export function documentedQueries(): readonly (readonly [page: string, query: string])[] {
  const pages = readdirSync(DOCS, { recursive: true, encoding: 'utf8' }).filter((name) =>
    name.endsWith('.md'),
  );
  return pages.flatMap((page) =>
    [...readFileSync(join(DOCS, page), 'utf8').matchAll(/```logql\n([\s\S]*?)```/g)].flatMap(
      ([, block = '']) =>
        block
          .split('\n')
          .filter((line) => line.trim() !== '' && !line.startsWith('#'))
          .map((line) => [page, line] as const),
    ),
  );
}
