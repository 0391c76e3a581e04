import { basename } from 'node:path';
import type { Finding } from './dependency-rules.ts';
import { isTest, type SourceFile } from './source-tree.ts';
import { dottedName, isNode, lineAt, parse, type SyntaxNode, walk } from './syntax.ts';

export const TIDY_RULES = [
  'banned-call',
  'function-too-long',
  'file-too-long',
  'leftover',
  'focused-or-skipped-test',
  'cast',
  'name-says-nothing',
  'main-too-long',
  'service-without-readme',
  'workplace',
] as const;
export type TidyRule = (typeof TIDY_RULES)[number];
type TidyFinding = Finding<TidyRule>;
type Banned = ReadonlyArray<readonly [RegExp, string]>;
type Report = (rule: TidyRule, node: SyntaxNode, message: string) => void;

export const FUNCTION_LINES_MAX = 70;
export const FILE_LINES_MAX = 400;
export const MAIN_LINES_MAX = 40;

const FUNCTIONS = new Set(['FunctionDeclaration', 'FunctionExpression', 'ArrowFunctionExpression']);
const EMPTY_NAMES = new Set(['utils', 'util', 'helpers', 'helper', 'types', 'interfaces', 'common', 'misc']);
const SUITES = new Set(['it', 'test', 'describe']);
const FOCUS = /\.(skip|only|todo)$/;

/** The pure core: what it must not call, and what to do instead. */
const DOMAIN_BANNED: Banned = [
  [/^Date\.now$|^performance\.now$/, 'take the time from the event'],
  [/^Math\.random$|^crypto\.(randomUUID|getRandomValues)$/, 'take a seeded generator as an argument'],
  [/^process\./, 'take the value as an argument'],
  [/^console\./, 'return the value; the caller logs'],
  [/^(setTimeout|setInterval|setImmediate|queueMicrotask)$/, 'the domain does not wait: the kit owns time'],
];
const RUNTIME_BANNED: Banned = [
  [/^console\.(log|info|debug)$/, 'use the logger, which redacts secrets'],
  [/^Math\.random$/, 'take `random` as an option, or node:crypto where it must not be guessed'],
];
// Written in pieces, so that this file does not break its own rules.
const LEFTOVER = new RegExp(`\\b(${['FIX' + 'ME', 'TO' + 'DO', 'XX' + 'X'].join('|')})\\b`);
const WORKPLACE = new RegExp(`(?<![\\w.])/wo${''}rk/|\\b[AT]\u00a7|\\bshared/(design|data|tools)\\b`);

/** Findings in the syntax of code files. */
export function codeFindings(files: readonly SourceFile[]): TidyFinding[] {
  return files.flatMap((file) => {
    const findings: TidyFinding[] = [];
    const report: Report = (rule, node, message) =>
      findings.push({ path: file.path, line: lineAt(file.text, node.start), rule, message });
    const test = isTest(file.path);
    const banned = bannedIn(file.path, test);
    walk(parse(file), (node, parent) => {
      checkCall(node, banned, report);
      checkFocus(node, report);
      if (!test) checkFunction(node, parent, file.text, report);
      if (!test && !file.path.startsWith('packages/testkit/')) checkCast(node, report);
    });
    return findings;
  });
}

/** Findings in names, lengths and words, of every file that people read. */
export function textFindings(files: readonly SourceFile[]): TidyFinding[] {
  return [...files.flatMap(checkText), ...files.flatMap(checkShape), ...missingReadmes(files)];
}

function bannedIn(path: string, test: boolean): Banned {
  if (test) return [];
  if (path.startsWith('packages/domain/src/')) return DOMAIN_BANNED;
  return /^(services\/[^/]+|packages\/(shared|exchange-simulator))\/src\//.test(path) ? RUNTIME_BANNED : [];
}

function checkCall(node: SyntaxNode, banned: Banned, report: Report): void {
  if (banned === DOMAIN_BANNED && node.type === 'NewExpression' && dottedName(node['callee']) === 'Date') {
    const given = node['arguments'];
    if (Array.isArray(given) && given.length === 0) {
      report('banned-call', node, 'new Date(): take the time from the event');
    }
  }
  const name = usedName(node, banned === DOMAIN_BANNED);
  const hit = name === undefined ? undefined : banned.find(([pattern]) => pattern.test(name));
  if (hit !== undefined) report('banned-call', node, `${name}: ${hit[1]}`);
}

