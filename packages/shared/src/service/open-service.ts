import type { Redis } from 'ioredis';
import { AccessControl, accessMetrics, assertAccessSettings } from '../access/index.ts';
import { postgresIdempotencyStore } from '../http/index.ts';
import { type Resources, requestExit } from '../lifecycle/index.ts';
import { createPool } from '../postgres/index.ts';
import { clockSkewMetric, createLogger, createMetrics, type Logger } from '../telemetry/index.ts';
import { ServiceCondition } from './condition.ts';
import { ServiceFront } from './front.ts';
import { type ServiceIdentity, systemClock } from './identity.ts';
import { openRedis } from './redis-connection.ts';
import { discoverRun, watchRun } from './run-discovery.ts';
import { startPartitionRunners } from './runners.ts';
import type { CommonConfig, ServiceBase } from './service-base.ts';
import { waitForSchema } from './wait-for-schema.ts';

export interface OpenServiceOptions {
  /** Of `runService`; an interrupted start stops waiting. */
  readonly signal?: AbortSignal;
  /** Ends the process so that its supervisor starts it anew; `requestExit` when absent. */
  readonly exit?: (reason: string) => void;
}

/** The supervisor starts a service that ended with it again: there is a new run to work on. */
export const EXIT_NEW_RUN = 75;
const POOL_CONNECTIONS_MAX = 8;

/**
 * The base of a service: listener (first of all, so that `/health` answers while the stores are away), logger,
 * metrics, pool, and the run to work on. Waits for Postgres, the migrated schema and the run, as long as it takes.
 * Everything it opens is closed with `resources`.
 */
export async function openService<Config extends CommonConfig>(
  identity: ServiceIdentity,
  config: Config,
  resources: Resources,
  options: OpenServiceOptions = {},
): Promise<ServiceBase<Config>> {
  const logger = createLogger({
    service: identity.name,
    version: identity.version,
    level: config.LOG_LEVEL,
  });
  const metrics = createMetrics({ service: identity.name, version: identity.version });
  const signal = closingSignal(resources, options.signal);
  const pool = openPool(identity, config, resources, logger);
  const redis = (purpose: string): Redis =>
    openRedis({ url: config.REDIS_URL, name: `${identity.name}.${purpose}`, logger, resources });
  const condition = new ServiceCondition({ pool, redis: redis('condition') });
  const access = openAccess({ identity, config, resources, logger, metrics, pool });
  condition.access = access;
  const front = await openFront({ identity, config, resources, logger, metrics, condition, access });
  const run = await awaitStart({ identity, config, logger, signal, pool, condition });
  watchForNewRun({ config, logger, signal, condition, exit: options.exit ?? exitForNewRun }, run);
  return {
    ...{ identity, config, logger, metrics, resources, pool, run, signal, clock: systemClock, redis },
    startRunner: async (request) => {
      const context = { identity, config, logger, metrics, resources, pool, run, condition };
      return startPartitionRunners(context, request);
    },
    serve: async ({ health, notReady, status, ...routes }) => {
      condition.own = { health, notReady, status };
      front.serve({ ...routes, idempotency: postgresIdempotencyStore(pool, { schema: identity.schema }) });
      condition.waitsFor = undefined;
      // Again, so that requests in hand end before the runners that they hand work to.
      resources.add('http', () => front.close());
      logger.info({ port: front.port, run: run.run, mode: run.mode }, `${identity.name} serves`);
      return { port: front.port };
    },
  };
}

function closingSignal(resources: Resources, given: AbortSignal | undefined): AbortSignal {
  const closing = new AbortController();
  resources.add('waiting', () => closing.abort(new Error('the service is stopping')));
  return given === undefined ? closing.signal : AbortSignal.any([closing.signal, given]);
}

