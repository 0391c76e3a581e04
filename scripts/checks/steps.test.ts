import { describe, expect, it } from 'vitest';
import { runSteps } from './run-steps.ts';
import { CHECKS, countTests, filesRead, type RunCommand, UNIT_TESTS } from './steps.ts';

/** What each tool says about the files it read, as it was recorded. */
const SAID: Record<string, string> = {
  biome: 'Checked 368 files in 114ms. No fixes applied.\n',
  oxlint: 'Found 0 warnings and 0 errors.\nFinished in 1.6s on 344 files with 86 rules using 2 threads.\n',
  tsc: '/a/node_modules/typescript/lib/lib.d.ts\n/a/scripts/check.ts\n/a/vitest.config.ts\n',
  knip: 'knip: 345 files read\n',
  node: 'tidy: 321 files read, 0 findings\n',
};
const everythingFine: RunCommand = ([command = '']) =>
  Promise.resolve({ code: 0, output: SAID[command] ?? '' });
const report = {
  numPassedTests: 3,
  numFailedTests: 0,
  numPendingTests: 0,
  numTodoTests: 0,
  testResults: [{}],
};

async function run(command: RunCommand) {
  const lines: string[] = [];
  const total = await runSteps(CHECKS, (text) => lines.push(text), command);
  return { total, text: lines.join('') };
}

describe('the checks', () => {
  it('pass, each saying how many files it read', async () => {
    const { total, text } = await run(everythingFine);
    expect(total).toEqual({ passed: CHECKS.length, failed: 0 });
    expect(text).toMatch(/^ok {3}format .* 368 files$/m);
    expect(text).toMatch(/^ok {3}lint with types .* 344 files$/m);
    expect(text).toMatch(/^ok {3}types .* 2 files$/m);
    expect(text).toMatch(/^ok {3}unused code .* 345 files$/m);
  });

  it('fail when they read nothing, though the tool was content', async () => {
    const { total, text } = await run(() =>
      Promise.resolve({ code: 0, output: 'Checked 0 files in 1ms.\n' }),
    );
    expect(total).toEqual({ passed: 0, failed: CHECKS.length });
    expect(text).toMatch(/^FAIL format .*read no files$/m);
  });

  it('go on after a failure and list what failed at the end, with its words', async () => {
    const { total, text } = await run(async (argv, live) => {
      const fine = await everythingFine(argv, live);
      return argv[1] === 'format' ? { code: 1, output: `${fine.output}a.ts is not formatted\n` } : fine;
    });
    expect(total).toEqual({ passed: CHECKS.length - 1, failed: 1 });
    expect(text).toMatch(/== format said:\n[\s\S]*a\.ts is not formatted/);
    expect(text.trimEnd().split('\n').at(-1)).toBe('failed: format');
  });
});

describe('the tests', () => {
  it('count as vitest counts them', () => {
    expect(countTests(report, true)).toEqual({ passed: 3, failed: 0, files: 1 });
    expect(countTests({ ...report, numFailedTests: 2 }, false)).toEqual({ passed: 3, failed: 2, files: 1 });
  });

  it('fail once when the run failed and no test did', () => {
    expect(countTests(report, false)).toMatchObject({ failed: 1 });
    expect(countTests({ ...report, testResults: [] }, true)).toMatchObject({ failed: 1 });
  });

  it('fail when the runner ended without a report', async () => {
    const result = await UNIT_TESTS.run(() => Promise.resolve({ code: 1, output: '' }));
    expect(result).toMatchObject({ passed: 0, failed: 1, files: 0 });
  });
});

it('reads a coloured count', () => {
  expect(filesRead('\u001b[1mChecked 12 files\u001b[0m', /Checked (\d+) files/g)).toBe(12);
});
