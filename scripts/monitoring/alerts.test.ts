import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it, test } from 'vitest';
import { exporterMetricNames, namesIn, ownMetricNames } from './metric-names.ts';
import { alertsOf, pageName, RUNBOOKS, readRules, readTests } from './rules.ts';

/** Why a rule on a counter has no test that fires for a series which is born above 0. */
const BORN_OTHERWISE: Readonly<Record<string, string>> = {
  RedisEvictions: 'Redis counts for its own life: a series appears when the exporter reaches it again',
  RedisConnectionsRejected: 'as RedisEvictions',
  RedisAccessDenied: 'as RedisEvictions',
  PostgresDeadlocks: 'Postgres counts for its own life, as Redis does',
  HostOutOfMemory: 'the kernel counts since its boot',
  CyclesMissing: 'it fires while bars go on coming, and the cycles of a service begin at 0',
  LogStoreUnreachable: 'it fires while tries go on failing',
  HostCpuSaturated: 'it fires while processes go on waiting',
};

const rules = readRules();
const alerts = alertsOf(rules);
const names = alerts.map(({ alert }) => alert).toSorted();
const HEADINGS = ['Meaning', 'What it does to trading', 'Check', 'Act', 'When to escalate'];
const page = (name: string) => readFileSync(join(RUNBOOKS, `${name}.md`), 'utf8');
const spaces = (text: string) => text.replaceAll(/\s+/g, ' ').trim();

describe('by name', () => {
  it('every alert has a firing test, a silent test and one runbook page', () => {
    const { firing, silent } = readTests();
    const pages = new Set(readdirSync(RUNBOOKS).map((file) => file.replace(/\.md$/, '')));
    expect(names.length).toBeGreaterThan(100);
    expect(new Set(names).size).toBe(names.length);
    expect([...new Set(firing)].toSorted()).toEqual(names);
    expect([...new Set(silent)].toSorted()).toEqual(names);
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

test('every rule on a counter fires for a series that is born above 0, or says why not', () => {
  const recorded = new Map(rules.flatMap((rule) => ('record' in rule ? [[rule.record, rule.expr]] : [])));
  const isOfCounters = (expr: string): boolean =>
    /\b(increase|rate)\(/.test(expr) || namesIn(expr).some((name) => isOfCounters(recorded.get(name) ?? ''));
  const counting = alerts.filter(({ expr }) => isOfCounters(expr)).map(({ alert }) => alert);
  const { firing } = readTests((series) => series.some(({ values }) => /^_x\d+ [1-9]/.test(values)));
  expect(counting.length).toBeGreaterThan(30);
  expect(counting.filter((name) => !firing.includes(name)).toSorted()).toEqual(
    Object.keys(BORN_OTHERWISE).toSorted(),
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
