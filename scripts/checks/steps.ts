import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { stripVTControlCharacters } from 'node:util';
import type { CommandResult } from './command.ts';

export interface StepResult {
  readonly passed: number;
  readonly failed: number;
  /** How many files it read. A step that read none proves nothing and fails. */
  readonly files: number;
  readonly output: string;
}

export interface Step {
  readonly name: string;
  /** Takes long: its output is shown as it comes. */
  readonly live: boolean;
  /** What `files` counts, where that is no files. */
  readonly counts?: string;
  run(run: RunCommand): Promise<StepResult>;
}

export type RunCommand = (argv: readonly string[], live: boolean) => Promise<CommandResult>;

/** In the order of their price. */
export const CHECKS: readonly Step[] = [
  check('format', ['biome', 'format', '.'], /Checked (\d+) files?/g),
  check('lint', ['biome', 'lint', '--error-on-warnings', '.'], /Checked (\d+) files?/g),
  check('lint with types', ['oxlint', '--type-aware', '--deny-warnings', '.'], / on (\d+) files?/g),
  check('types', ['tsc', '-p', 'tsconfig.json', '--listFiles'], /^(?!.*node_modules).*\.ts$/gm),
  check(
    'unused code',
    ['knip', '--no-config-hints', '--reporter', 'symbols', '--reporter', './scripts/checks/knip-count.ts'],
    /knip: (\d+) files read/g,
  ),
  check('dependency direction', ['node', 'scripts/dependency-direction.ts'], /: (\d+) files read/g),
  check('tidy', ['node', 'scripts/tidy.ts'], /: (\d+) files read/g),
  check('secret scan', ['node', 'scripts/secret-scan.ts'], /: (\d+) files read/g),
  check('generated files', ['node', 'scripts/generate.ts', '--check'], /\b(\d+) (?:generated )?files?\b/g),
];

export const UNIT_TESTS = tests('unit tests', 'unit');
/** Unit tests whose time goes into the programs that they start. */
export const PROGRAM_TESTS = tests('program tests', 'programs');
export const INTEGRATION_TESTS = tests('integration tests', 'int');

/** A generated week through the eight services and through the backtest: the promise that nothing else proves. */
export const PARITY: Step = {
  name: 'parity',
  live: true,
  counts: 'bars',
  run: async (run) => {
    const { code, output } = await run(['node', 'scripts/parity.ts'], true);
    const bars = filesRead(output, /^parity: \d+ orders, \d+ fills, (\d+) bars, 0 differences$/gm);
    const passed = code === 0 && bars > 0 ? 1 : 0;
    return { passed, failed: 1 - passed, files: bars, output };
  },
};

function check(name: string, argv: readonly string[], files: RegExp): Step {
  return {
    name,
    live: false,
    run: async (run) => {
      const { code, output } = await run(argv, false);
      const read = filesRead(output, files);
      const passed = code === 0 && read > 0 ? 1 : 0;
      return { passed, failed: 1 - passed, files: read, output };
    },
  };
}

/** The number the pattern captures, the last if there are several; without a capture, how often it matches. */
export function filesRead(output: string, pattern: RegExp): number {
  const matches = [...stripVTControlCharacters(output).matchAll(pattern)];
  const captured = matches.at(-1)?.[1];
  return captured === undefined ? matches.length : Number(captured);
}

function tests(name: string, project: string): Step {
  return {
    name,
    live: true,
    run: async (run) => {
      const folder = mkdtempSync(join(tmpdir(), 'fleet-tests-'));
      const report = join(folder, 'report.json');
      try {
        const vitest = ['vitest', 'run', '--project', project, '--reporter=default', '--reporter=json'];
        const { code, output } = await run([...vitest, `--outputFile.json=${report}`], true);
        return { ...countTests(readReport(report), code === 0), output };
      } finally {
        rmSync(folder, { recursive: true, force: true });
      }
    },
  };
}

export interface TestReport {
  readonly numPassedTests: number;
  readonly numFailedTests: number;
  readonly testResults: readonly unknown[];
}

const NOTHING: TestReport = { numPassedTests: 0, numFailedTests: 0, testResults: [] };

function readReport(file: string): TestReport {
  try {
    return JSON.parse(readFileSync(file, 'utf8')) as TestReport;
  } catch {
    return NOTHING; // it ended before it could write one
  }
}

/** A run that failed otherwise than by a test (a file that does not load, a leak, a crash) counts as one failure. */
export function countTests(report: TestReport, succeeded: boolean): Omit<StepResult, 'output'> {
  const files = report.testResults.length;
  const failed = report.numFailedTests;
  const otherwise = failed === 0 && (!succeeded || files === 0) ? 1 : 0;
  return { passed: report.numPassedTests, failed: failed + otherwise, files };
}
