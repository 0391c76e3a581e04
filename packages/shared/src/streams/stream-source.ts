import type { ItemQueue } from './item-queue.ts';

/** One physical key that a reader reads into a queue. */
export interface StreamSource {
  readonly key: string;
  /** Logical stream. */
  readonly stream: string;
  readonly partition: number;
  readonly group: string;
  readonly queue: ItemQueue;
  /** `pending`: entries handed to this consumer before and never acknowledged; `new`: everything behind them. */
  phase: 'pending' | 'new';
  /** Highest id seen in this session; `0` before the first. */
  lastId: string;
  /** What is read now may have been applied before: after a takeover, a reconnect, a repetition by its writer. */
  suspect: boolean;
  /** A read of this key is under way. */
  reading: boolean;
}

export function streamSource(
  place: Pick<StreamSource, 'key' | 'stream' | 'partition' | 'group'>,
  queue: ItemQueue,
): StreamSource {
  return { ...place, queue, phase: 'pending', lastId: '0', suspect: true, reading: false };
}

/** After an unanswered read: entries may have been handed out that never arrived. They follow the last one seen. */
export function reReadPending(source: StreamSource): void {
  source.phase = 'pending';
  source.suspect = true;
}

/** As at the start of a lease. */
export function rewind(source: StreamSource): void {
  source.queue.clear();
  source.lastId = '0';
  reReadPending(source);
}
