import { setTimeout as sleep } from 'node:timers/promises';

const POLL_MS = 10;

/** Polls until the check passes; the test's own time-out bounds it. */
export async function until(check: () => Promise<boolean>): Promise<void> {
  while (!(await check())) await sleep(POLL_MS);
}
