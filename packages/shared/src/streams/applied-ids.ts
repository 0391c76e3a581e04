import type { Queryable } from '../postgres/queryable.ts';

/** Ids committed lately, so that an early repetition is dropped without asking the database. Bounded, oldest first out. */
export class RecentIds {
  readonly #max: number;
  readonly #ids = new Set<string>();

  constructor(max: number) {
    this.#max = max;
  }

  has(id: string): boolean {
    return this.#ids.has(id);
  }

  add(ids: readonly string[]): void {
    for (const id of ids) this.#ids.add(id);
    let excess = this.#ids.size - this.#max;
    if (excess <= 0) return;
    for (const id of this.#ids) {
      if (excess <= 0) break;
      this.#ids.delete(id);
      excess -= 1;
    }
  }
}

export interface InboxScope {
  readonly schema: string;
  readonly run: string;
  readonly grp: string;
}

/** Which of these ids have had their effect. */
export async function appliedIds(
  db: Queryable,
  scope: InboxScope,
  ids: readonly string[],
): Promise<Set<string>> {
  const { rows } = await db.query<{ event_id: string }>({
    name: 'applied_ids',
    text: `SELECT event_id FROM "${scope.schema}".inbox WHERE run = $1 AND grp = $2 AND event_id = ANY($3)`,
    values: [scope.run, scope.grp, ids],
  });
  return new Set(rows.map((row) => row.event_id));
}
