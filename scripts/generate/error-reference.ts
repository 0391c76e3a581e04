import type { ErrorDefinition } from '@fleet/shared/errors';
import type { SourceFile } from '../checks/source-tree.ts';
import { isTest } from '../checks/source-tree.ts';
import type { Generated } from './generated-files.ts';
import { GENERATED_NOTE, table } from './markdown.ts';

const PATH = 'docs/errors.md';
const DEFINED = /defineError\(\{\s*code:\s*'([A-Z0-9_]+)'/g;
const NAMED_CLASS = /export class (\w+) extends Error \{[^}]*?readonly code = '([A-Z0-9_]+)'/g;

const HEAD = `# Errors

${GENERATED_NOTE}

Every error of the fleet has a code that stays the same. HTTP answers carry it in a problem document (RFC 9457) as
\`code\`, beside what to do (\`action\`) and the request's id; logs carry it as \`err.code\`.

What the program does by itself: **retry** repeats with growing delays, **park** sets the entry aside for an operator
(dead letter) or refuses the request, **crash** ends the process, which its supervisor starts again.
`;

/** The modules whose import defines errors: tests and entry points are left out. */
export function definingModules(files: readonly SourceFile[]): readonly SourceFile[] {
  return files.filter(
    ({ path, text }) =>
      /^(packages|services)\/[^/]+\/src\/.+\.ts$/.test(path) &&
      !isTest(path) &&
      !path.endsWith('/main.ts') &&
      text.includes('defineError({'),
  );
}

/** docs/errors.md. A code that stands in the source and is not on the list was not loaded: a problem. */
export function errorReference(
  definitions: readonly ErrorDefinition[],
  files: readonly SourceFile[],
): Generated {
  const modules = definingModules(files);
  const owners = new Map(
    modules.flatMap(({ path, text }) => codesIn(text, DEFINED).map((code) => [code, owner(path)])),
  );
  const known = definitions.filter(({ code }) => owners.has(code));
  const listed = new Set(definitions.map(({ code }) => code));
  const problems = [...owners.keys()]
    .filter((code) => !listed.has(code))
    .map(
      (code) =>
        `${PATH}: ${code} (${owners.get(code)}) stands in the source, but its module could not be loaded`,
    );
  const content = `${HEAD}\n${definedTable(known, owners)}\n\n${coreSection(files)}\n`;
  return { files: [{ path: PATH, content }], problems };
}

function definedTable(definitions: readonly ErrorDefinition[], owners: ReadonlyMap<string, string>): string {
  const rows = definitions.map(({ code, status, retry, title, action }) => [
    `\`${code}\``,
    String(status),
    retry,
    title,
    action,
    owners.get(code) ?? '',
  ]);
  return table(['Code', 'HTTP', 'The program', 'Meaning', 'What to do', 'From'], rows);
}

/** The pure core and the simulator throw classes of their own: their messages say what to do. */
function coreSection(files: readonly SourceFile[]): string {
  const rows = files
    .filter(({ path }) => /^packages\/(domain|exchange-simulator)\/src\/.+\.ts$/.test(path) && !isTest(path))
    .flatMap(({ path, text }) =>
      [...text.matchAll(NAMED_CLASS)].map(([, name = '', code = '']) => [
        `\`${code}\``,
        `\`${name}\``,
        `\`${path}\``,
      ]),
    )
    .sort(([left = ''], [right = '']) => (left < right ? -1 : 1));
  const words =
    'Mistakes of a caller or of an input file, thrown by the packages below. The message names the fault.';
  return `## Errors of the pure core and the simulator\n\n${words}\n\n${table(['Code', 'Class', 'Module'], rows)}`;
}

function codesIn(text: string, pattern: RegExp): readonly string[] {
  return [...text.matchAll(pattern)].flatMap(([, code]) => code ?? []);
}

function owner(path: string): string {
  const [kind = '', name = '', , folder = ''] = path.split('/');
  return kind === 'packages' && !folder.endsWith('.ts') ? `${name}/${folder}` : name;
}
