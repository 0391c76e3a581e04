import { type ChildProcess, spawn } from 'node:child_process';
import { join } from 'node:path';
import { checkout } from '@fleet/testkit/infrastructure';

/** `scripts/demo.ts` or `scripts/parity.ts` as a process of its own, as a person at a terminal starts it. */
export interface RunnerProcess {
  readonly child: ChildProcess;
  /** All that it has printed, both outputs. */
  said(): string;
  /** Resolves when it has printed something that matches; rejects when it ends without. */
  hears(pattern: RegExp): Promise<void>;
  readonly ended: Promise<{ readonly code: number | null; readonly said: string }>;
}

export function startRunner(
  script: string,
  args: readonly string[],
  env: Readonly<Record<string, string | undefined>> = {},
): RunnerProcess {
  const child = spawn(process.execPath, [join(checkout, 'scripts', script), ...args], {
    cwd: checkout,
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { ...process.env, INIT_CWD: undefined, ...env },
  });
  let said = '';
  const listen = (text: string) => {
    said += text;
  };
  for (const stream of [child.stdout, child.stderr]) stream.setEncoding('utf8').on('data', listen);
  const ended = new Promise<{ code: number | null; said: string }>((resolve) => {
    child.once('close', (code) => resolve({ code, said }));
  });
  return { child, said: () => said, ended, hears: (pattern) => hears(child, () => said, pattern) };
}

function hears(child: ChildProcess, said: () => string, pattern: RegExp): Promise<void> {
  return new Promise((resolve, reject) => {
    const look = () => {
      if (!pattern.test(said())) return;
      stop();
      resolve();
    };
    const over = () => {
      stop();
      reject(new Error(`ended without saying ${pattern}:\n${said()}`));
    };
    const stop = () => {
      child.stdout?.off('data', look);
      child.stderr?.off('data', look);
      child.off('close', over);
    };
    child.stdout?.on('data', look);
    child.stderr?.on('data', look);
    child.once('close', over);
    look();
  });
}
