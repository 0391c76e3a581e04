import { parseSync } from 'rolldown/utils';
import type { SourceFile } from './source-tree.ts';

/** A node of the ESTree that rolldown's parser gives; which fields it has depends on its type. */
export interface SyntaxNode {
  readonly type: string;
  readonly start: number;
  readonly end: number;
  readonly [field: string]: unknown;
}

/** @throws Error when the file does not parse: a check must not pass over it. */
export function parse(file: SourceFile): SyntaxNode {
  const lang = /\.[mc]?ts$/.test(file.path) ? 'ts' : 'js';
  const { program, errors } = parseSync(file.path, file.text, { lang, sourceType: 'module' });
  const [first] = errors;
  const tree: unknown = program;
  if (first !== undefined || !isNode(tree)) throw new Error(`${file.path} does not parse: ${first?.message}`);
  return tree;
}

/** Every node below and including `node`, parents before children, with the parent. */
export function walk(
  node: SyntaxNode,
  visit: (node: SyntaxNode, parent: SyntaxNode | undefined) => void,
  parent?: SyntaxNode,
): void {
  visit(node, parent);
  for (const value of Object.values(node)) {
    for (const child of Array.isArray(value) ? value : [value]) {
      if (isNode(child)) walk(child, visit, node);
    }
  }
}

export function isNode(value: unknown): value is SyntaxNode {
  return typeof value === 'object' && value !== null && typeof (value as SyntaxNode).type === 'string';
}

/** Line of an offset, counted from 1. */
export function lineAt(text: string, offset: number): number {
  let line = 1;
  for (let at = text.indexOf('\n'); at !== -1 && at < offset; at = text.indexOf('\n', at + 1)) line += 1;
  return line;
}

/** `Date.now`, `console.log`, `setTimeout`: the dotted name of an identifier or member, else undefined. */
export function dottedName(node: unknown): string | undefined {
  if (!isNode(node)) return undefined;
  if (node.type === 'Identifier') return node['name'] as string;
  if (node.type !== 'MemberExpression' || node['computed'] === true) return undefined;
  const [object, property] = [dottedName(node['object']), dottedName(node['property'])];
  return object === undefined || property === undefined ? undefined : `${object}.${property}`;
}
