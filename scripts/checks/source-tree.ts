import { readdirSync, readFileSync } from 'node:fs';
import { extname, join } from 'node:path';

/** A file as the checks see it: its path from the root of the checkout, with forward slashes. */
export interface SourceFile {
  readonly path: string;
  readonly text: string;
}

export const root: string = join(import.meta.dirname, '../..');

// In secrets/ lie files that only the containers' users may read.
const SKIPPED_FOLDERS = new Set(['node_modules', '.git', '.local', 'dist', 'coverage', 'secrets']);
const CODE = new Set(['.ts', '.mts', '.js', '.mjs', '.cjs']);
const TEXT = new Set([
  ...CODE,
  '.md',
  '.yaml',
  '.yml',
  '.json',
  '.sql',
  '.sh',
  '.html',
  '.css',
  '.toml',
  '.tmpl',
  '',
]);
const SKIPPED_FILES = new Set(['pnpm-lock.yaml', 'package-lock.json', '.env']);

export function codeFiles(base: string = root): SourceFile[] {
  return read(base, CODE);
}

/** Code, documentation and configuration: everything a person reads here. */
export function textFiles(base: string = root): SourceFile[] {
  return read(base, TEXT);
}

/** Tests, and what only tests load: contract suites and fixtures. */
export function isTest(path: string): boolean {
  return /\.(test|contract|fixture)\.[mc]?[jt]s$/.test(path) || /(^|\/)test\//.test(path);
}

function read(base: string, extensions: ReadonlySet<string>): SourceFile[] {
  return list(base, '')
    .filter((path) => extensions.has(extname(path)))
    .map((path) => ({ path, text: readFileSync(join(base, path), 'utf8') }))
    .filter((file) => !file.text.includes('\0'));
}

function list(base: string, folder: string): string[] {
  const entries = readdirSync(join(base, folder), { withFileTypes: true });
  return entries
    .sort((a, b) => (a.name < b.name ? -1 : 1))
    .flatMap((entry) => {
      const path = folder === '' ? entry.name : `${folder}/${entry.name}`;
      if (entry.isDirectory()) return SKIPPED_FOLDERS.has(entry.name) ? [] : list(base, path);
      return entry.isFile() && !SKIPPED_FILES.has(entry.name) ? [path] : [];
    });
}