function openPool(identity: ServiceIdentity, config: CommonConfig, resources: Resources, logger: Logger) {
  const pool = createPool({
    connectionString: config.DATABASE_URL,
    applicationName: identity.name,
    max: POOL_CONNECTIONS_MAX,
    onIdleError: (err) => logger.warn({ err }, 'an idle connection to Postgres was lost'),
  });
  resources.add('postgres', () => pool.end());
  return pool;
}

interface AccessParts {
  readonly identity: ServiceIdentity;
  readonly config: CommonConfig;
  readonly resources: Resources;
  readonly logger: Logger;
  readonly metrics: ReturnType<typeof createMetrics>;
  readonly pool: ReturnType<typeof createPool>;
}

/** Undefined where the admin token alone decides. @throws ConfigError when that would not be safe */
function openAccess({ identity, config, resources, ...parts }: AccessParts): AccessControl | undefined {
  assertAccessSettings(config);
  if (config.ACCESS_CONTROL !== 'edge') return undefined;
  const { logger, metrics, pool } = parts;
  const { wall, monotonic } = systemClock;
  const { name: service, schema } = identity;
  const access = new AccessControl({
    ...{ service, schema, logger, metrics, wall, monotonic },
    settings: config,
    db: { query: (text, values) => pool.query(text, [...values]) },
  });
  access.start();
  resources.add('access', () => access.close());
  return access;
}

interface FrontParts {
  readonly identity: ServiceIdentity;
  readonly config: CommonConfig;
  readonly resources: Resources;
  readonly logger: Logger;
  readonly metrics: ReturnType<typeof createMetrics>;
  readonly condition: ServiceCondition;
  readonly access: AccessControl | undefined;
}

async function openFront({ config, condition, metrics, ...parts }: FrontParts): Promise<ServiceFront> {
  const front = new ServiceFront({
    ...parts,
    metrics,
    host: config.HOST,
    port: config.PORT,
    adminToken: config.ADMIN_TOKEN,
    decided: accessMetrics(metrics).decided,
    health: () => condition.health(),
    ready: () => condition.ready(),
    status: () => condition.status(),
  });
  metrics.gauge({
    name: 'service_ready',
    help: '1 when the service can do its job, as GET /ready says.',
    collect: async (gauge) => gauge.set((await condition.ready()).ready ? 1 : 0),
  });
  clockSkewMetric(metrics, { wall: systemClock.wall, references: condition.clocks });
  await front.open();
  parts.resources.add('http', () => front.close());
  return front;
}

interface StartParts {
  readonly identity: ServiceIdentity;
  readonly config: CommonConfig;
  readonly logger: Logger;
  readonly signal: AbortSignal;
  readonly pool: ReturnType<typeof createPool>;
  readonly condition: ServiceCondition;
}

async function awaitStart({ identity, config, logger, signal, pool, condition }: StartParts) {
  condition.waitsFor = 'waiting for Postgres';
  await waitForSchema({
    db: pool,
    schema: identity.schema,
    logger,
    signal,
    onMissing: (problem) => {
      condition.waitsFor = problem;
    },
  });
  condition.waitsFor = 'waiting for the simulator to say its run';
  const run = await discoverRun({ source: config, logger, signal });
  condition.run = run;
  condition.waitsFor = 'starting';
  return run;
}

interface WatchParts {
  readonly config: CommonConfig;
  readonly logger: Logger;
  readonly signal: AbortSignal;
  readonly condition: ServiceCondition;
  readonly exit: (reason: string) => void;
}

function watchForNewRun(parts: WatchParts, run: ServiceBase['run']): void {
  const { config, logger, signal, condition, exit } = parts;
  const changed = watchRun({ source: config, logger, signal }, run, (found) => {
    const reason = `the simulator began run ${found.run} (${found.mode}); this process works on ${run.run} (${run.mode})`;
    logger.warn({ found, run }, reason);
    condition.waitsFor = reason;
    exit(reason);
  });
  changed.catch((err: unknown) => logger.error({ err }, 'watching for a new run ended'));
}

function exitForNewRun(reason: string): void {
  requestExit(reason, EXIT_NEW_RUN);
}
