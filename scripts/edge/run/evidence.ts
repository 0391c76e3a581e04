import type { AgentProcess } from '../agent/agent-process.ts';

export interface Evidence {
  /** Requests that services have had. */
  readonly services: number;
  /** Requests that oauth2-proxy has not let pass. */
  readonly proxy: number;
  /** Requests that Traefik has handed on to programs that are no services; read where one of them is asked for. */
  readonly programs: number;
}

/** Asked by probes, Prometheus and Alertmanager meanwhile. */
const OTHERS = new Set(['/health', '/ready', '/metrics', '/alerts']);
const SERVICES = ['http://orchestrator:7001', 'http://risk-manager:7004', 'http://notification-manager:7006'];
const PASSED = /^oauth2_proxy_requests_total\{code="202"\}.*$/gm;
const PROGRAMS = new Set(['grafana@file', 'prometheus@file', 'alertmanager@file']);
const TRAEFIK = 'http://traefik:8082';
const PROXY = 'http://oauth2-proxy:44180';

/** Read inside the network, from the services' own metrics: what they have not counted they have not seen. */
export async function evidence(observer: AgentProcess): Promise<Omit<Evidence, 'programs'>> {
  const [proxy, ...services] = await Promise.all(
    [PROXY, ...SERVICES].map((origin) => observer.get(`${origin}/metrics`)),
  );
  return {
    services: services.reduce((sum, text) => sum + countOf(text, 'http_request_duration_seconds_count'), 0),
    proxy: countOf((proxy ?? '').replaceAll(PASSED, ''), 'oauth2_proxy_requests_total'),
  };
}

/** Traefik counts them, for these programs count in ways of their own. */
export async function handedToPrograms(observer: AgentProcess): Promise<number> {
  const text = await observer.get(`${TRAEFIK}/metrics`);
  let sum = 0;
  for (const line of text.split('\n')) {
    if (!line.startsWith('traefik_service_requests_total{')) continue;
    if (PROGRAMS.has(/service="([^"]*)"/.exec(line)?.[1] ?? ''))
      sum += Number(line.slice(line.lastIndexOf(' ')));
  }
  return sum;
}

/** The sum of a counter's series, without those of routes that others ask. */
export function countOf(text: string, name: string): number {
  let sum = 0;
  for (const line of text.split('\n')) {
    if (!line.startsWith(`${name}{`)) continue;
    const route = /[{,]route="([^"]*)"/.exec(line)?.[1] ?? '';
    if (!OTHERS.has(route)) sum += Number(line.slice(line.lastIndexOf('} ') + 2));
  }
  return sum;
}
