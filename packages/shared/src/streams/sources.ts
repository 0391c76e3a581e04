import type { Redis } from 'ioredis';
import { ItemQueue } from './item-queue.ts';
import { CONTROL_STREAM, groupName, physicalKey } from './keys.ts';
import { type ReaderOptions, StreamReader } from './reader.ts';
import { readCount, type Settings } from './settings.ts';
import { type StreamSource, streamSource } from './stream-source.ts';

/** Every physical key that this runner reads, the kit's own control stream included, in the order of subscription. */
export function sourcesOf<State>(settings: Settings<State>): StreamSource[] {
  const { group, partition, partitions, subscriptions } = settings;
  const all = [...subscriptions, { stream: CONTROL_STREAM, partitions: 'own' as const }];
  return all.flatMap((subscription) => {
    const { stream } = subscription;
    const reads = subscription.partitions;
    const read = reads === 'all' ? Array.from({ length: partitions }, (_, place) => place) : [partition];
    return read.map((place) => {
      const key = physicalKey(stream, place);
      const name = groupName(group, partition, partitions, reads);
      return streamSource({ key, stream, partition: place, group: name }, new ItemQueue(key));
    });
  });
}

type Hooks = Pick<
  ReaderOptions,
  'commands' | 'leaseRemainingMs' | 'itemOf' | 'onItems' | 'onRedisLost' | 'onFatal'
> & { readonly commands: Redis };

/** One reader for each group and partition: one command can name only one group, and only keys of one cluster slot. */
export function readersOf<State>(
  sources: readonly StreamSource[],
  settings: Settings<State>,
  hooks: Hooks,
): StreamReader[] {
  const together = Map.groupBy(sources, ({ group, partition }) => `${group} ${partition}`);
  return [...together.values()].map(
    (some) =>
      new StreamReader({
        ...hooks,
        sources: some,
        group: some[0]?.group ?? settings.group,
        consumer: `p${settings.partition}`,
        factory: settings.redis,
        logger: settings.logger,
        backoff: settings.backoff,
        blockMs: settings.blockMs,
        count: readCount(settings.batchMax),
        queueMax: settings.queueMax,
        watchdogMs: settings.watchdogMs,
        onRetry: (reason) => settings.metrics.retried(reason),
      }),
  );
}
