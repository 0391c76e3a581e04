import { cpSync, existsSync, mkdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { type Plugin, rolldown } from 'rolldown';
import { pathsPlugin, type SeparateEntry } from './paths-plugin.ts';
import { HEALTHCHECK, type Program } from './programs.ts';

export interface Bundled {
  readonly name: string;
  /** Code and source maps, in bytes. */
  readonly bytes: number;
  readonly files: readonly string[];
}

/**
 * Optional to their users, which do without: pg's native driver, codecs of exchanges that are not traded on, and the
 * thread pool's native call for priorities (Node's own is used).
 */
const ABSENT = /^(pg-native|protobufjs(\/.*)?|@napi-rs\/nice)$/;
/** Loading them does nothing by itself: where only types or nothing of them is used they stay out of the bundle. */
const INERT = /\/node_modules\/(node-pg-migrate|glob|jiti)\//;

/**
 * One program as plain JavaScript without `node_modules`: `main.js` and its source map, an entry of its own for each
 * worker thread, `healthcheck.js`, its commands for people, and the folders that it reads.
 */
export async function bundleProgram(program: Program, root: string, outDir: string): Promise<Bundled> {
  const folder = join(outDir, program.name);
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  const files = new Set<string>();
  const queue: SeparateEntry[] = [
    { input: join(root, program.main), file: 'main.js' },
    { input: join(root, HEALTHCHECK), file: 'healthcheck.js' },
    ...(program.tools ?? []).map((tool) => ({ input: join(root, tool), file: basename(tool) })),
  ];
  for (let next = queue.shift(); next !== undefined; next = queue.shift()) {
    if (files.has(next.file)) continue;
    files.add(next.file);
    await bundleEntry(next, root, folder, (entry) => queue.push(entry));
  }
  const { version } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as { version: string };
  const manifest = { name: program.name, version, private: true, type: 'module' };
  writeFileSync(join(folder, 'package.json'), `${JSON.stringify(manifest)}\n`);
  for (const path of program.folders) {
    if (existsSync(join(root, path))) cpSync(join(root, path), join(folder, path), { recursive: true });
  }
  const written = [...files].flatMap((file) => [file, `${file}.map`]);
  const bytes = written.reduce((sum, file) => sum + statSync(join(folder, file)).size, 0);
  return { name: program.name, bytes, files: [...files] };
}

async function bundleEntry(
  { input, file }: SeparateEntry,
  root: string,
  folder: string,
  onEntry: (entry: SeparateEntry) => void,
): Promise<void> {
  const unresolved: string[] = [];
  const build = await rolldown({
    input,
    platform: 'node',
    plugins: [absentPlugin(), pathsPlugin(root, onEntry)],
    treeshake: { moduleSideEffects: (id) => !INERT.test(id) },
    transform: { define: { __dirname: 'import.meta.dirname', __filename: 'import.meta.filename' } },
    onLog: (_level, log) => {
      if (log.code === 'UNRESOLVED_IMPORT') unresolved.push(log.message);
    },
  });
  try {
    await build.write({ file: join(folder, file), format: 'esm', sourcemap: true, codeSplitting: false });
  } finally {
    await build.close();
  }
  if (unresolved.length > 0)
    throw new Error(`${basename(input)} imports what is not installed:\n${unresolved.join('\n')}`);
  dropVendorSources(join(folder, `${file}.map`));
}

/** Stands for an optional package that is not installed: who asks for it gets an error, as without a bundle. */
function absentPlugin(): Plugin {
  const prefix = '\0absent:';
  return {
    name: 'absent',
    resolveId: (id) => (ABSENT.test(id) ? { id: `${prefix}${id}` } : null),
    load: (id) => {
      if (!id.startsWith(prefix)) return null;
      const problem = JSON.stringify(`${id.slice(prefix.length)} is not part of this bundle`);
      return { code: `throw new Error(${problem}); module.exports = undefined;`, moduleType: 'js' };
    },
  };
}

/** Stack traces name file and line of every package; the text itself is kept for this project's own code alone. */
function dropVendorSources(path: string): void {
  const map = JSON.parse(readFileSync(path, 'utf8')) as {
    sources: string[];
    sourcesContent?: (string | null)[];
  };
  map.sourcesContent = (map.sourcesContent ?? []).map((text, index) =>
    map.sources[index]?.includes('/node_modules/') ? null : text,
  );
  writeFileSync(path, JSON.stringify(map));
}
