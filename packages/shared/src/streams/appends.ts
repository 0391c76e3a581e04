import type { Redis } from 'ioredis';
import { physicalKey } from './keys.ts';
import type { OutboxRow } from './outgoing.ts';

/** Entries for one transaction: it holds the server for about a millisecond. */
export const APPEND_MAX = 256;

export interface Append {
  readonly target: number;
  readonly rows: readonly OutboxRow[];
  readonly markerKey: string;
  readonly markerValue: string;
  /** While what was lost is being repeated. */
  readonly markerMayBeMissing: boolean;
}

/**
 * Appends entries in order, all or none. The marker tells after a loss of Redis how far its streams had come: it is
 * written with them, to the same slot, and without it nothing is appended, because then earlier entries are gone too
 * and have to be repeated first. A transaction that WATCHes the marker does it; a script would need the right to run
 * scripts, and one that never ends stops Redis for everybody.
 *
 * The watch for the next transaction goes with the present one, so that an append is one round trip. One publisher a
 * connection: EXEC ends all watches of its connection.
 */
export class Appends {
  readonly #redis: Redis;
  /** The marker that is watched and was there when the watch began. */
  #watched: string | undefined;

  constructor(redis: Redis) {
    this.#redis = redis;
  }

  /** After a failure, and when the connection is another one: nothing is watched any more. */
  forget(): void {
    this.#watched = undefined;
  }

  /**
   * Appends rows that all go to one partition. Resolves when every entry is in. Unless the marker has to be looked at
   * first, they are sent before this returns.
   */
  async append(append: Append): Promise<void> {
    const { markerKey, markerMayBeMissing } = append;
    if (markerMayBeMissing) {
      this.forget();
      const [, replies] = await Promise.all([this.#redis.unwatch(), this.#send(append)]);
      assertAppended(replies, 1);
      return;
    }
    if (this.#watched !== markerKey) await this.#look(markerKey);
    this.#watched = undefined;
    const [replies, found] = await Promise.all([this.#send(append), this.#watch(markerKey)]);
    assertAppended(replies, found);
    if (found === 1) this.#watched = markerKey;
  }

  async #look(markerKey: string): Promise<void> {
    let closed = false;
    const onClose = () => {
      closed = true;
    };
    this.#redis.once('close', onClose);
    try {
      // A key that changed under an earlier watch would refuse the transaction still.
      const [, found] = await Promise.all([this.#redis.unwatch(), this.#watch(markerKey)]);
      if (found === 0) throw lost();
    } finally {
      this.#redis.off('close', onClose);
    }
    if (closed) throw new Error('Connection is closed before the entries were sent');
  }

  /** From here on a change of the marker by anybody, its loss too, refuses the next transaction. Resolves to 1 when it is there. */
  async #watch(markerKey: string): Promise<number> {
    const [, found] = await Promise.all([this.#redis.watch(markerKey), this.#redis.exists(markerKey)]);
    return found;
  }

  async #send({ target, rows, markerKey, markerValue }: Append): Promise<Replies> {
    const transaction = this.#redis.multi();
    for (const { stream, fields } of rows) transaction.xadd(physicalKey(stream, target), '*', ...fields);
    transaction.set(markerKey, markerValue);
    return await transaction.exec().catch((error: unknown) => {
      throw causeOf(error);
    });
  }
}

type Replies = [error: Error | null, reply: unknown][] | null;

/** Rows in order, cut into runs that go to one partition and fit one call. */
export function* appendRuns(rows: readonly OutboxRow[]): Generator<readonly OutboxRow[]> {
  for (let from = 0; from < rows.length; ) {
    let to = from + 1;
    while (to < rows.length && to - from < APPEND_MAX && rows[to]?.target === rows[from]?.target) to += 1;
    yield rows.slice(from, to);
    from = to;
  }
}

/** @throws where the marker was touched, or an entry was refused: what went in beside it is repeated, which is harmless. */
function assertAppended(replies: Replies, markerFound: number): void {
  if (replies === null)
    throw markerFound === 0 ? lost() : new Error('FLEETMOVED another publisher wrote the marker');
  for (const [error] of replies) if (error !== null) throw error;
}

function lost(): Error {
  return new Error('FLEETLOST the marker of this publisher is gone');
}

/** EXECABORT says only that a command before it was refused; ioredis keeps that one's error. */
function causeOf(error: unknown): unknown {
  const { previousErrors } = error as { previousErrors?: readonly Error[] };
  return previousErrors?.[0] ?? error;
}
