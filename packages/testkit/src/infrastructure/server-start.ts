import { existsSync, readFileSync, statSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { InfrastructureError } from './infrastructure-error.ts';
import type { ManagedProcess } from './managed-process.ts';

const POLL_MS = 25;
const LOG_LINES_SHOWN = 12;

export interface AnswerWait {
  readonly process: ManagedProcess;
  readonly logFile: string;
  /** Length of the log before this start, so that an error shows this start's lines alone. */
  readonly logFrom: number;
  readonly timeoutMs: number;
  /** True when it answers; false while it is not yet there. Throws on an answer that waiting will not mend. */
  readonly answers: () => Promise<boolean>;
}

/** Waits until a server answers; fails at once, with its own words, when it exits before. */
export async function waitForAnswer(wait: AnswerWait): Promise<void> {
  const { process: server, timeoutMs } = wait;
  const deadline = performance.now() + timeoutMs;
  const ended = server.exited.then(() => false);
  while (performance.now() < deadline) {
    if (await Promise.race([wait.answers(), ended])) return;
    if (!server.running()) throw new ServerExited(server.name, logSince(wait.logFile, wait.logFrom));
    await Promise.race([sleep(POLL_MS), server.exited]);
  }
  const said = lastLines(logSince(wait.logFile, wait.logFrom));
  await server.kill();
  throw new InfrastructureError(
    `${server.name} did not answer within ${timeoutMs / 1000} s. Its log ends with:\n${said}`,
    `read ${wait.logFile}`,
  );
}

export class ServerExited extends InfrastructureError {
  readonly log: string;

  constructor(name: string, log: string) {
    super(`${name} ended while starting. It said:\n${lastLines(log)}`, 'mend what it names and start again');
    this.name = 'ServerExited';
    this.log = log;
  }
}

export function logLength(file: string): number {
  return existsSync(file) ? statSync(file).size : 0;
}

function logSince(file: string, from: number): string {
  return existsSync(file) ? readFileSync(file).subarray(from).toString('utf8') : '';
}

function lastLines(text: string): string {
  return text.trimEnd().split('\n').slice(-LOG_LINES_SHOWN).join('\n');
}
