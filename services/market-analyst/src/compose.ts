import { catalog } from '@fleet/domain/events';
import type { Resources, RunningService } from '@fleet/shared/lifecycle';
import { openService, type ServiceBase } from '@fleet/shared/service';
import { type AnalystConfig, graceMs, readConfig, readStrategies, simulatorUrl } from './config.ts';
import { venueHistory } from './feed/bar-history.ts';
import { storedHistory } from './feed/bar-store.ts';
import { IngestFeed } from './feed/ingest-feed.ts';
import { SilenceWatch } from './feed/silence-watch.ts';
import { VenueFeed } from './feed/venue-feed.ts';
import { api } from './http/routes.ts';
import { identity } from './identity.ts';
import { type AnalystMetrics, createAnalystMetrics } from './metrics.ts';
import {
  createIdleProcessor,
  createProcessor,
  HANDLES,
  type LeasedFeed,
  SUBSCRIPTIONS,
} from './signals/processor.ts';
import type { AnalystScope, AnalystState } from './signals/state.ts';
import { analystProblems, analystStatus, assertFollowing, type FeedView } from './status.ts';
import { createVenue } from './venue/client.ts';

/** After so long without a bar the venue is asked for one. */
const PROBE_MS = 10_000;
const RETRY_MS_MAX_SIMULATOR = 500;
const RETRY_MS_MAX_VENUE = 10_000;

type Base = ServiceBase<AnalystConfig>;

interface Feeding {
  readonly feed: LeasedFeed;
  readonly ingest: IngestFeed | null;
  readonly view: FeedView;
}

export async function compose(resources: Resources, signal: AbortSignal): Promise<RunningService> {
  const config = readConfig();
  const { assignments, interval, intervalMs } = readStrategies(config.CONFIG_DIR);
  const base = await openService(identity, config, resources, { signal });
  let state: () => AnalystState | null = () => null;
  const metrics = createAnalystMetrics(base.metrics, { state: () => state(), wall: base.clock.wall });
  const venue = sourceName(config);
  const scope: AnalystScope = { run: base.run.run, venue, interval, intervalMs, assignments };
  const feeding =
    config.MARKET_DATA_SOURCE === 'ingest'
      ? fromOutside(base, scope, metrics)
      : fromVenue(base, scope, metrics);
  const analyst = createProcessor({
    scope,
    feed: feeding.feed,
    onPublished: (set) => {
      const closedAt = set.openTime + intervalMs;
      metrics.published(set, base.run.mode === 'live' ? (base.clock.wall() - closedAt) / 1_000 : null);
    },
  });
  const runner = await base.startRunner<AnalystState | null>({
    catalog,
    subscriptions: SUBSCRIPTIONS,
    handles: HANDLES,
    // A set needs all symbols: one lease covers them, whatever the count of partitions.
    processor: (partition) => (partition === 0 ? analyst : createIdleProcessor()),
  });
  state = () => (runner.holdsLease(0) ? (runner.state(0) ?? null) : null);
  await base.serve({
    endpoints: api.endpoints,
    deps: {
      ...{ pool: base.pool, run: base.run.run, interval, ingest: feeding.ingest, wall: base.clock.wall },
      symbols: assignments.map(({ symbol }) => symbol),
      submit: (input) => runner.submit(input, 0),
    },
    health: { 'market data': async () => assertFollowing(state(), feeding.view) },
    notReady: () => analystProblems(state(), feeding.view, base.run.mode === 'live'),
    status: () => analystStatus(state(), feeding.view),
  });
  return { logger: base.logger, stopping: async () => feeding.feed.stop() };
}

function sourceName(config: AnalystConfig): string {
  if (config.MARKET_DATA_SOURCE === 'ingest') return 'ingest';
  return simulatorUrl(config) === null ? 'binance' : 'simulator';
}

function fromVenue(base: Base, scope: AnalystScope, metrics: AnalystMetrics): Feeding {
  const { config, logger, clock, run, resources } = base;
  const simulator = simulatorUrl(config);
  const { interval, intervalMs } = scope;
  const symbols = scope.assignments.map(({ symbol }) => symbol);
  const venue = createVenue({ simulatorUrl: simulator, symbols, interval, intervalMs });
  resources.add('venue', () => venue.close());
  const watch = new SilenceWatch({
    scope,
    live: run.mode === 'live',
    staleAfterMs: config.MARKET_STALE_AFTER_MS,
    wall: clock.wall,
    onFailure: (err) => logger.debug({ err }, 'staleness was not recorded; it is looked at again'),
  });
  const retryMsMax = simulator === null ? RETRY_MS_MAX_VENUE : RETRY_MS_MAX_SIMULATOR;
  const feed = new VenueFeed({
    scope,
    venue,
    history: venueHistory(venue, intervalMs),
    logger,
    times: { graceMs: graceMs(config), probeMs: PROBE_MS, retryMsMax },
    monotonic: clock.monotonic,
    observer: { ...metrics.feed, onHeard: ({ symbol }) => watch.heard(symbol) },
  });
  return { feed: run.lockstep ? feed : both(feed, watch), ingest: null, view: feed };
}

function fromOutside(base: Base, scope: AnalystScope, metrics: AnalystMetrics): Feeding {
  const { onPublishSeconds, onRefused } = metrics.feed;
  const history = storedHistory(base.pool, scope.run);
  const feed = new IngestFeed({
    scope,
    history,
    monotonic: base.clock.monotonic,
    onPublishSeconds,
    onRefused,
  });
  return { feed, ingest: feed, view: { mode: 'following', problem: null } };
}

function both(feed: LeasedFeed, watch: SilenceWatch): LeasedFeed {
  return {
    start: (control) => {
      feed.start(control);
      watch.start(control);
    },
    stop: () => {
      watch.stop();
      feed.stop();
    },
  };
}
