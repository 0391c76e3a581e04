import { chmodSync, existsSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';

/** Paths below the folder of the output, each with its whole text. */
export type Files = ReadonlyMap<string, string>;

/** In a volume that only its one consumer mounts, which runs as a user of its own. */
const MODE = 0o444;

/**
 * Writes each file whole, by rename, and only when it differs; all of them are written beside their places before the
 * first takes its place. Gives the paths that changed.
 */
export function writeFiles(outDir: string, files: Files): readonly string[] {
  const changed = [...files].filter(([path, text]) => !isSame(join(outDir, path), text));
  const prepared = changed.map(([path, text]) => {
    const target = join(outDir, path);
    // Without an ending that Traefik's file provider reads.
    const next = join(dirname(target), `.${basename(target)}.next`);
    mkdirSync(dirname(target), { recursive: true });
    rmSync(next, { force: true });
    writeFileSync(next, text, { mode: MODE });
    chmodSync(next, MODE);
    return { path, target, next };
  });
  for (const { target, next } of prepared) renameSync(next, target);
  return prepared.map(({ path }) => path);
}

function isSame(path: string, text: string): boolean {
  return existsSync(path) && readFileSync(path, 'utf8') === text;
}
