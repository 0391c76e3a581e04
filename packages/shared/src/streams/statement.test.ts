import { describe, expect, test } from 'vitest';
import type { TableWrite } from './processor.ts';
import { type Commit, commitStatement, mergeWrites } from './statement.ts';

const empty: Commit = {
  schema: 'svc',
  partition: 2,
  run: 'run',
  epoch: 7,
  grp: 'svc',
  inbox: [],
  outbox: [],
  writes: [],
  parked: [],
  unparked: [],
  published: null,
};

const upsert = (rows: TableWrite['rows'], mode?: TableWrite['mode']): TableWrite => ({
  table: 'svc.things',
  key: ['id'],
  rows,
  ...(mode === undefined ? {} : { mode }),
});

describe('commitStatement', () => {
  test('every writing part joins the lease, which is locked and checked by epoch', () => {
    const { text, values } = commitStatement({
      ...empty,
      inbox: ['e1'],
      outbox: [{ seq: 4, eventId: 'o1', stream: 's', target: 0, fields: ['id', 'o1'] }],
      writes: [
        upsert([{ id: 1, total: '2.5' }]),
        { table: 'svc.gone', key: ['id'], rows: [{ id: 9 }], mode: 'delete' },
      ],
      unparked: ['3'],
      published: { from: 1, to: 3 },
    });
    expect(text).toMatch(/^WITH lease AS \(SELECT 1 FROM "svc".leases .* epoch = \$3 FOR SHARE\)/);
    const parts = text.split(/,\np\d+ AS /).slice(1);
    expect(parts).toHaveLength(6);
    for (const part of parts) expect(part).toMatch(/, lease|FROM lease|USING lease/);
    expect(text).toContain('SELECT count(*)::int AS held FROM lease');
    expect(values.slice(0, 5)).toEqual([2, 'run', 7, 'svc', ['e1']]);
    expect(values).toContain('[{"id":1,"total":"2.5"}]');
  });

  test('one shape has one name, whatever the values; another shape another', () => {
    const first = commitStatement({ ...empty, writes: [upsert([{ id: 1, a: 1 }])] });
    const second = commitStatement({
      ...empty,
      epoch: 8,
      writes: [
        upsert([
          { id: 2, a: 5 },
          { id: 3, a: 6 },
        ]),
      ],
    });
    const other = commitStatement({ ...empty, writes: [upsert([{ id: 1, b: 1 }])] });
    expect(second.name).toBe(first.name);
    expect(second.text).toBe(first.text);
    expect(other.name).not.toBe(first.name);
    expect(first.name.length).toBeLessThan(64);
  });

  test('modes become their conflict clause', () => {
    const sql = (mode: TableWrite['mode']) =>
      commitStatement({ ...empty, writes: [upsert([{ id: 1, a: 1 }], mode)] }).text;
    expect(sql(undefined)).toContain('ON CONFLICT ("id") DO UPDATE SET "a" = excluded."a"');
    expect(sql('ignore')).toContain('ON CONFLICT ("id") DO NOTHING');
    expect(sql('insert')).not.toContain('ON CONFLICT');
    expect(sql('delete')).toContain('DELETE FROM "svc"."things" t USING');
  });

  test('bigint values are written with all their digits', () => {
    const { values } = commitStatement({ ...empty, writes: [upsert([{ id: 9_007_199_254_740_993n }])] });
    expect(values.at(-1)).toBe('[{"id":"9007199254740993"}]');
  });

  test.each([
    ['rows with different columns', [upsert([{ id: 1, a: 1 }, { id: 2 }])], /different columns/],
    ['a row without its key', [upsert([{ a: 1 }])], /lacks its key id/],
    ['a table without schema', [{ table: 'things', key: ['id'], rows: [{ id: 1 }] }], /schema.table/],
    ['a name that is none', [upsert([{ id: 1, 'a"; DROP TABLE x; --': 1 }])], /no lower-case identifier/],
    ['an upsert without key', [{ table: 'svc.things', key: [], rows: [{ id: 1 }] }], /needs the key/],
  ] as const)('%s is refused', (_, writes, message) => {
    expect(() => commitStatement({ ...empty, writes: writes as unknown as TableWrite[] })).toThrow(message);
  });
});

describe('mergeWrites', () => {
  test('of a key only the last row stays, over all upserts and deletes of the table', () => {
    const merged = mergeWrites([
      upsert([
        { id: 1, a: 1 },
        { id: 2, a: 1 },
      ]),
      upsert([{ id: 1, a: 2 }]),
      upsert([{ id: 2 }], 'delete'),
      upsert([], 'delete'),
    ]);
    expect(merged).toEqual([
      { table: 'svc.things', key: ['id'], rows: [{ id: 1, a: 2 }] },
      { table: 'svc.things', key: ['id'], mode: 'delete', rows: [{ id: 2 }] },
    ]);
  });

  test('inserts are kept one and all', () => {
    const rows = [{ id: 1 }, { id: 1 }];
    expect(mergeWrites([upsert(rows, 'insert')])).toEqual([upsert(rows, 'insert')]);
  });
});
