import { analyzeRequested, parametersDeployed } from '@fleet/domain/events';
import type { Decided, Input, Processor, RunnerControl, Subscription } from '@fleet/shared/streams';
import { beginFeed, closeSet } from './close-set.ts';
import { deploy } from './deploy.ts';
import type { LocalInputs } from './inputs.ts';
import { analyze, fallSilent, refuseBar } from './report.ts';
import type { AnalystScope, AnalystState } from './state.ts';
import { loadState, stateRows } from './state-store.ts';

export const SUBSCRIPTIONS: readonly Subscription[] = [
  { stream: 'orchestrator.commands', partitions: 'own' },
  { stream: 'opt.results', partitions: 'own' },
];
export const HANDLES: readonly string[] = [analyzeRequested.type, parametersDeployed.type];

/** What the sets' bars come from; runs while this replica holds the lease. */
export interface LeasedFeed {
  start(control: RunnerControl): void;
  stop(): void;
}

export interface PublishedSet {
  readonly openTime: number;
  readonly symbols: readonly string[];
  readonly missing: readonly string[];
}

export interface ProcessorOptions {
  readonly scope: AnalystScope;
  readonly feed: LeasedFeed;
  /** After the commit of each set. */
  readonly onPublished: (set: PublishedSet) => void;
}

/** Bars, signals and strategy state of all symbols in one commit: a set needs them all, so one lease covers them. */
export function createProcessor({ scope, feed, onPublished }: ProcessorOptions): Processor<AnalystState> {
  return {
    load: (db) => loadState(db, scope),
    decide,
    rows: stateRows,
    // The streams do not wait for the venue: commands are answered while it is away.
    onLease: async (_state, control) => feed.start(control),
    onLost: () => feed.stop(),
    afterCommit: (effects) => {
      for (const effect of effects as readonly PublishedSet[]) onPublished(effect);
    },
  };
}

/** Of further partitions: every one gets a copy of each command, and the first one's leaseholder has acted on it. */
export function createIdleProcessor(): Processor<null> {
  return { load: async () => null, decide: () => ({ kind: 'done' }), rows: () => [] };
}

type Handler = (state: AnalystState, data: never, input: Input) => Decided;

const LOCAL: Readonly<Record<keyof LocalInputs, Handler>> = {
  'feed.begun': beginFeed,
  'bar-set.closed': closeSet,
  'bar.refused': refuseBar,
  'feed.silent': fallSilent,
};

const HANDLERS: ReadonlyMap<string, Handler> = new Map<string, Handler>([
  ...Object.entries(LOCAL),
  [analyzeRequested.type, analyze],
  [parametersDeployed.type, deploy],
]);

function decide(state: AnalystState, input: Input): Decided {
  const handler = HANDLERS.get(input.type);
  if (handler === undefined) throw new Error(`input type ${input.type} has no handler`);
  // The catalog parsed the events, and local inputs are typed where they are submitted.
  return handler(state, input.data as never, input);
}
