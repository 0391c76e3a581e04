import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { runnerMetrics, streamMetrics } from '@fleet/shared/streams';
import { clockSkewMetric, createMetrics, type Metrics } from '@fleet/shared/telemetry';
import { createAnalystMetrics } from '../../services/market-analyst/src/metrics.ts';
import { mcpMetrics } from '../../services/mcp-hub-controller/src/metrics.ts';
import { notifyMetrics } from '../../services/notification-manager/src/metrics.ts';
import { Board } from '../../services/orchestrator/src/live/board.ts';
import { orchestratorMetrics } from '../../services/orchestrator/src/metrics.ts';
import { optimizerMetrics } from '../../services/parameter-optimizer/src/metrics.ts';
import { portfolioMetrics } from '../../services/portfolio-manager/src/metrics.ts';
import { riskMetrics } from '../../services/risk-manager/src/metrics.ts';
import { executorMetrics } from '../../services/trade-executor/src/metrics.ts';

const zero = () => 0;
const nothing = () => undefined;

/** Each service's own metrics, made as the service makes them. */
const SERVICES: readonly ((metrics: Metrics) => unknown)[] = [
  (metrics) => streamMetrics(metrics),
  (metrics) => runnerMetrics(metrics, () => []),
  (metrics) => clockSkewMetric(metrics, { wall: zero, references: {} }),
  (metrics) =>
    orchestratorMetrics(metrics, {
      ...{ board: new Board('run'), leads: () => false, wall: zero },
      ...{ targetPct: 1, lossCapPct: 2 },
    }),
  (metrics) => portfolioMetrics(metrics, nothing),
  (metrics) => createAnalystMetrics(metrics, { state: () => null, wall: zero }),
  (metrics) => riskMetrics(metrics, nothing),
  (metrics) =>
    executorMetrics(metrics, { state: () => null, mode: () => 'standby', wall: zero, reconcileMs: 1 }),
  (metrics) =>
    notifyMetrics(metrics, {
      ...{ waiting: zero, slackState: () => 'ok', openIncidents: () => [] },
      ...{ oldestAt: () => null, wall: zero },
    }),
  (metrics) => optimizerMetrics(metrics, { open: zero, threads: zero }),
  (metrics) => mcpMetrics(metrics, zero),
];
/** Made where a service opens its listener, which needs its stores. */
const OF_THE_START = ['service_ready'];

/** Series that the fleet's own programs export, with the suffixes of histograms. */
export async function ownMetricNames(): Promise<ReadonlySet<string>> {
  const names = new Set(OF_THE_START);
  for (const make of SERVICES) {
    const metrics = createMetrics({ service: 'x', version: '1' });
    make(metrics);
    for (const { name, type } of await metrics.registry.getMetricsAsJSON())
      for (const series of seriesOf(name, String(type))) names.add(series);
  }
  return names;
}

/** Series of Prometheus and the exporters, as `exporter-metrics.txt` lists them. */
export function exporterMetricNames(): ReadonlySet<string> {
  const lines = readFileSync(join(import.meta.dirname, 'exporter-metrics.txt'), 'utf8').split('\n');
  return new Set(
    lines
      .filter((line) => line !== '' && !line.startsWith('#'))
      .flatMap((line) => {
        const [name = '', type = ''] = line.split(' ');
        return seriesOf(name, type);
      }),
  );
}

function seriesOf(name: string, type: string): string[] {
  if (type === 'histogram') return [`${name}_bucket`, `${name}_sum`, `${name}_count`];
  return type === 'summary' ? [name, `${name}_sum`, `${name}_count`] : [name];
}

const WORDS = new Set(['and', 'or', 'unless', 'offset', 'bool', 'on', 'by']);

/** Names of the series that an expression reads, recorded ones among them. */
export function namesIn(expr: string): string[] {
  const bare = expr
    .replaceAll(/"(?:[^"\\]|\\.)*"/g, '')
    .replaceAll(/\{[^}]*\}|\[[^\]]*\]/g, '')
    .replaceAll(/\b(?:by|without|on|ignoring|group_left|group_right)\s*\([^)]*\)/g, '')
    .replaceAll(/\boffset\s+\w+/g, '')
    .replaceAll(/\b\d[\w.]*/g, '');
  const found = bare.matchAll(/[a-zA-Z_:][\w:]*(?!\w*\s*\()/g);
  return [...new Set([...found].map(([name]) => name))].filter((name) => !WORDS.has(name));
}
