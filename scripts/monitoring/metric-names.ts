import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { accessMetrics } from '@fleet/shared/access';
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

type Make = (metrics: Metrics) => unknown;
/** What any service has. */
const COMMON: readonly Make[] = [
  (metrics) => accessMetrics(metrics),
  (metrics) => streamMetrics(metrics),
  (metrics) => runnerMetrics(metrics, () => []),
  (metrics) => clockSkewMetric(metrics, { wall: zero, references: {} }),
];
/** What is one service's alone, made as the service makes it. */
const OWN: Readonly<Record<string, Make>> = {
  orchestrator: (metrics) =>
    orchestratorMetrics(metrics, {
      ...{ board: new Board('run'), leads: () => false, wall: zero },
      ...{ targetPct: 1, lossCapPct: 2 },
    }),
  'portfolio-manager': (metrics) => portfolioMetrics(metrics, nothing),
  'market-analyst': (metrics) => createAnalystMetrics(metrics, { state: () => null, wall: zero }),
  'risk-manager': (metrics) => riskMetrics(metrics, nothing),
  'trade-executor': (metrics) =>
    executorMetrics(metrics, { state: () => null, mode: () => 'standby', wall: zero, reconcileMs: 1 }),
  'notification-manager': (metrics) =>
    notifyMetrics(metrics, {
      ...{ waiting: zero, slackState: () => 'ok', openIncidents: () => [] },
      ...{ oldestAt: () => null, wall: zero },
    }),
  'parameter-optimizer': (metrics) => optimizerMetrics(metrics, { open: zero, threads: zero }),
  'mcp-hub-controller': (metrics) => mcpMetrics(metrics, zero),
};
/** Made where a service opens its listener, which needs its stores. */
const OF_THE_START = ['service_ready'];

/** Series that the fleet's own programs export, with the suffixes of histograms. */
export async function ownMetricNames(): Promise<ReadonlySet<string>> {
  const { common, own } = await metricNamesByOwner();
  return new Set([...common, ...[...own.values()].flatMap((names) => [...names])]);
}

/** The same by who exports them: any service, or the one alone. */
export async function metricNamesByOwner(): Promise<{
  readonly common: ReadonlySet<string>;
  readonly own: ReadonlyMap<string, ReadonlySet<string>>;
}> {
  const common = new Set([...OF_THE_START, ...(await namesMadeBy(COMMON))]);
  const own = new Map<string, ReadonlySet<string>>();
  for (const [service, make] of Object.entries(OWN))
    own.set(service, new Set((await namesMadeBy([make])).filter((name) => !common.has(name))));
  return { common, own };
}

async function namesMadeBy(makes: readonly Make[]): Promise<string[]> {
  const metrics = createMetrics({ service: 'x', version: '1' });
  for (const make of makes) make(metrics);
  const definitions = await metrics.registry.getMetricsAsJSON();
  return definitions.flatMap(({ name, type }) => seriesOf(name, String(type)));
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
