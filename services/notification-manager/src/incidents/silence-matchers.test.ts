import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { parse } from 'yaml';
import { GROUPED_BY, silenceMatchers } from './silence-matchers.ts';

interface Route {
  readonly receiver?: string;
  readonly group_by?: readonly string[];
  readonly routes?: readonly Route[];
}

const said = (labels: Record<string, string>): string[] =>
  silenceMatchers({ labels }).map(({ name, value, isEqual, isRegex }) => {
    expect([isEqual, isRegex]).toEqual([true, false]);
    return `${name}="${value}"`;
  });

test('a label that the group lacks must be absent', () => {
  expect(said({ alertname: 'Slow' })).toEqual(['alertname="Slow"', 'service=""', 'run=""']);
  expect(said({ alertname: 'Slow', service: 'risk-manager' })).toEqual([
    ...['alertname="Slow"', 'service="risk-manager"', 'run=""'],
  ]);
});

test('a group with all of them is matched by them alone, also by what else it is grouped by', () => {
  const labels = { alertname: 'Slow', run: 'paper', service: 'risk-manager', stream: 'md.bars' };
  expect(said(labels)).toEqual([
    ...['alertname="Slow"', 'run="paper"', 'service="risk-manager"', 'stream="md.bars"'],
  ]);
});

test('every route of Alertmanager that leads here groups by these labels', () => {
  const file = join(import.meta.dirname, '../../../../alertmanager/alertmanager.yml.tmpl');
  const { route } = parse(readFileSync(file, 'utf8')) as { route: Route };
  const found: (readonly string[])[] = [];
  const walk = (one: Route, inherited: Required<Pick<Route, 'receiver' | 'group_by'>>): void => {
    const { receiver = inherited.receiver, group_by = inherited.group_by, routes = [] } = one;
    if (receiver === 'notification-manager') found.push(group_by);
    for (const below of routes) walk(below, { receiver, group_by });
  };
  walk(route, { receiver: '', group_by: [] });
  expect(found.length).toBeGreaterThan(0);
  for (const labels of found) expect(labels).toEqual([...GROUPED_BY]);
});
