import { expect, it, vi } from 'vitest';
import { report } from './report.ts';

function said(filesRead: number, findings: Parameters<typeof report>[2]) {
  const write = vi.spyOn(process.stdout, 'write').mockReturnValue(true);
  const code = report('tidy', filesRead, findings);
  const text = write.mock.calls.map(([line]) => String(line)).join('');
  write.mockRestore();
  return { code, text };
}

it('passes with files read and nothing found', () => {
  expect(said(3, [])).toEqual({ code: 0, text: 'tidy: 3 files read, 0 findings\n' });
});

it('fails with a finding, and shows it as path and line', () => {
  const { code, text } = said(3, [{ path: 'a.ts', line: 7, rule: 'cast', message: 'no' }]);
  expect(code).toBe(1);
  expect(text).toContain('a.ts:7 cast: no\n');
});

it('fails when it read nothing', () => {
  expect(said(0, [])).toMatchObject({ code: 1 });
});
