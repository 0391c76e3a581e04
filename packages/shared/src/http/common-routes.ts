import type { Express } from 'express';
import { z } from 'zod';
import { safeError } from '../errors/index.ts';
import type { Metrics } from '../telemetry/index.ts';
import { type HealthReport, type ReadyReport, withinProbeTime } from './probe.ts';
import { fieldFaults, NotReady } from './problems.ts';

export const healthSchema = z
  .object({
    status: z.enum(['ok', 'degraded']),
    service: z.string(),
    version: z.string(),
    uptimeSeconds: z.number(),
    dependencies: z.array(
      z.object({
        name: z.string(),
        status: z.enum(['up', 'down', 'unknown']),
        latencyMs: z.number().optional(),
        detail: z.string().optional(),
      }),
    ),
  })
  .meta({
    id: 'Health',
    description: 'The process lives; dependencies are listed, and a lost one is not its death.',
  });

export const readySchema = z.object({ ready: z.literal(true), service: z.string() }).meta({ id: 'Ready' });

export const statusSchema = z
  .looseObject({ service: z.string(), version: z.string(), startedAt: z.iso.datetime() })
  .meta({ id: 'Status', description: 'Role, state, leases and lags of this service.' });

export interface CommonRoutes {
  readonly service: string;
  readonly version: string;
  readonly metrics: Metrics;
  readonly health: () => Promise<HealthReport>;
  readonly ready: () => Promise<ReadyReport>;
  readonly status: () => Promise<object>;
  readonly closing: AbortSignal;
}

export const COMMON_PATHS = ['/health', '/ready', '/metrics', '/status'] as const;

/** GET /health, /ready, /metrics and /status. */
export function mountCommonRoutes(app: Express, options: CommonRoutes): void {
  const { service, version, metrics, closing } = options;
  const startedAt = new Date().toISOString();
  app.get('/health', async (_request, response) => {
    response.json({
      ...(await health(options)),
      service,
      version,
      uptimeSeconds: Math.round(process.uptime()),
    });
  });
  app.get('/ready', async (_request, response) => {
    const { ready, missing } = closing.aborted
      ? { ready: false, missing: ['the service is stopping'] }
      : await readiness(options);
    if (!ready) throw notReady(missing);
    response.json({ ready: true, service });
  });
  app.get('/metrics', async (_request, response) => {
    response.type(metrics.registry.contentType).send(await metrics.registry.metrics());
  });
  app.get('/status', async (_request, response) => {
    response.json({ service, version, startedAt, ...(await options.status()) });
  });
}

/** Liveness answers 200 whatever the dependencies do: restarting this process would not bring them back. */
async function health(
  options: CommonRoutes,
): Promise<Pick<z.infer<typeof healthSchema>, 'status' | 'dependencies'>> {
  const report = await withinProbeTime(options.health, 2_000).catch(
    (error: unknown): HealthReport => ({
      dependencies: [{ name: 'health', status: 'unknown', detail: safeError(error).message.slice(0, 200) }],
    }),
  );
  const degraded = report.dependencies.some((dependency) => dependency.status !== 'up');
  return { status: degraded ? 'degraded' : 'ok', dependencies: [...report.dependencies] };
}

async function readiness(options: CommonRoutes): Promise<ReadyReport> {
  return withinProbeTime(options.ready, 2_000).catch(
    (error: unknown): ReadyReport => ({
      ready: false,
      missing: [`readiness could not be established: ${safeError(error).message.slice(0, 200)}`],
    }),
  );
}

function notReady(missing: readonly string[]): Error {
  const words = missing.length === 0 ? 'the service did not say what is missing' : missing.join('; ');
  return new NotReady(
    words,
    fieldFaults(missing.map((message) => ({ in: 'dependency', field: 'ready', message }))),
  );
}
