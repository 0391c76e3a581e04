import { isOfLoki } from './build.ts';
import type { DashboardSpec } from './model.ts';

export interface PanelQuery {
  readonly dashboard: string;
  readonly panel: string;
  readonly expr: string;
}

/** Every query of every panel, of one language. */
export function queriesOf(
  dashboards: readonly DashboardSpec[],
  language: 'promql' | 'logql',
): readonly PanelQuery[] {
  return dashboards.flatMap((dashboard) =>
    panelsOf(dashboard)
      .filter((panel) => isOfLoki(panel) === (language === 'logql'))
      .flatMap((panel) =>
        panel.queries.map(({ expr }) => ({ dashboard: dashboard.title, panel: panel.title, expr })),
      ),
  );
}

export function panelsOf({ sections }: DashboardSpec) {
  return sections.flatMap(({ bands }) => bands).flatMap(({ panels }) => panels);
}

/** As Grafana would send it, with every variable at its first choice. Intervals as for a short range. */
export function substituted(expr: string, values: Readonly<Record<string, string>> = {}): string {
  const known: Readonly<Record<string, string>> = {
    __rate_interval: '1m',
    __interval: '15s',
    __auto: '1m',
    __range: '15m',
    service: '.+',
    level: '.+',
    search: '',
    id: '',
    ...values,
  };
  return expr.replaceAll(/\$(?:\{(\w+)\}|(\w+))/g, (whole, braced?: string, plain?: string) => {
    const value = known[braced ?? plain ?? ''];
    if (value === undefined) throw new Error(`${expr}: nobody knows the variable ${whole}`);
    return value;
  });
}
