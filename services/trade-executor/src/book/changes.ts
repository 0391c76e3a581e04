import type { TableWrite } from '@fleet/shared/streams';

type Row = Readonly<Record<string, unknown>>;

/**
 * Knows each row as it was last handed to a commit, and gives those that differ now. So nothing that the pure desk
 * changed can be forgotten: no one has to mark it. A failed commit throws the state away, and this with it.
 */
export class RowMemory {
  readonly #written = new Map<string, string>();

  /** Rows of a table that are new or changed, as one write; null when none is. */
  changed(table: string, key: readonly string[], rows: Iterable<Row>): TableWrite | null {
    const changed: Row[] = [];
    for (const row of rows) {
      const name = `${table} ${key.map((column) => String(row[column])).join(' ')}`;
      const text = JSON.stringify(row);
      if (this.#written.get(name) === text) continue;
      this.#written.set(name, text);
      changed.push(row);
    }
    return changed.length === 0 ? null : { table, key, rows: changed, mode: 'upsert' };
  }

  /** A row that is over: it will not be handed in again. */
  forget(table: string, ...key: readonly (string | number)[]): void {
    this.#written.delete(`${table} ${key.join(' ')}`);
  }
}
