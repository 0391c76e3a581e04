import { describe, expect, it } from 'vitest';
import { documentedQueries } from '../monitoring/loki-queries.ts';
import { DASHBOARDS } from './all.ts';
import { logqlFaults } from './logql.ts';
import { queriesOf, substituted } from './queries.ts';

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
    const found = documentedQueries();
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
