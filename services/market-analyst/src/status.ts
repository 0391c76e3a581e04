import type { FeedMode } from './feed/venue-feed.ts';
import type { AnalystState } from './signals/state.ts';
import { MarketDataUnavailable } from './venue/errors.ts';

/** What can be seen of the feed from outside. */
export interface FeedView {
  readonly mode: FeedMode;
  readonly problem: string | null;
}

/** Why the analyst cannot do its job; empty when it can, and in a replica that stands by. */
export function analystProblems(
  state: AnalystState | null,
  feed: FeedView,
  live: boolean,
): readonly string[] {
  if (state === null) return [];
  const problems: string[] = [];
  if (feed.mode !== 'following') {
    problems.push(`market data: ${feed.problem === null ? feed.mode : `${feed.mode}, ${feed.problem}`}`);
  }
  for (const { symbol, active, stale } of state.symbols.values()) {
    if (active === null && state.cursor !== null) problems.push(`${symbol}: its strategy has not warmed up`);
    if (live && stale) problems.push(`${symbol}: no fresh bar`);
  }
  return problems;
}

/** @throws MARKET_DATA_UNAVAILABLE while this replica leads and does not follow the market. */
export function assertFollowing(state: AnalystState | null, feed: FeedView): void {
  if (state !== null && feed.mode !== 'following') throw new MarketDataUnavailable(feed.problem ?? feed.mode);
}

/** The service's part of `GET /status`. */
export function analystStatus(state: AnalystState | null, feed: FeedView): object {
  if (state === null) return { feed: { mode: 'standby', problem: null } };
  const { cursor, scope } = state;
  const known = cursor !== null && cursor >= 0;
  return {
    feed: { mode: feed.mode, problem: feed.problem },
    interval: scope.interval,
    lastSet: known ? cursor : null,
    /** The set that is being waited for. */
    openSet: known ? cursor + scope.intervalMs : null,
    symbols: [...state.symbols.values()].map((entry) => ({
      symbol: entry.symbol,
      lastBar: entry.lastBar?.openTime ?? null,
      stale: entry.stale,
      strategyVersion: entry.active?.version.version ?? null,
      parameterVersion: entry.active?.version.parameterVersion ?? null,
      pendingVersion: entry.pending?.version ?? null,
    })),
  };
}
