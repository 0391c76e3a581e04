import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';

/**
 * A running process as a later run can recognise it. A pid alone is reused; with the boot and the start tick it
 * names one process for ever.
 */
export interface ProcessRecord {
  readonly name: string;
  readonly pid: number;
  readonly bootId: string;
  readonly startTicks: string;
}

export interface SignalStep {
  readonly signal: NodeJS.Signals;
  readonly waitMs: number;
}

const POLL_MS = 20;
const TERM_THEN_KILL: readonly SignalStep[] = [
  { signal: 'SIGTERM', waitMs: 10_000 },
  { signal: 'SIGKILL', waitMs: 5_000 },
];

export function describeProcess(name: string, pid: number): ProcessRecord | undefined {
  const startTicks = startTicksOf(pid);
  return startTicks === undefined ? undefined : { name, pid, bootId: bootId(), startTicks };
}

export function writeProcessRecord(file: string, name: string, pid: number): void {
  const record = describeProcess(name, pid);
  if (record !== undefined) writeFileSync(file, `${JSON.stringify(record)}\n`);
}

export function removeProcessRecord(file: string): void {
  rmSync(file, { force: true });
}

export function isAlive(record: ProcessRecord): boolean {
  return record.bootId === bootId() && record.startTicks === startTicksOf(record.pid);
}

/** The process of an earlier run that still lives, or undefined (no file, not readable, gone, another process). */
export function readLiveRecord(file: string): ProcessRecord | undefined {
  try {
    const record = JSON.parse(readFileSync(file, 'utf8')) as ProcessRecord;
    return Number.isInteger(record.pid) && isAlive(record) ? record : undefined;
  } catch {
    return undefined;
  }
}

/**
 * Ends what an earlier run left behind (its runner was killed by `kill -9`) and removes the record.
 * Returns the record of the process that was ended.
 */
export async function stopRecorded(
  file: string,
  steps: readonly SignalStep[] = TERM_THEN_KILL,
): Promise<ProcessRecord | undefined> {
  const record = readLiveRecord(file);
  if (record !== undefined) await stopProcess(record, steps);
  removeProcessRecord(file);
  return record;
}

export async function stopProcess(
  record: ProcessRecord,
  steps: readonly SignalStep[] = TERM_THEN_KILL,
): Promise<void> {
  for (const step of steps) {
    if (!isAlive(record)) return;
    signalGroup(record.pid, step.signal);
    if (await goneWithin(record, step.waitMs)) return;
  }
  throw new Error(`process ${record.pid} (${record.name}) of an earlier run does not end`);
}

/** Signals the group that the process leads. Gone already is no error. */
export function signalGroup(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(-pid, signal);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
  }
}

async function goneWithin(record: ProcessRecord, waitMs: number): Promise<boolean> {
  for (let waited = 0; waited < waitMs; waited += POLL_MS) {
    if (!isAlive(record)) return true;
    await sleep(POLL_MS);
  }
  return !isAlive(record);
}

/** Field 22 of /proc/<pid>/stat (proc(5)). The name in field 2 may hold blanks and brackets: read after the last one. */
function startTicksOf(pid: number): string | undefined {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    const ended = fields[0] === 'Z' || fields[0] === 'X';
    return ended ? undefined : fields[19];
  } catch {
    return undefined;
  }
}

function bootId(): string {
  return readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim();
}
