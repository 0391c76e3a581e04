import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, mkdirSync, openSync } from 'node:fs';
import { dirname } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { InfrastructureError } from './infrastructure-error.ts';
import { removeProcessRecord, signalGroup, writeProcessRecord } from './process-record.ts';

export interface ProcessSpec {
  readonly name: string;
  readonly command: string;
  readonly args?: readonly string[];
  /** Laid over this process's environment; `undefined` takes a variable away. */
  readonly env?: Readonly<Record<string, string | undefined>>;
  readonly cwd?: string;
  /** Standard output and error are appended here by the process itself, so they outlive this one. */
  readonly logFile: string;
  /** Where to record the process, so that the next run can end it when this one is killed by `kill -9`. */
  readonly pidFile?: string;
  readonly uid?: number;
  readonly gid?: number;
  /** Default SIGTERM. */
  readonly stopSignal?: NodeJS.Signals;
  /** How long stop() waits before SIGKILL. Default 10 s. */
  readonly stopGraceMs?: number;
  /** Sent to the group when this process exits without having stopped the child. Default SIGKILL. */
  readonly exitSignal?: NodeJS.Signals;
  readonly onExit?: (exit: ProcessExit) => void;
}

export interface ProcessExit {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  /** True when stop() or kill() asked for it. */
  readonly expected: boolean;
}

export interface ManagedProcess {
  readonly name: string;
  readonly pid: number;
  readonly exited: Promise<ProcessExit>;
  running(): boolean;
  /** Stop signal, then SIGKILL after the grace. Safe to call twice and after the exit. */
  stop(graceMs?: number): Promise<ProcessExit>;
  /** SIGKILL to the whole group: the crash that tests make. */
  kill(): Promise<ProcessExit>;
}

const STOP_GRACE_MS = 10_000;
const ENDING_SIGNALS = { SIGHUP: 1, SIGINT: 2, SIGTERM: 15 } as const;
const live = new Map<ManagedProcess, ProcessSpec>();
let guarded = false;

/**
 * Starts a process in a group of its own (a Ctrl-C in the terminal reaches the runner alone) and keeps it from
 * outliving this process: on exit, and on SIGINT, SIGTERM or SIGHUP when nobody else handles them, its group ends.
 */
export async function startProcess(spec: ProcessSpec): Promise<ManagedProcess> {
  guardExit();
  const child = await spawnDetached(spec);
  const pid = child.pid;
  if (pid === undefined) throw new Error(`${spec.name} started without a process id`);
  if (spec.pidFile !== undefined) writeProcessRecord(spec.pidFile, spec.name, pid);
  return manage(spec, child, pid);
}

/** Stops every process that startProcess started and that still runs, newest first. */
export async function stopAllProcesses(): Promise<void> {
  for (const managed of [...live.keys()].reverse()) await managed.stop();
}

async function spawnDetached(spec: ProcessSpec): Promise<ChildProcess> {
  mkdirSync(dirname(spec.logFile), { recursive: true });
  const log = openSync(spec.logFile, 'a');
  try {
    const child = spawn(spec.command, [...(spec.args ?? [])], {
      detached: true,
      stdio: ['ignore', log, log],
      env: { ...process.env, ...spec.env },
      ...(spec.cwd === undefined ? {} : { cwd: spec.cwd }),
      ...(spec.uid === undefined ? {} : { uid: spec.uid }),
      ...(spec.gid === undefined ? {} : { gid: spec.gid }),
    });
    await once(child, 'spawn');
    return child;
  } catch (error) {
    throw new InfrastructureError(
      `${spec.name} cannot be started: ${(error as Error).message}`,
      `check that ${spec.command} exists and may be executed`,
      error,
    );
  } finally {
    closeSync(log);
  }
}

function manage(spec: ProcessSpec, child: ChildProcess, pid: number): ManagedProcess {
  let expected = false;
  const exited = new Promise<ProcessExit>((resolve) => {
    const settle = (code: number | null, signal: NodeJS.Signals | null) => {
      live.delete(managed);
      signalGroup(pid, 'SIGKILL'); // what it left in its group must not outlive it
      if (spec.pidFile !== undefined) removeProcessRecord(spec.pidFile);
      const exit = { code, signal, expected };
      resolve(exit);
      spec.onExit?.(exit);
    };
    child.once('exit', settle);
  });
  const running = () => child.exitCode === null && child.signalCode === null;
  const end = (signal: NodeJS.Signals) => {
    if (!running()) return;
    expected = true;
    signalGroup(pid, signal);
  };
  const managed: ManagedProcess = {
    name: spec.name,
    pid,
    exited,
    running,
    kill: () => {
      end('SIGKILL');
      return exited;
    },
    stop: async (graceMs = spec.stopGraceMs ?? STOP_GRACE_MS) => {
      end(spec.stopSignal ?? 'SIGTERM');
      const timer = new AbortController();
      const overdue = sleep(graceMs, undefined, { signal: timer.signal }).then(
        () => end('SIGKILL'),
        () => undefined,
      );
      await Promise.race([exited, overdue]);
      timer.abort();
      return await exited;
    },
  };
  live.set(managed, spec);
  return managed;
}

function guardExit(): void {
  if (guarded) return;
  guarded = true;
  process.on('exit', () => {
    for (const [managed, spec] of live) signalGroup(managed.pid, spec.exitSignal ?? 'SIGKILL');
  });
  for (const [signal, number] of Object.entries(ENDING_SIGNALS)) {
    process.on(signal, () => {
      // A program with a handler of its own decides about its end; the exit hook above is the second fence.
      if (process.listenerCount(signal) > 1) return;
      void stopAllProcesses().finally(() => process.exit(128 + number));
    });
  }
}
