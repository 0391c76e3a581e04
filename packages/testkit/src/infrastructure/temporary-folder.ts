import { chmodSync, existsSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { InfrastructureError } from './infrastructure-error.ts';
import { readLiveRecord, writeProcessRecord } from './process-record.ts';

const PREFIX = 'fleet-run-';
const RUNNER = 'runner.pid';

/**
 * The temporary folder of a run of tests: TMPDIR of its workers and of what they start. It goes with the run, however
 * that ends; what a test left in it fails the run, so that each test removes its own also when it fails.
 */
export default function setup(): () => void {
  const before = process.env['TMPDIR'];
  if (before !== undefined && basename(before).startsWith(PREFIX)) return () => undefined; // another project's, same run
  removeLeftovers();
  const dir = mkdtempSync(join(tmpdir(), PREFIX));
  chmodSync(dir, 0o711); // some tests become another user
  writeProcessRecord(join(dir, RUNNER), 'vitest', process.pid);
  process.env['TMPDIR'] = dir;
  return () => {
    if (before === undefined) delete process.env['TMPDIR'];
    else process.env['TMPDIR'] = before;
    const left = readdirSync(dir).filter((name) => name !== RUNNER);
    rmSync(dir, { recursive: true, force: true });
    if (left.length > 0) throw leftBehind(left);
  };
}

/** Folders of runs that were killed. */
function removeLeftovers(): void {
  for (const name of readdirSync(tmpdir()).filter((entry) => entry.startsWith(PREFIX))) {
    const dir = join(tmpdir(), name);
    // Without a record it is being made at this moment.
    if (!existsSync(join(dir, RUNNER)) || readLiveRecord(join(dir, RUNNER)) !== undefined) continue;
    try {
      rmSync(dir, { recursive: true, force: true });
    } catch {
      // another user's: not ours to remove
    }
  }
}

function leftBehind(names: readonly string[]): InfrastructureError {
  return new InfrastructureError(
    `tests left in their temporary folder: ${names.toSorted().join(', ')}`,
    'Search the tests for these names and remove each folder in an after hook.',
  );
}
