import type { TableWrite } from '@fleet/shared/streams';
import type { Pool } from 'pg';

/** Puts rows into their tables as the stream kit does: as JSON, in the types of the columns. */
export async function applyWrites(pool: Pool, writes: readonly TableWrite[]): Promise<void> {
  for (const { table, key, rows, mode = 'upsert' } of writes) {
    if (rows.length === 0) continue;
    const columns = Object.keys(rows[0] ?? {});
    const values = [JSON.stringify(rows)];
    if (mode === 'delete') {
      const match = key.map((column) => `t.${column} = r.${column}`).join(' and ');
      await pool.query(
        `delete from ${table} t using json_populate_recordset(null::${table}, $1::json) r where ${match}`,
        values,
      );
      continue;
    }
    const set = columns
      .filter((column) => !key.includes(column))
      .map((column) => `${column} = excluded.${column}`);
    const conflict = mode === 'insert' ? '' : mode === 'ignore' ? 'on conflict do nothing' : upsert(key, set);
    await pool.query(
      `insert into ${table} (${columns.join(', ')})
       select ${columns.join(', ')} from json_populate_recordset(null::${table}, $1::json) ${conflict}`,
      values,
    );
  }
}

const upsert = (key: readonly string[], set: readonly string[]): string =>
  `on conflict (${key.join(', ')}) do ${set.length === 0 ? 'nothing' : `update set ${set.join(', ')}`}`;