/** A called name; in the domain also a member that is only handed on, which elsewhere is an injectable default. */
function usedName(node: SyntaxNode, handedOn: boolean): string | undefined {
  if (handedOn && node.type === 'MemberExpression') return dottedName(node);
  const callee = node.type === 'CallExpression' ? node['callee'] : undefined;
  if (handedOn && isNode(callee) && callee.type === 'MemberExpression') return undefined; // seen as a member
  return dottedName(callee);
}

function checkFocus(node: SyntaxNode, report: Report): void {
  const name = node.type === 'MemberExpression' ? dottedName(node) : undefined;
  if (name !== undefined && FOCUS.test(name) && SUITES.has(name.split('.')[0] ?? '')) {
    report('focused-or-skipped-test', node, `${name}: make the test run or take it out`);
  }
}

function checkFunction(node: SyntaxNode, parent: SyntaxNode | undefined, text: string, report: Report): void {
  if (!FUNCTIONS.has(node.type)) return;
  const lines = lineAt(text, node.end) - lineAt(text, node.start) + 1;
  if (lines <= FUNCTION_LINES_MAX) return;
  const name =
    dottedName(node['id']) ?? dottedName(parent?.['id']) ?? dottedName(parent?.['key']) ?? 'a function';
  report(
    'function-too-long',
    node,
    `${name} has ${lines} lines (at most ${FUNCTION_LINES_MAX}): give a part its own name`,
  );
}

function checkCast(node: SyntaxNode, report: Report): void {
  if (node.type !== 'TSAsExpression' && node.type !== 'TSTypeAssertion') return;
  const [inner, target] = [node['expression'], node['typeAnnotation']];
  if (isNode(target) && target.type === 'TSAnyKeyword')
    report('cast', node, 'as any: parse the value, or narrow it');
  const innerTarget = isNode(inner) && inner.type === 'TSAsExpression' ? inner['typeAnnotation'] : undefined;
  if (isNode(innerTarget) && innerTarget.type === 'TSUnknownKeyword') {
    report('cast', node, 'as unknown as: parse the value, or narrow it');
  }
}

function checkText(file: SourceFile): TidyFinding[] {
  return file.text.split('\n').flatMap((content, index) => {
    const at = { path: file.path, line: index + 1 };
    const left = LEFTOVER.exec(content)?.[0];
    const place = WORKPLACE.exec(content)?.[0];
    return [
      ...(left === undefined
        ? []
        : [{ ...at, rule: 'leftover' as const, message: `${left}: do it or take it out` }]),
      ...(place === undefined
        ? []
        : [
            {
              ...at,
              rule: 'workplace' as const,
              message: `"${place}" means nothing to a reader of this project`,
            },
          ]),
    ];
  });
}

function checkShape({ path, text }: SourceFile): TidyFinding[] {
  if (!/\.[mc]?[jt]s$/.test(path)) return [];
  const lines = text.trimEnd().split('\n').length;
  const findings: TidyFinding[] = [];
  const add = (rule: TidyRule, message: string) => findings.push({ path, line: 1, rule, message });
  const segments = path.replace(/(\.test)?\.[mc]?[jt]s$/, '').split('/');
  const empty = segments.find((segment) => EMPTY_NAMES.has(segment));
  if (empty !== undefined) add('name-says-nothing', `"${empty}": name the file after what it does`);
  if (lines > FILE_LINES_MAX && !isTest(path) && !/(^|\/)generated\//.test(path)) {
    add('file-too-long', `${lines} lines (at most ${FILE_LINES_MAX}): something wants a file of its own`);
  }
  if (/^services\/[^/]+\/src\/main\.ts$/.test(path) && lines > MAIN_LINES_MAX) {
    add('main-too-long', `${lines} lines (at most ${MAIN_LINES_MAX}): main reads config, composes and runs`);
  }
  return findings;
}

function missingReadmes(files: readonly SourceFile[]): TidyFinding[] {
  const paths = new Set(files.map((file) => file.path));
  return [...paths]
    .filter((path) => /^services\/[^/]+\/package\.json$/.test(path))
    .map((path) => path.replace('package.json', 'README.md'))
    .filter((readme) => !paths.has(readme))
    .map((path) => ({
      path,
      line: 1,
      rule: 'service-without-readme',
      message: `${basename(path)} is missing`,
    }));
}
