import type { Queryable } from '../postgres/queryable.ts';
import { type ControlRequest, controlRequest } from './control.ts';
import { type Item, itemOfParked, type RawEntry, type Reading } from './item.ts';
import type { StreamLogger } from './options.ts';
import { listParked, type Parked, type ParkedScope, parkedKeyOf } from './parked.ts';
import { NothingParkedError } from './stream-errors.ts';

export interface ParkedReturnOptions {
  readonly db: Queryable;
  readonly scope: ParkedScope;
  readonly group: string;
  readonly reading: Reading;
  readonly logger: StreamLogger;
  /** @throws NotLeaderError when this replica may not decide. */
  submit(item: Item): void;
}

const PAGE = 64;

/** Takes parked entries back into the queue, or gives them up. */
export class ParkedReturn {
  readonly #options: ParkedReturnOptions;

  constructor(options: ParkedReturnOptions) {
    this.#options = options;
  }

  /**
   * All parked entries of a key, in order; entries of the key that are parked meanwhile follow. An event id stands for
   * its whole key.
   * @returns how many. @throws the error of the entry that failed again: it and what follows stay parked.
   */
  async takeBack(idOrKey: string, how: 'requeue' | 'drop'): Promise<number> {
    const { db, scope } = this.#options;
    const found = await parkedKeyOf(db, scope, idOrKey);
    if (found === undefined) throw new NothingParkedError(`nothing is parked under ${idOrKey}`);
    for (let count = 0; ; ) {
      const page = await listParked(db, scope, { key: found.key, limit: PAGE });
      // Without a key there is no order to keep: such an entry is taken back alone.
      const rows = found.key === '' ? page.filter((row) => row.position === found.position) : page;
      if (rows.length === 0) return count;
      for (const row of rows) await this.#takeBackOne(row, how);
      count += rows.length;
    }
  }

  /** A request from the control stream. It is asked once: a crash loses the request, never the parked entry. */
  obey(raw: RawEntry): void {
    const request = controlRequest(raw.fields);
    if (request === undefined || request.group !== this.#options.group) return;
    const { logger } = this.#options;
    this.takeBack(request.idOrKey, howOf(request)).then(
      (entries) => logger.info({ ...request, entries }, 'parked entries taken back'),
      (error: unknown) => logger.warn({ ...request, err: error }, 'parked entries stay parked'),
    );
  }

  async #takeBackOne(row: Parked, how: 'requeue' | 'drop'): Promise<void> {
    const raw = { stream: row.stream, entryId: row.entry_id, fields: row.fields, suspect: true };
    await new Promise<unknown>((resolve, reject) => {
      const item = itemOfParked(raw, row.position, this.#options.reading, { resolve, reject });
      if (how === 'drop') item.work = { kind: 'drop' };
      this.#options.submit(item);
    });
  }
}

function howOf(request: ControlRequest): 'requeue' | 'drop' {
  return request.type === 'dlq.drop.requested' ? 'drop' : 'requeue';
}
