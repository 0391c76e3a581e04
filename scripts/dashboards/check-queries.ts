import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { DASHBOARDS } from './all.ts';
import { type EmptyQuery, type Place, readEmptyQueries } from './empty-queries.ts';
import { type PrometheusAccess, parseQuery, sampleCount } from './prometheus-api.ts';
import { panelsOf, queriesOf, substituted } from './queries.ts';
import { readRules } from './rule-files.ts';
import { selectorsOf } from './selectors.ts';

export interface CheckOptions extends PrometheusAccess {
  /** Which fleet it is, for the list of queries that may be empty. */
  readonly place: Place;
  readonly say?: (line: string) => void;
}

export interface CheckResult {
  readonly passed: number;
  readonly failed: number;
  readonly dashboards: number;
  readonly panels: number;
  readonly queries: number;
  readonly rules: number;
  /** What failed, one sentence each. */
  readonly faults: readonly string[];
}

interface Asked {
  readonly name: string;
  readonly expr: string;
  /** An alert is empty while all is well: what it reads has to be there. */
  readonly byItsSelectors: boolean;
}

interface Listed extends EmptyQuery {
  readonly tree: string;
  readonly selector: string | undefined;
  used: boolean;
}

/** Their values come with the first event: an alert on refusals may have nothing to read before there was one. */
const BY_EVENT = new Set(['code', 'status']);

/** Rates over a minute have values while something happens: a query may be empty for a moment, not for so long. */
const PATIENCE_MS = 120_000;
const ASK_EVERY_MS = 3_000;

const root = join(import.meta.dirname, '../..');

/**
 * Asks a Prometheus that scrapes a trading fleet every query of every panel and every rule. None may be refused, and none
 * may be empty but for grafana/empty-queries.yaml; an entry there that is not empty, or that nothing reads, fails too.
 */
export async function checkQueries(options: CheckOptions): Promise<CheckResult> {
  const { say = () => undefined } = options;
  const asked = everything();
  const listed = await withTrees(options, readEmptyQueries(root, options.place));
  const faults: string[] = [];
  let passed = 0;
  const settle = (fault: string | undefined): void => {
    if (fault === undefined) passed += 1;
    else {
      faults.push(fault);
      say(`FAILED  ${fault}`);
    }
  };
  for (const fault of await faultsOf(options, asked, listed)) settle(fault);
  for (const entry of listed) settle(await faultOfEntry(options, entry).catch(wordsOf(entry.expression)));
  return {
    ...{ passed, failed: faults.length, faults },
    dashboards: DASHBOARDS.length,
    panels: DASHBOARDS.flatMap(panelsOf).length,
    queries: queriesOf(DASHBOARDS, 'promql').length,
    rules: asked.length - queriesOf(DASHBOARDS, 'promql').length,
  };
}

/** Asks them all, and those that are empty again for a while. One answer a query, undefined where nothing is wrong. */
async function faultsOf(
  access: PrometheusAccess,
  asked: readonly Asked[],
  listed: readonly Listed[],
): Promise<readonly (string | undefined)[]> {
  const found = new Map<Asked, string | undefined>();
  const deadline = performance.now() + PATIENCE_MS;
  let open = asked;
  for (;;) {
    for (const one of open) found.set(one, await faultOf(access, one, listed).catch(wordsOf(one.name)));
    open = open.filter((one) => found.get(one) !== undefined);
    if (open.length === 0 || performance.now() > deadline) return [...found.values()];
    await sleep(ASK_EVERY_MS);
  }
}

function everything(): readonly Asked[] {
  const panels = queriesOf(DASHBOARDS, 'promql').map(({ dashboard, panel, expr }) => ({
    name: `${dashboard}: ${panel}`,
    expr: substituted(expr),
    byItsSelectors: false,
  }));
  const rules = readRules(join(root, 'prometheus/rules')).map(({ kind, name, expr }) => ({
    name: `${kind} ${name}`,
    expr,
    byItsSelectors: kind === 'alert',
  }));
  return [...panels, ...rules];
}

async function faultOf(
  access: PrometheusAccess,
  asked: Asked,
  listed: readonly Listed[],
): Promise<string | undefined> {
  const { name, expr } = asked;
  const tree = await parseQuery(access, expr);
  const needed = selectorsOf(tree, BY_EVENT);
  const selectors = asked.byItsSelectors ? [...selectorsOf(tree), ...needed] : selectorsOf(tree);
  const whole = JSON.stringify(tree);
  const excuses = listed.filter((entry) => entry.tree === whole || selectors.includes(entry.selector ?? ''));
  for (const entry of excuses) entry.used = true;
  // Also asked when it is excused: it has to be a query.
  const samples = await sampleCount(access, expr);
  if (samples > 0 || excuses.length > 0) return undefined;
  if (!asked.byItsSelectors) return `${name}: empty: ${expr}`;
  const absent = await emptyOnes(access, needed);
  return absent.length === 0 ? undefined : `${name}: reads what is not there: ${absent.join(', ')}`;
}

async function emptyOnes(access: PrometheusAccess, selectors: readonly string[]): Promise<readonly string[]> {
  const counts = await Promise.all(selectors.map((selector) => sampleCount(access, selector)));
  return selectors.filter((_selector, index) => counts[index] === 0);
}

async function faultOfEntry(access: PrometheusAccess, entry: Listed): Promise<string | undefined> {
  if (!entry.used) return `grafana/empty-queries.yaml: nothing reads ${entry.expression}: take the entry out`;
  const samples = await sampleCount(access, entry.expression);
  return samples === 0
    ? undefined
    : `grafana/empty-queries.yaml: ${entry.expression} is not empty any more: take the entry out`;
}

async function withTrees(
  access: PrometheusAccess,
  entries: readonly EmptyQuery[],
): Promise<readonly Listed[]> {
  return await Promise.all(
    entries.map(async (entry) => {
      const tree = await parseQuery(access, entry.expression);
      const isSelector = (tree as { readonly type?: unknown } | null)?.type === 'vectorSelector';
      return {
        ...entry,
        tree: JSON.stringify(tree),
        selector: isSelector ? selectorsOf(tree)[0] : undefined,
        used: false,
      };
    }),
  );
}

function wordsOf(name: string) {
  return (error: unknown): string => `${name}: ${error instanceof Error ? error.message : String(error)}`;
}
