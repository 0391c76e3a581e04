import { basename, dirname, join, relative } from 'node:path';
import type { Plugin } from 'rolldown';

/** A file that is started by its path, and therefore needs a bundle of its own. */
export interface SeparateEntry {
  readonly input: string;
  /** Its name in the folder of the bundle. */
  readonly file: string;
}

const MODULE_URL = /new URL\(([^()]*),\s*import\.meta\.url\s*\)/g;
const RELATIVE_PATH = /(['"])(\.{1,2}\/[^'"]*)\1/g;
const PISCINA = /\/piscina\/dist\/index\.js$/;
const PISCINA_WORKER = /(__dirname, )'worker\.js'/;

/**
 * Keeps true what a module says of files beside it, `new URL('…', import.meta.url)`, once all modules are one file:
 * code (`.ts`) becomes an entry of its own in the bundle's folder, anything else keeps its path from the checkout.
 * Each entry found is handed to `onEntry`.
 */
export function pathsPlugin(root: string, onEntry: (entry: SeparateEntry) => void): Plugin {
  const entry = (input: string, file: string): string => {
    onEntry({ input, file });
    return file;
  };
  const inBundle = (module: string, path: string): string => {
    const target = join(dirname(module), path);
    if (target.endsWith('.ts')) return entry(target, basename(target).replace(/\.ts$/, '.js'));
    // What is written for the bundle already, beside a choice of the source's `.ts`.
    if (target.endsWith('.js')) return basename(target);
    return `${relative(root, target)}${path.endsWith('/') ? '/' : ''}`;
  };
  return {
    name: 'paths',
    transform(code, id) {
      if (PISCINA.test(id))
        return renamedPiscinaWorker(code, entry(join(dirname(id), 'worker.js'), 'piscina-worker.js'));
      if (id.includes('/node_modules/') || !code.includes('import.meta.url')) return null;
      return code.replace(MODULE_URL, (call: string) =>
        call.replace(RELATIVE_PATH, (_all, _quote, path: string) => `'./${inBundle(id, path)}'`),
      );
    },
  };
}

/** The pool starts its threads with a file of its own package. */
function renamedPiscinaWorker(code: string, file: string): string {
  const renamed = code.replace(PISCINA_WORKER, `$1'${file}'`);
  if (renamed === code)
    throw new Error('piscina names its worker in another way now: adapt paths-plugin.ts to it');
  return renamed;
}
