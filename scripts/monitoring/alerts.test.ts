import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it, test } from 'vitest';
import { exporterMetricNames, namesIn, ownMetricNames } from './metric-names.ts';
import { alertsOf, pageName, RUNBOOKS, readRules, readTests } from './rules.ts';

const rules = readRules();
const alerts = alertsOf(rules);
const names = alerts.map(({ alert }) => alert).toSorted();
const HEADINGS = ['Meaning', 'What it does to trading', 'Check', 'Act', 'When to escalate'];
const page = (name: string) => readFileSync(join(RUNBOOKS, `${name}.md`), 'utf8');
const spaces = (text: string) => text.replaceAll(/\s+/g, ' ').trim();

describe('by name', () => {
  it('every alert has one firing test, one silent test and one runbook page', () => {
    const { firing, silent } = readTests();
    const pages = new Set(readdirSync(RUNBOOKS).map((file) => file.replace(/\.md$/, '')));
    expect(names.length).toBeGreaterThan(100);
    expect(new Set(names).size).toBe(names.length);
    expect(firing.toSorted()).toEqual(names);
    expect(silent.toSorted()).toEqual(names);
    expect(names.filter((name) => !pages.has(pageName(name)))).toEqual([]);
  });

  it.each(alerts.map((alert) => [alert.alert, alert] as const))(
    '%s says what a person needs',
    (name, alert) => {
      expect(['info', 'warning', 'critical']).toContain(alert.labels.severity);
      expect(Object.keys(alert.annotations).toSorted()).toEqual(['description', 'runbook_url', 'summary']);
      for (const text of Object.values(alert.annotations)) expect(text.trim()).not.toBe('');
      expect(alert.annotations['runbook_url']).toBe(
        `{{ $externalLabels.runbook_base }}/${pageName(name)}.md`,
      );
      const text = page(pageName(name));
      expect([...text.matchAll(/^## (.+)$/gm)].map(([, heading]) => heading)).toEqual(HEADINGS);
      expect(text).toContain(`# ${name}\n\nSeverity ${alert.labels.severity}.`);
      expect(spaces(text)).toContain(spaces(alert.expr));
    },
  );
});

test('every series that a rule reads is one that somebody exports', async () => {
  const own = await ownMetricNames();
  const others = exporterMetricNames();
  const recorded = new Set(rules.flatMap((rule) => ('record' in rule ? rule.record : [])));
  const read = rules.flatMap(({ expr }) => namesIn(expr));
  expect(own.size).toBeGreaterThan(80);
  expect(read.length).toBeGreaterThan(rules.length / 2);
  expect(read.filter((name) => !own.has(name) && !others.has(name) && !recorded.has(name))).toEqual([]);
});

test.each([
  ['sum by (service) (rate(a_total{x="b(c)"}[5m])) / max(b) > 0.5', ['a_total', 'b']],
  ['absent(a) or a offset 5m unless on (x) c:d:e == 1e6', ['a', 'c:d:e']],
  ['histogram_quantile(0.99, sum by (le) (rate(a_bucket[5m])))', ['a_bucket']],
])('names in %s', (expr, expected) => {
  expect(namesIn(expr)).toEqual(expected);
});

test('links between the pages lead somewhere', () => {
  const pages = readdirSync(RUNBOOKS).filter((file) => file.endsWith('.md'));
  const broken = pages.flatMap((file) =>
    [...readFileSync(join(RUNBOOKS, file), 'utf8').matchAll(/\]\(([\w-]+\.md)(?:#[\w-]*)?\)/g)]
      .map(([, target]) => target ?? '')
      .filter((target) => !pages.includes(target))
      .map((target) => `${file}: ${target}`),
  );
  expect(broken).toEqual([]);
});

test('the index lists every page once', () => {
  const index = page('README');
  const listed = [...index.matchAll(/\]\(([\w-]+\.md)\)/g)].map(([, file]) => file ?? '').toSorted();
  const pages = readdirSync(RUNBOOKS).filter((file) => file.endsWith('.md') && file !== 'README.md');
  expect([...new Set(listed)]).toEqual(pages.toSorted());
});
