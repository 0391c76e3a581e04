import {
  BigValueColorMode,
  BigValueGraphMode,
  GraphDrawStyle,
  GraphThresholdsStyleConfigBuilder,
  GraphThresholdsStyleMode,
  LegendDisplayMode,
  LegendPlacement,
  LogsDedupStrategy,
  LogsSortOrder,
  ReduceDataOptionsBuilder,
  SortOrder,
  StackingConfigBuilder,
  StackingMode,
  TooltipDisplayMode,
  VisibilityMode,
  VizLegendOptionsBuilder,
  VizTooltipOptionsBuilder,
} from '@grafana/grafana-foundation-sdk/common';
import {
  type Dashboard,
  DashboardBuilder,
  DashboardCursorSync,
  DashboardLinkBuilder,
  DashboardLinkType,
  FieldColorBuilder,
  FieldColorModeId,
  MappingType,
  RowBuilder,
  ThresholdsConfigBuilder,
  ThresholdsMode,
} from '@grafana/grafana-foundation-sdk/dashboard';
import { PanelBuilder as LogsBuilder } from '@grafana/grafana-foundation-sdk/logs';
import { DataqueryBuilder as LokiBuilder } from '@grafana/grafana-foundation-sdk/loki';
import {
  DataqueryBuilder as PrometheusBuilder,
  PromQueryFormat,
} from '@grafana/grafana-foundation-sdk/prometheus';
import { PanelBuilder as StatBuilder } from '@grafana/grafana-foundation-sdk/stat';
import { PanelBuilder as TimelineBuilder } from '@grafana/grafana-foundation-sdk/statetimeline';
import { PanelBuilder as TableBuilder } from '@grafana/grafana-foundation-sdk/table';
import { PanelBuilder as LinesBuilder } from '@grafana/grafana-foundation-sdk/timeseries';
import type { DashboardSpec, PanelSpec, Step } from './model.ts';
import { runbookOf } from './runbooks.ts';
import { LOKI, PROMETHEUS, variablesOf } from './variables.ts';

const COLUMNS = 24;
/** Grafana serves the pages beside its own (docker-compose.yml mounts docs/runbooks there), behind the same sign-in. */
const RUNBOOKS = '/public/runbooks';
const LOGS_UID = 'fleet-logs';
/** Grafana's own variables: the chosen time and services. */
const TIME_RANGE = '$' + '{__url_time_range}';

type AnyBuilder = StatBuilder | LinesBuilder | TableBuilder | TimelineBuilder | LogsBuilder;

/** Grafana's JSON of a dashboard: panels side by side in their bands, ids and places counted through. */
export function buildDashboard(spec: DashboardSpec): Dashboard {
  const builder = new DashboardBuilder(spec.title)
    .uid(spec.uid)
    .description(spec.description)
    .tags([...spec.tags])
    .time({ from: spec.from, to: 'now' })
    .timezone('utc')
    .refresh(spec.refresh)
    .tooltip(DashboardCursorSync.Crosshair)
    .editable()
    .variables([...variablesOf(spec.variables)])
    .links([othersLink(), exploreLink(spec)]);
  let id = 0;
  let y = 0;
  for (const section of spec.sections) {
    id += 1;
    builder.withRow(new RowBuilder(section.title).id(id).gridPos({ x: 0, y, w: COLUMNS, h: 1 }));
    y += 1;
    for (const { height, panels } of section.bands) {
      const width = Math.floor(COLUMNS / panels.length);
      panels.forEach((panel, index) => {
        id += 1;
        // The last takes what a division leaves over.
        const w = index === panels.length - 1 ? COLUMNS - width * index : width;
        builder.withPanel(
          panelOf(panel, runbookOf(spec, panel))
            .id(id)
            .gridPos({ x: width * index, y, w, h: height }),
        );
      });
      y += height;
    }
  }
  return withPlainLinks(builder.build());
}

/** The SDK would hide every link in a menu of its own. */
function withPlainLinks(dashboard: Dashboard): Dashboard {
  const shown = [dashboard, ...(dashboard.panels ?? [])].flatMap((place) =>
    'links' in place ? (place.links ?? []) : [],
  );
  for (const link of shown) delete link.placement;
  return dashboard;
}

function panelOf(spec: PanelSpec, page: string | undefined): AnyBuilder {
  const builder = shapeOf(spec)
    .title(spec.title)
    .description(spec.description)
    .datasource(isOfLoki(spec) ? LOKI : PROMETHEUS)
    .unit(spec.unit)
    .links([...panelLinks(spec, page)]);
  if (spec.decimals !== undefined) builder.decimals(spec.decimals);
  if (spec.min !== undefined) builder.min(spec.min);
  if (spec.max !== undefined) builder.max(spec.max);
  if (spec.noValue !== undefined) builder.noValue(spec.noValue);
  if (spec.words !== undefined)
    builder.mappings([{ type: MappingType.ValueToText, options: wordsOf(spec.words) }]);
  spec.queries.forEach((query, index) => {
    const refId = String.fromCharCode('A'.charCodeAt(0) + index);
    builder.withTarget(isOfLoki(spec) ? lokiQuery(query, refId) : prometheusQuery(spec, query, refId));
  });
  return builder;
}

export function isOfLoki({ kind }: PanelSpec): boolean {
  return kind === 'log-lines' || kind === 'log-volume';
}

