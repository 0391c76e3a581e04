import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'yaml';
import { z } from 'zod';
import { root } from '../checks/source-tree.ts';

const rule = z.union([
  z.strictObject({
    record: z.string(),
    expr: z.string(),
    labels: z.record(z.string(), z.string()).optional(),
  }),
  z.strictObject({
    alert: z.string(),
    expr: z.string(),
    for: z.string().optional(),
    labels: z.strictObject({ severity: z.string() }),
    annotations: z.record(z.string(), z.string()),
  }),
]);
const ruleFile = z.strictObject({
  groups: z.array(z.strictObject({ name: z.string(), rules: z.array(rule) })),
});
const testFile = z.looseObject({
  tests: z.array(
    z.looseObject({
      name: z.string(),
      input_series: z.array(z.looseObject({ series: z.string(), values: z.string() })),
      alert_rule_test: z.array(z.looseObject({ alertname: z.string(), exp_alerts: z.array(z.unknown()) })),
    }),
  ),
});

export type Rule = z.output<typeof rule>;
export type Alert = Extract<Rule, { alert: string }>;

export const RULES = join(root, 'prometheus/rules');
export const TESTS = join(root, 'prometheus/tests');
export const RUNBOOKS = join(root, 'docs/runbooks');

export const yamlFiles = (folder: string): string[] =>
  readdirSync(folder).filter((name) => name.endsWith('.yml'));

/** Every rule, in the order of the files. @throws when a file is no rule file, or an alert has no severity. */
export function readRules(): Rule[] {
  return yamlFiles(RULES)
    .flatMap((name) => ruleFile.parse(parse(readFileSync(join(RULES, name), 'utf8'))).groups)
    .flatMap(({ rules }) => rules);
}

export function alertsOf(rules: readonly Rule[]): Alert[] {
  return rules.filter((each): each is Alert => 'alert' in each);
}

type InputSeries = z.output<typeof testFile>['tests'][number]['input_series'];

/** Names of the alerts that promtool tests (those with such series) expect to fire, and of those to be silent. */
export function readTests(of: (series: InputSeries) => boolean = () => true): {
  readonly firing: string[];
  readonly silent: string[];
} {
  const tests = yamlFiles(TESTS)
    .flatMap((name) => testFile.parse(parse(readFileSync(join(TESTS, name), 'utf8'))).tests)
    .filter(({ input_series: series }) => of(series))
    .flatMap(({ alert_rule_test: each }) => each);
  const named = (fires: boolean) =>
    tests
      .filter(({ exp_alerts: expected }) => expected.length > 0 === fires)
      .map(({ alertname }) => alertname);
  return { firing: named(true), silent: named(false) };
}

/** `TradingHalted` → `trading-halted`. */
export function pageName(alert: string): string {
  return alert.replaceAll(/(?<!^)(?=[A-Z])/g, '-').toLowerCase();
}
