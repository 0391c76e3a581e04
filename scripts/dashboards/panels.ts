import type { DashboardSpec, PanelSpec, Query, Source, Step, Unit } from './model.ts';

type Common = Omit<PanelSpec, 'kind' | 'queries' | 'title' | 'description' | 'unit' | 'logsOf'>;

/** Short ways to say a panel: title, what it means, unit, whose logs, queries, and what differs from the usual. */
function panel(kind: PanelSpec['kind']) {
  return (
    title: string,
    description: string,
    unit: Unit,
    logsOf: Source,
    queries: readonly Query[] | string,
    more: Common = {},
  ): PanelSpec => ({
    ...{ kind, title, description, unit, logsOf, ...more },
    queries: typeof queries === 'string' ? [{ expr: queries, legend: title }] : queries,
  });
}

export const stat = panel('stat');
export const lines = panel('lines');
export const bars = panel('bars');
export const table = panel('table');
export const timeline = panel('timeline');
export const logLines = panel('log-lines');
export const logVolume = panel('log-volume');

export function query(expr: string, legend: string): Query {
  return { expr, legend };
}

/** Anything but nothing wants somebody. */
export const NONE_IS_WELL: readonly Step[] = [
  [null, 'green'],
  [1, 'red'],
];

export function above(orange: number, red: number): readonly Step[] {
  return [
    [null, 'green'],
    [orange, 'orange'],
    [red, 'red'],
  ];
}

export function below(red: number, orange: number): readonly Step[] {
  return [
    [null, 'red'],
    [red, 'orange'],
    [orange, 'green'],
  ];
}

export const NO_JUDGEMENT: readonly Step[] = [[null, 'blue']];

/** Median and 99th percentile of a histogram over the time that one point stands for. */
export function percentiles(histogram: string, by: string, legend: string, filter = ''): readonly Query[] {
  const labels = by === '' ? 'le' : `le, ${by}`;
  return [0.5, 0.99].map((quantile) => ({
    expr: `histogram_quantile(${quantile}, sum by (${labels}) (rate(${histogram}_bucket${filter === '' ? '' : `{${filter}}`}[$__rate_interval])))`,
    legend: `${legend} p${quantile * 100}`,
  }));
}

export function dashboard(spec: DashboardSpec): DashboardSpec {
  return spec;
}
