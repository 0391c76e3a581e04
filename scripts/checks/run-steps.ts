import { endWithChildren, runCommand } from './command.ts';
import type { RunCommand, Step, StepResult } from './steps.ts';

const LINES_SHOWN = 150;

export interface Total {
  readonly passed: number;
  readonly failed: number;
}

/** Runs every step, also after a failure; prints a line for each and, at the end, what the failed ones said. */
export async function runSteps(
  steps: readonly Step[],
  print: (text: string) => void = (text) => void process.stdout.write(text),
  run: RunCommand = runCommand,
): Promise<Total> {
  const results: [Step, StepResult][] = [];
  for (const step of steps) {
    if (step.live) print(`--   ${step.name}\n`);
    const started = performance.now();
    const result = await step.run(run);
    results.push([step, result]);
    print(line(step, result, (performance.now() - started) / 1000));
  }
  const failures = results.filter(([, result]) => result.failed > 0);
  for (const [step, result] of failures) {
    if (!step.live) print(`\n== ${step.name} said:\n${tail(result.output)}\n`);
  }
  if (failures.length > 0) print(`\nfailed: ${failures.map(([step]) => step.name).join(', ')}\n`);
  return {
    passed: results.reduce((sum, [, result]) => sum + result.passed, 0),
    failed: results.reduce((sum, [, result]) => sum + result.failed, 0),
  };
}

/** The command line of a program that runs steps: the last line is the sum, the exit code says whether all passed. */
export async function main(steps: readonly Step[]): Promise<void> {
  endWithChildren();
  const { passed, failed } = await runSteps(steps);
  process.stdout.write(`${passed} passed, ${failed} failed\n`);
  process.exitCode = failed === 0 && passed > 0 ? 0 : 1;
}

function line(step: Step, result: StepResult, seconds: number): string {
  const verdict = result.failed === 0 ? 'ok  ' : 'FAIL';
  const what = step.counts ?? 'files';
  const read = result.files === 0 ? `read no ${what}` : `${result.files} ${what}`;
  const counts = step.live ? `   ${result.passed} passed, ${result.failed} failed` : '';
  return `${verdict} ${step.name.padEnd(22)} ${seconds.toFixed(1).padStart(6)} s   ${read}${counts}\n`;
}

function tail(output: string): string {
  const lines = output.trimEnd().split('\n');
  const shown = lines.filter((text) => !/^\/.*\.ts$/.test(text)).slice(-LINES_SHOWN); // not tsc's list of files
  return shown.join('\n');
}
