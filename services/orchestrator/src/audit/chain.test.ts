import { describe, expect, test } from 'vitest';
import { type AuditRow, appendAudit, canonicalJson, EMPTY_CHAIN, verifyChain } from './chain.ts';

function chain(length: number): AuditRow[] {
  const rows: AuditRow[] = [];
  for (let n = 0; n < length; n += 1) {
    const head = rows.at(-1) ?? EMPTY_CHAIN;
    rows.push(
      appendAudit('run-1', head, {
        kind: 'admin.called',
        at: '2024-08-05T00:00:00.000Z',
        actor: 'kim',
        requestId: `r${n}`,
        detail: { n, path: '/admin/audit' },
      }),
    );
  }
  return rows;
}

const replaced = (rows: AuditRow[], index: number, change: Partial<AuditRow>) =>
  rows.map((row, at) => (at === index ? { ...row, ...change } : row));

describe('the chain', () => {
  test('unbroken, and from any row on', () => {
    const rows = chain(5);
    const end = rows[4] as AuditRow;
    expect(verifyChain(EMPTY_CHAIN, rows)).toEqual({ intact: true, head: { sequence: 5, hash: end.hash } });
    expect(verifyChain(rows[1] as AuditRow, rows.slice(2)).intact).toBe(true);
    expect(verifyChain(EMPTY_CHAIN, [])).toEqual({ intact: true, head: EMPTY_CHAIN });
  });

  test.each<[string, (rows: AuditRow[]) => AuditRow[], number]>([
    ['a changed body', (rows) => replaced(rows, 2, { body: rows[2]?.body.replace('kim', 'lou') ?? '' }), 3],
    ['a changed hash', (rows) => replaced(rows, 2, { hash: 'f'.repeat(64) }), 3],
    ['a row taken out', (rows) => rows.filter((_, index) => index !== 2), 3],
    ['two rows swapped', (rows) => [rows[0], rows[2], rows[1], rows[3], rows[4]] as AuditRow[], 2],
    ['a row put in twice', (rows) => [...rows.slice(0, 3), rows[2] as AuditRow, ...rows.slice(3)], 4],
    [
      'renumbered after a removal',
      (rows) => rows.toSpliced(2, 1).map((row, n) => ({ ...row, sequence: n + 1 })),
      3,
    ],
    ['a body that is no JSON', (rows) => replaced(rows, 0, { body: 'x' }), 1],
  ])('%s is found', (_name, tamper, sequence) => {
    expect(verifyChain(EMPTY_CHAIN, tamper(chain(5)))).toMatchObject({ intact: false, sequence });
  });

  test('a row that was made anew with its hash breaks the next one', () => {
    const rows = chain(3);
    const forged = appendAudit('run-1', rows[0] as AuditRow, {
      kind: 'admin.called',
      at: '2024-08-05T00:00:00.000Z',
      actor: 'lou',
      requestId: 'r1',
      detail: {},
    });
    expect(verifyChain(EMPTY_CHAIN, replaced(rows, 1, forged))).toMatchObject({ intact: false, sequence: 3 });
  });
});

test('one content has one text, whatever the order of its fields', () => {
  expect(canonicalJson({ b: [1, { d: null, c: 'x' }], a: undefined, e: 0.1 })).toBe(
    '{"b":[1,{"c":"x","d":null}],"e":0.1}',
  );
  expect(canonicalJson({ e: 0.1, b: [1, { c: 'x', d: null }] })).toBe(
    canonicalJson({ b: [1, { d: null, c: 'x' }], e: 0.1 }),
  );
});
