import { type ChildProcess, spawn } from 'node:child_process';
import { delimiter, join } from 'node:path';
import { root } from './source-tree.ts';

export interface CommandResult {
  /** Null when a signal ended it. */
  readonly code: number | null;
  readonly output: string;
}

const running = new Set<ChildProcess>();

/**
 * Runs a command in the checkout, with the programs of node_modules on the PATH, and keeps what it writes.
 * @param live shows the output as it comes, for commands that take long.
 */
export function runCommand(argv: readonly string[], live: boolean): Promise<CommandResult> {
  const [command = '', ...args] = argv;
  const path = [join(root, 'node_modules/.bin'), process.env['PATH'] ?? ''].join(delimiter);
  return new Promise((resolve) => {
    const child = spawn(command, args, {
      cwd: root,
      env: { ...process.env, PATH: path },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    running.add(child);
    let output = '';
    const take = (chunk: Buffer) => {
      output += chunk.toString();
      if (live) process.stdout.write(chunk);
    };
    child.stdout.on('data', take);
    child.stderr.on('data', take);
    child.once('error', (error) => resolve({ code: null, output: `${command}: ${error.message}\n` }));
    child.once('close', (code) => {
      running.delete(child);
      resolve({ code, output });
    });
  });
}

/** A terminal's Ctrl-C reaches the children by itself; a plain kill of this process must be handed on. */
export function endWithChildren(): void {
  for (const [signal, number] of [['SIGINT', 2] as const, ['SIGTERM', 15] as const]) {
    process.once(signal, () => {
      for (const child of running) child.kill(signal);
      const ended = [...running].map((child) => new Promise((resolve) => child.once('close', resolve)));
      void Promise.all(ended).then(() => process.exit(128 + number));
    });
  }
}
