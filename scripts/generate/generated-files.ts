import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';

/** A file that a generator makes; `path` from the root of the checkout, with forward slashes. */
export interface GeneratedFile {
  readonly path: string;
  readonly content: string;
}

/** What one generator made, and what kept it from making the rest. */
export interface Generated {
  readonly files: readonly GeneratedFile[];
  readonly problems: readonly string[];
}

/** A folder that holds nothing but generated files of this ending: others there are left over. */
export interface OwnedFolder {
  readonly path: string;
  readonly ending: string;
}

export interface Difference {
  readonly path: string;
  readonly kind: 'missing' | 'changed' | 'left over';
}

/** Where the files on disk differ from what would be generated now, by path. */
export function differences(
  root: string,
  files: readonly GeneratedFile[],
  owned: readonly OwnedFolder[],
): readonly Difference[] {
  const wanted = new Set(files.map(({ path }) => path));
  const unequal = files.flatMap(({ path, content }): Difference[] => {
    const file = join(root, path);
    if (!existsSync(file)) return [{ path, kind: 'missing' }];
    return readFileSync(file, 'utf8') === content ? [] : [{ path, kind: 'changed' }];
  });
  const leftOver = owned
    .flatMap((folder) => ownedFiles(root, folder))
    .filter((path) => !wanted.has(path))
    .map((path): Difference => ({ path, kind: 'left over' }));
  return [...unequal, ...leftOver].sort((left, right) => (left.path < right.path ? -1 : 1));
}

/** Makes the disk equal to what was generated. */
export function write(root: string, files: readonly GeneratedFile[], found: readonly Difference[]): void {
  const contents = new Map(files.map(({ path, content }) => [path, content]));
  for (const { path } of found) {
    const content = contents.get(path);
    const file = join(root, path);
    if (content === undefined) {
      rmSync(file);
      continue;
    }
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, content);
  }
}

function ownedFiles(root: string, { path, ending }: OwnedFolder): readonly string[] {
  const folder = join(root, path);
  if (!existsSync(folder)) return [];
  return readdirSync(folder)
    .filter((name) => name.endsWith(ending))
    .map((name) => `${path}/${name}`);
}
