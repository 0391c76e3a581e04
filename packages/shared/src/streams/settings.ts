import type { Catalog } from './catalog.ts';
import { CONTROL_STREAM } from './keys.ts';
import type { BackoffOptions, RunnerOptions } from './options.ts';
import { DEFAULT_BACKOFF } from './retry.ts';
import { WiringError } from './stream-errors.ts';
import { type StreamMetrics, silentStreamMetrics } from './stream-metrics.ts';

const HOUR_MS = 3_600_000;
const NAME = /^[a-z_][a-z0-9_]{0,62}$/;

/** The options with every default filled in. */
export type Settings<State> = Required<Omit<RunnerOptions<State>, 'backoff'>> & {
  readonly backoff: BackoffOptions;
  readonly handled: ReadonlySet<string>;
};

/**
 * Fills in the defaults and checks what belongs together.
 * @throws WiringError listing every fault at once.
 */
export function settingsOf<State>(options: RunnerOptions<State>): Settings<State> {
  const batchMax = options.batchMax ?? 64;
  const settings: Settings<State> = {
    schema: options.service,
    group: options.service,
    source: options.service,
    metrics: silentStreamMetrics as StreamMetrics,
    blockMs: 1_000,
    leaseMs: 3_000,
    maxFailures: 5,
    queueMax: 8 * batchMax,
    submitMax: 10_000,
    inboxRetentionMs: 7 * 24 * HOUR_MS,
    outboxRetentionMs: 24 * HOUR_MS,
    deadLetterRetentionMs: 6 * 24 * HOUR_MS,
    streamRetentionMs: HOUR_MS,
    trim: false,
    observeMs: 1_000,
    watchdogMs: 10_000,
    onCrash: throwUncaught,
    ...options,
    batchMax,
    backoff: { ...DEFAULT_BACKOFF, ...options.backoff },
    handled: new Set(options.handles),
  };
  const faults = faultsOf(settings);
  if (faults.length > 0) throw new WiringError(faults.join('; '), { context: { faults } });
  return settings;
}

function faultsOf<State>(settings: Settings<State>): string[] {
  const { partition, partitions, batchMax, blockMs, leaseMs } = settings;
  const rules: [boolean, string][] = [
    [NAME.test(settings.schema), `schema "${settings.schema}" is no lower-case identifier`],
    [settings.run !== '' && !/\s/.test(settings.run), 'run must be a word without spaces'],
    [partitions >= 1 && Number.isInteger(partitions), 'partitions must be a whole number from 1'],
    [
      partition >= 0 && partition < partitions,
      `partition ${partition} is not below partitions ${partitions}`,
    ],
    [batchMax >= 1 && batchMax <= 1_000, 'batchMax must be from 1 to 1000'],
    [settings.queueMax >= readCount(batchMax), `queueMax must be at least ${readCount(batchMax)}`],
    [blockMs > 0 && blockMs * 2 < leaseMs, `blockMs ${blockMs} must be below half of leaseMs ${leaseMs}`],
    [
      settings.inboxRetentionMs > settings.outboxRetentionMs,
      'inboxRetentionMs must be above outboxRetentionMs: a repeated row has to be known',
    ],
    [
      settings.inboxRetentionMs > settings.deadLetterRetentionMs,
      'inboxRetentionMs must be above deadLetterRetentionMs: a requeued letter has to be known',
    ],
    [settings.maxFailures >= 1, 'maxFailures must be at least 1'],
  ];
  return [...rules.filter(([holds]) => !holds).map(([, fault]) => fault), ...wiringFaults(settings)];
}

interface Wiring {
  readonly handles: readonly string[];
  readonly catalog: Catalog;
  readonly subscriptions: readonly { readonly stream: string }[];
}

function wiringFaults({ handles, catalog, subscriptions }: Wiring): string[] {
  const faults: string[] = [];
  const streams = subscriptions.map(({ stream }) => stream);
  for (const stream of streams) {
    if (!catalog.streams.includes(stream)) faults.push(`stream ${stream} is not in the catalog`);
    if (stream === CONTROL_STREAM) faults.push(`${CONTROL_STREAM} is read by the kit itself`);
  }
  for (const twice of repeated(streams)) faults.push(`stream ${twice} is subscribed twice`);
  for (const twice of repeated(handles)) faults.push(`event type ${twice} is handled twice`);
  for (const type of handles) {
    const entry = catalog.entry(type);
    if (entry === undefined) faults.push(`event type ${type} is not in the catalog`);
    else if (!streams.includes(entry.stream)) {
      faults.push(`event type ${type} is handled, but its stream ${entry.stream} is not subscribed`);
    }
  }
  return faults;
}

function repeated(names: readonly string[]): string[] {
  return names.filter((name, i) => names.indexOf(name) !== i);
}

/** Entries of one read: below 64 the round trips cost more than the entries. */
export function readCount(batchMax: number): number {
  return Math.max(64, batchMax);
}

function throwUncaught(error: Error): void {
  setImmediate(() => {
    throw error;
  });
}