function shapeOf(spec: PanelSpec): AnyBuilder {
  switch (spec.kind) {
    case 'stat':
      return statShape(spec);
    case 'table':
      return new TableBuilder().filterable(true);
    case 'timeline':
      return new TimelineBuilder()
        .colorScheme(new FieldColorBuilder().mode(FieldColorModeId.Thresholds))
        .thresholds(thresholds(spec.steps))
        .mergeValues(true)
        .fillOpacity(80);
    case 'log-lines':
      return new LogsBuilder()
        .showTime(true)
        .wrapLogMessage(false)
        .enableLogDetails(true)
        .sortOrder(LogsSortOrder.Descending)
        .dedupStrategy(LogsDedupStrategy.None);
    default:
      return linesShape(spec);
  }
}

function statShape(spec: PanelSpec): StatBuilder {
  return new StatBuilder()
    .graphMode(spec.words === undefined ? BigValueGraphMode.Area : BigValueGraphMode.None)
    .colorMode(BigValueColorMode.Value)
    .colorScheme(new FieldColorBuilder().mode(FieldColorModeId.Thresholds))
    .thresholds(thresholds(spec.steps))
    .reduceOptions(new ReduceDataOptionsBuilder().calcs(['lastNotNull']).values(false));
}

function linesShape(spec: PanelSpec): LinesBuilder {
  const isBars = spec.kind !== 'lines';
  const builder = new LinesBuilder()
    .drawStyle(isBars ? GraphDrawStyle.Bars : GraphDrawStyle.Line)
    .lineWidth(isBars ? 0 : 1)
    .fillOpacity(isBars ? 70 : spec.stacked ? 20 : 5)
    .showPoints(VisibilityMode.Never)
    .spanNulls(false)
    .colorScheme(new FieldColorBuilder().mode(FieldColorModeId.PaletteClassicByName))
    .tooltip(new VizTooltipOptionsBuilder().mode(TooltipDisplayMode.Multi).sort(SortOrder.Descending))
    .legend(
      new VizLegendOptionsBuilder()
        .showLegend(true)
        .displayMode(LegendDisplayMode.Table)
        .placement(LegendPlacement.Bottom)
        .calcs(isBars ? ['sum'] : ['lastNotNull', 'max']),
    );
  if (spec.stacked || isBars) builder.stacking(new StackingConfigBuilder().mode(StackingMode.Normal));
  if (spec.steps !== undefined)
    builder
      .thresholds(thresholds(spec.steps))
      .thresholdsStyle(new GraphThresholdsStyleConfigBuilder().mode(GraphThresholdsStyleMode.Dashed));
  return builder;
}

function thresholds(steps: readonly Step[] = [[null, 'blue']]): ThresholdsConfigBuilder {
  return new ThresholdsConfigBuilder()
    .mode(ThresholdsMode.Absolute)
    .steps(steps.map(([value, color]) => ({ value, color })));
}

function wordsOf(words: NonNullable<PanelSpec['words']>) {
  return Object.fromEntries(
    Object.entries(words).map(([value, [text, color]], index) => [value, { text, color, index }]),
  );
}

function prometheusQuery(spec: PanelSpec, { expr, legend }: { expr: string; legend: string }, refId: string) {
  const target = new PrometheusBuilder().expr(expr).legendFormat(legend).refId(refId).datasource(PROMETHEUS);
  return spec.kind === 'table' ? target.instant().format(PromQueryFormat.Table) : target.range();
}

function lokiQuery({ expr, legend }: { expr: string; legend: string }, refId: string): LokiBuilder {
  return new LokiBuilder().expr(expr).legendFormat(legend).refId(refId).queryType('range').datasource(LOKI);
}

function panelLinks(spec: PanelSpec, page: string | undefined): readonly DashboardLinkBuilder[] {
  const service = spec.logsOf === '$service' ? '$' + '{service:queryparam}' : `var-service=${spec.logsOf}`;
  const logs = new DashboardLinkBuilder(
    `Logs of ${spec.logsOf === '$service' ? 'the chosen services' : spec.logsOf}`,
  )
    .type(DashboardLinkType.Link)
    .url(`/d/${LOGS_UID}?${service}&${TIME_RANGE}`);
  if (page === undefined) return [logs];
  const runbook = new DashboardLinkBuilder('Runbook')
    .type(DashboardLinkType.Link)
    .url(`${RUNBOOKS}/${page}.md`)
    .targetBlank(true);
  return [runbook, logs];
}

function othersLink(): DashboardLinkBuilder {
  return new DashboardLinkBuilder('Dashboards')
    .type(DashboardLinkType.Dashboards)
    .tags(['fleet'])
    .asDropdown(true)
    .keepTime(true);
}

/** Grafana's own page for free questions, on the services that are chosen here. Viewers are not let in there. */
function exploreLink({ variables }: DashboardSpec): DashboardLinkBuilder {
  const selector = variables === 'none' ? '{service=~".+"}' : '{service=~"CHOSEN"}';
  const pane = {
    datasource: LOKI.uid,
    queries: [{ refId: 'A', datasource: LOKI, expr: selector }],
    range: { from: 'now-1h', to: 'now' },
  };
  const panes = encodeURIComponent(JSON.stringify({ logs: pane })).replace('CHOSEN', '$' + '{service:pipe}');
  return new DashboardLinkBuilder('Explore the logs')
    .type(DashboardLinkType.Link)
    .icon('compass')
    .url(`/explore?schemaVersion=1&orgId=1&panes=${panes}`)
    .targetBlank(true);
}
