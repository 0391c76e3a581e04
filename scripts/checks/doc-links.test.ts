import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { expect, it } from 'vitest';
import { root, textFiles } from './source-tree.ts';

const pages = new Map(
  textFiles()
    .filter(({ path }) => path.endsWith('.md'))
    .map(({ path, text }) => [path, text]),
);

/** As GitHub makes it of a heading. */
function anchorOf(heading: string): string {
  const words = heading.toLowerCase().replaceAll(/[^\p{L}\p{N}_\- ]/gu, '');
  return words.trim().replaceAll(' ', '-');
}

function anchorsOf(text: string): string[] {
  return [...text.matchAll(/^#+ (.+)$/gm)].map(([, heading]) => anchorOf(heading ?? ''));
}

/** Why a link of a page leads nowhere; undefined when it leads somewhere, or out of the repository. */
function fault(page: string, link: string): string | undefined {
  if (/^[a-z]+:/.test(link)) return undefined;
  const [file = '', anchor] = link.split('#');
  const target = file === '' ? page : join(dirname(page), file);
  if (!existsSync(join(root, target))) return `${page}: ${link}`;
  const text = pages.get(target);
  if (anchor === undefined || text === undefined || anchorsOf(text).includes(anchor)) return undefined;
  return `${page}: ${link} has no such heading`;
}

it('links of every document lead to a file, and to a heading of it', () => {
  const links = [...pages].flatMap(([page, text]) =>
    [...text.matchAll(/\]\(([^)\s]+)\)/g)].map(([, link = '']) => [page, link] as const),
  );
  expect(links.length).toBeGreaterThan(200);
  expect(links.map(([page, link]) => fault(page, link)).filter((found) => found !== undefined)).toEqual([]);
});

it('a link to nowhere is found', () => {
  expect(fault('docs/slo.md', 'runbooks/nowhere.md')).toBe('docs/slo.md: runbooks/nowhere.md');
  expect(fault('README.md', 'docs/slo.md#nowhere')).toBe(
    'README.md: docs/slo.md#nowhere has no such heading',
  );
  expect(fault('README.md', 'docs/slo.md#objectives')).toBeUndefined();
});
