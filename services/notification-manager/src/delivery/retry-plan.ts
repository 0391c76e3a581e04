import type { NotificationPolicy } from '../notifying/policy.ts';
import type { PostResult } from './slack-poster.ts';

export type RetryDelays = Pick<NotificationPolicy['delivery'], 'retrySecondsMin' | 'retrySecondsMax'>;

/**
 * Milliseconds until the next try after `failures` (from 1) in a row: what Slack asked for, else doubling with jitter
 * (`random` from 0 to 1 gives half to whole). What only a person can mend is tried at the slowest pace.
 */
export function retryDelayMs(
  result: Extract<PostResult, { kind: 'retry' }>,
  failures: number,
  delays: RetryDelays,
  random: number,
): number {
  if (result.afterMs !== null) return result.afterMs;
  const maxMs = delays.retrySecondsMax * 1_000;
  if (result.needsPerson) return maxMs;
  const grown = delays.retrySecondsMin * 1_000 * 2 ** Math.min(failures - 1, 20);
  return Math.min(grown, maxMs) * (0.5 + random / 2);
}
