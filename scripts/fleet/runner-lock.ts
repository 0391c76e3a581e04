import { mkdirSync, readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { readLiveRecord, stopRecorded, writeProcessRecord } from '@fleet/testkit/infrastructure';
import type { FleetHome } from './fleet-home.ts';
import { RunFailure } from './run-failure.ts';

/**
 * One runner a home. Processes of a runner that was killed are ended first: services and simulator, then the stores
 * when they are started again on their folders.
 * @returns what gives the home back.
 */
export async function takeHome(home: FleetHome): Promise<() => void> {
  mkdirSync(home.pids, { recursive: true });
  const other = readLiveRecord(home.runnerFile);
  if (other !== undefined && other.pid !== process.pid)
    throw new RunFailure(
      `another fleet runs on ${home.dir} (process ${other.pid})`,
      `stop that one first (Ctrl-C in its terminal, or kill ${other.pid})`,
    );
  writeProcessRecord(home.runnerFile, 'runner', process.pid);
  const files = readdirSync(home.pids).map((name) => join(home.pids, name));
  await Promise.all(files.map((file) => stopRecorded(file, LEFTOVER_STEPS)));
  return () => rmSync(home.runnerFile, { force: true });
}

/** Nothing is lost by the hard way: every service may die at any moment. */
const LEFTOVER_STEPS = [{ signal: 'SIGKILL', waitMs: 5_000 }] as const;
