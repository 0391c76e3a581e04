import { execFileSync } from 'node:child_process';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { bundleProgram } from './bundle-program.ts';
import { HEALTHCHECK, PROGRAMS, type Program } from './programs.ts';

const checkout = join(import.meta.dirname, '../..');
let root: string;
let out: string;

beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'bundle-'));
  out = join(root, 'out');
  write('package.json', '{"version":"1.2.3"}');
  write(HEALTHCHECK, readFileSync(join(checkout, HEALTHCHECK), 'utf8'));
});
afterEach(() => rmSync(root, { recursive: true, force: true }));

function write(path: string, text: string): void {
  mkdirSync(dirname(join(root, path)), { recursive: true });
  writeFileSync(join(root, path), text);
}

const program = (folders: string[] = []): Program => ({ name: 'app', main: 'src/main.ts', folders });

/** From a folder of its own: what the bundle needs it must bring along. */
function runBundle(...flags: string[]): string {
  const cwd = join(out, 'app');
  return execFileSync(process.execPath, [...flags, 'main.js'], { cwd, encoding: 'utf8', stdio: 'pipe' });
}

describe('a bundle', () => {
  it('is one file with its map, and stack traces name the source', async () => {
    write(
      'src/main.ts',
      "import { fail } from './deep/fail.ts';\ntry { fail(); } catch (e) { console.log((e as Error).stack); }\n",
    );
    write('src/deep/fail.ts', "\n\nexport function fail(): never {\n  throw new Error('here');\n}\n");
    const { files } = await bundleProgram(program(), root, out);
    expect(files).toEqual(['main.js', 'healthcheck.js']);
    expect(runBundle('--enable-source-maps')).toMatch(/src\/deep\/fail\.ts:4:9/);
  });

  it('brings the commands for people along', async () => {
    write('src/main.ts', "console.log('up');\n");
    write('tools/ops.js', "#!/usr/bin/env node\nimport { word } from './part.js';\nconsole.log(word);\n");
    write('tools/part.js', "export const word = 'down';\n");
    await bundleProgram({ ...program(), tools: ['tools/ops.js'] }, root, out);
    expect(execFileSync(process.execPath, [join(out, 'app/ops.js')], { encoding: 'utf8' })).toBe('down\n');
  });

  it('finds folders that the source names relative to itself', async () => {
    write('data/sql/1.sql', 'select 1');
    write(
      'src/inner/dir.ts',
      "import { readdirSync } from 'node:fs';\nexport const names = readdirSync(new URL('../../data/sql', import.meta.url));\n",
    );
    write('src/main.ts', "import { names } from './inner/dir.ts';\nconsole.log(names.join());\n");
    await bundleProgram(program(['data/sql']), root, out);
    rmSync(join(root, 'data'), { recursive: true });
    expect(runBundle()).toBe('1.sql\n');
  });

  it('gives a worker thread an entry of its own, also behind a choice of endings', async () => {
    write('src/told.ts', "export const told = 'from the thread';\n");
    write(
      'src/pool/worker.ts',
      "import { parentPort } from 'node:worker_threads';\nimport { told } from '../told.ts';\nparentPort?.postMessage(told);\n",
    );
    write(
      'src/pool/pool.ts',
      "import { Worker } from 'node:worker_threads';\nconst source = import.meta.url.endsWith('.ts');\nexport const worker = new Worker(new URL(source ? './worker.ts' : './worker.js', import.meta.url));\n",
    );
    write(
      'src/main.ts',
      "import { worker } from './pool/pool.ts';\nworker.on('message', (m) => console.log(m));\n",
    );
    const { files } = await bundleProgram(program(), root, out);
    expect(files).toEqual(['main.js', 'healthcheck.js', 'worker.js']);
    rmSync(join(root, 'src'), { recursive: true });
    expect(runBundle()).toBe('from the thread\n');
  });

  it('is refused when a package is not installed', async () => {
    write('src/main.ts', "import { absent } from 'a-package-that-is-not-there';\nconsole.log(absent);\n");
    await expect(bundleProgram(program(), root, out)).rejects.toThrow(/a-package-that-is-not-there/);
  });

  it('does without an optional package, with an error for who asks for it', async () => {
    write(
      'src/main.ts',
      "import { createRequire } from 'node:module';\nimport('protobufjs/minimal.js').catch((e: Error) => console.log(e.message));\n",
    );
    await bundleProgram(program(), root, out);
    expect(runBundle()).toBe('protobufjs/minimal.js is not part of this bundle\n');
  });
});

describe('the programs', () => {
  it('have a main file and folders that exist', () => {
    const paths = PROGRAMS.flatMap(({ main, folders }) => [main, ...folders]);
    expect(paths.filter((path) => !existsSync(join(checkout, path)))).toEqual([]);
  });

  it('need nothing of the checkout: a service refuses its empty configuration by itself', async () => {
    const found = PROGRAMS.find(({ name }) => name === 'risk-manager');
    if (found === undefined) throw new Error('no such program');
    await bundleProgram(found, checkout, out);
    symlinkSync(join(out, found.name), join(out, 'app'));
    expect(() => runBundle()).toThrow(/DATABASE_URL: is required and not set/);
  });
});
