import type { Metrics } from '@fleet/shared/telemetry';
import type { Outcome } from './calls/call-store.ts';

export interface McpMetrics {
  called(tool: string, outcome: Outcome, latencyMs: number): void;
  unrecorded(): void;
}

export function mcpMetrics(metrics: Metrics, running: () => number): McpMetrics {
  const duration = metrics.histogram({
    name: 'mcp_tool_duration_seconds',
    help: 'Time of a tool call, by tool and outcome.',
    labelNames: ['tool', 'outcome'],
  });
  const unrecorded = metrics.counter({
    name: 'mcp_calls_unrecorded_total',
    help: 'Calls whose end could not be recorded; their rows stay "begun".',
  });
  metrics.gauge({
    name: 'mcp_tools_running',
    help: 'Tool calls under way.',
    collect: (gauge) => gauge.set(running()),
  });
  return {
    called: (tool, outcome, latencyMs) => duration.observe({ tool, outcome }, latencyMs / 1_000),
    unrecorded: () => unrecorded.inc(),
  };
}
