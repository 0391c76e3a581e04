import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { DASHBOARDS } from './all.ts';
import { logqlFaults } from './logql.ts';
import { queriesOf, substituted } from './queries.ts';

const docs = join(import.meta.dirname, '../../docs');

/** Fenced blocks that are marked as LogQL, of every page. */
function documented(): readonly (readonly [page: string, query: string])[] {
  const pages = readdirSync(docs, { recursive: true, encoding: 'utf8' }).filter((name) =>
    name.endsWith('.md'),
  );
  return pages.flatMap((page) =>
    [...readFileSync(join(docs, page), 'utf8').matchAll(/```logql\n([\s\S]*?)```/g)].flatMap(
      ([, block = '']) =>
        block
          .split('\n')
          .filter((line) => line.trim() !== '' && !line.startsWith('#'))
          .map((line) => [page, line] as const),
    ),
  );
}

describe('LogQL', () => {
  const queries = queriesOf(DASHBOARDS, 'logql');

  it.each(queries.map(({ panel, expr }) => [panel, expr] as const))(
    'of a panel parses: %s',
    (_panel, expr) => {
      expect(logqlFaults(substituted(expr))).toEqual([]);
      expect(
        logqlFaults(substituted(expr, { service: 'risk-manager|redis', search: 'stale data', id: '4bf92f' })),
      ).toEqual([]);
    },
  );

  it('of the documents parses', () => {
    const found = documented();
    expect(found.length).toBeGreaterThan(0);
    for (const [page, query] of found) expect(logqlFaults(query), `${page}: ${query}`).toEqual([]);
  });

  it.each([
    ['no selector', '|= "x"'],
    ['a bracket too few', 'sum(rate({service="redis"}[1m])'],
    ['an unknown filter', '{service="redis"} |? "x"'],
    ['no range', 'count_over_time({service="redis"})'],
    ['a label without a value', '{service=}'],
  ])('that is wrong is found: %s', (_name, query) => {
    expect(logqlFaults(query)).not.toEqual([]);
  });
});
