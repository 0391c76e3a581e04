import type { Pool } from 'pg';
import { type Resources, requestExit } from '../lifecycle/index.ts';
import {
  NotLeaderError,
  PartitionRunner,
  type Processor,
  type RunnerOptions,
  redisFactory,
  runnerMetrics,
  streamMetrics,
} from '../streams/index.ts';
import type { Logger, Metrics } from '../telemetry/index.ts';
import type { ServiceCondition } from './condition.ts';
import { type RunInfo, type ServiceIdentity, systemClock } from './identity.ts';
import type { CommonConfig, RunnerRequest, ServiceRunner } from './service-base.ts';

export interface RunnerContext {
  readonly identity: ServiceIdentity;
  readonly config: CommonConfig;
  readonly logger: Logger;
  readonly metrics: Metrics;
  readonly resources: Resources;
  readonly pool: Pool;
  readonly run: RunInfo;
  readonly condition: ServiceCondition;
}

const JOIN_WAIT_MS = 5_000;

/** One runner a partition; each contends for its lease, so that replicas share the partitions and stand by for others. */
export async function startPartitionRunners<State>(
  context: RunnerContext,
  request: RunnerRequest<State>,
): Promise<ServiceRunner<State>> {
  const { config, condition, resources } = context;
  const runners: PartitionRunner<State>[] = [];
  const metrics = streamMetrics(context.metrics);
  for (let partition = 0; partition < config.STREAM_PARTITIONS; partition += 1) {
    const options = runnerOptions(context, request, partition);
    runners.push(new PartitionRunner({ ...options, metrics }));
  }
  condition.statuses = () => runners.map((runner) => runner.status());
  runnerMetrics(context.metrics, condition.statuses);
  for (const runner of runners) {
    await runner.start();
    resources.add(`streams ${runner.status().partition}`, () => runner.stop());
  }
  return {
    submit: async (input, partition = 0) => at(runners, partition).submit(input),
    state: (partition = 0) => stateOf(at(runners, partition)),
    holdsLease: (partition = 0) => at(runners, partition).holdsLease(),
    statuses: condition.statuses,
  };
}

function runnerOptions<State>(
  { identity, config, logger, pool, run }: RunnerContext,
  request: RunnerRequest<State>,
  partition: number,
): RunnerOptions<State> {
  const { processor, joinWaitMs = JOIN_WAIT_MS, ...rest } = request;
  return {
    ...rest,
    joinWaitMs,
    service: identity.schema,
    source: identity.name,
    partition,
    partitions: config.STREAM_PARTITIONS,
    run: run.run,
    lockstep: run.lockstep,
    processor: processorFor(processor, partition),
    pool,
    redis: redisFactory({
      url: config.REDIS_URL,
      connectionName: `${identity.name}.${partition}`,
      onError: onceAnOutage(logger),
    }),
    clock: systemClock,
    logger,
    onCrash: (err) => {
      logger.fatal({ err }, 'the stream consumer cannot go on in this process');
      requestExit(`stream consumer: ${err.message}`);
    },
  };
}

function processorFor<State>(given: RunnerRequest<State>['processor'], partition: number): Processor<State> {
  return typeof given === 'function' ? given(partition) : given;
}

function at<State>(runners: readonly PartitionRunner<State>[], partition: number): PartitionRunner<State> {
  const runner = runners[partition];
  if (runner === undefined) throw new NotLeaderError(`there is no partition ${partition}`);
  return runner;
}

function stateOf<State>(runner: PartitionRunner<State>): State | undefined {
  try {
    return runner.state();
  } catch (error) {
    if (error instanceof NotLeaderError) return undefined;
    throw error;
  }
}

/** The kit tells of every failed connection attempt; people need to know when an outage begins. */
function onceAnOutage(logger: Logger): (error: Error) => void {
  const QUIET_MS = 30_000;
  let lastAt = Number.NEGATIVE_INFINITY;
  return (err) => {
    const now = performance.now();
    if (now - lastAt > QUIET_MS) logger.warn({ err }, 'Redis is away; the streams wait and reconnect');
    lastAt = now;
  };
}
