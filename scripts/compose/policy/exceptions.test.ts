import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { EXCEPTIONS, NETWORKS_OF } from './index.ts';

describe('the exceptions', () => {
  const guide = readFileSync(join(import.meta.dirname, '../../../docs/deployment.md'), 'utf8');

  it('are those of containers that exist', () => {
    expect(Object.keys(EXCEPTIONS).filter((name) => !(name in NETWORKS_OF))).toEqual([]);
  });

  it.each(
    Object.entries(EXCEPTIONS).flatMap(([name, list]) => list.map((exception) => [name, exception] as const)),
  )('of %s are in the guide with their reason: %o', (name, { reason }) => {
    const rows = guide.split('\n').filter((line) => line.startsWith(`| ${name} |`));
    expect(rows.some((row) => row.includes(reason))).toBe(true);
  });
});
