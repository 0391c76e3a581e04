import { safeError } from '../errors/index.ts';

export interface DependencyHealth {
  readonly name: string;
  readonly status: 'up' | 'down' | 'unknown';
  /** Milliseconds that the probe took. */
  readonly latencyMs?: number;
  readonly detail?: string;
}

export interface HealthReport {
  readonly dependencies: readonly DependencyHealth[];
}

export interface ReadyReport {
  readonly ready: boolean;
  /** What is missing, in words; empty when ready. */
  readonly missing: readonly string[];
}

/** Below the time-out of every probe that reads /health. */
export const PROBE_MS_MAX = 1_000;

/** Asks a dependency, bounded in time. Never rejects: a failure is the answer. */
export async function probe(
  name: string,
  ask: () => Promise<unknown>,
  timeoutMs = PROBE_MS_MAX,
): Promise<DependencyHealth> {
  const began = performance.now();
  try {
    await withinProbeTime(ask, timeoutMs);
    return { name, status: 'up', latencyMs: elapsed(began) };
  } catch (error) {
    return {
      name,
      status: 'down',
      latencyMs: elapsed(began),
      detail: safeError(error).message.slice(0, 200),
    };
  }
}

export async function withinProbeTime<Value>(
  ask: () => Promise<Value>,
  timeoutMs = PROBE_MS_MAX,
): Promise<Value> {
  const late = Promise.withResolvers<never>();
  const timer = setTimeout(() => late.reject(new Error(`no answer after ${timeoutMs} ms`)), timeoutMs);
  try {
    return await Promise.race([ask(), late.promise]);
  } finally {
    clearTimeout(timer);
  }
}

function elapsed(began: number): number {
  return Math.round((performance.now() - began) * 10) / 10;
}
