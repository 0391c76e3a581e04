import { setTimeout as sleep } from 'node:timers/promises';
import { z } from 'zod';
import { ConfigError } from '../config/index.ts';
import { safeError } from '../errors/index.ts';
import type { Logger } from '../telemetry/index.ts';
import { type RunInfo, runInfo } from './identity.ts';

export interface RunSource {
  readonly TRADING_MODE: 'paper' | 'live';
  readonly RUN_ID?: string | undefined;
  readonly SIMULATOR_URL?: string | undefined;
}

export interface RunDiscoveryOptions {
  readonly source: RunSource;
  readonly logger: Logger;
  readonly signal: AbortSignal;
  /** Milliseconds between two questions to the simulator. Default 1,000; at the start 250. */
  readonly pollMs?: number;
}

const POLL_MS = 1_000;
const START_POLL_MS = 250;
const ANSWER_MS_MAX = 2_000;

const answerSchema = z.looseObject({
  run: z.string().min(1).max(200),
  mode: z.enum(['lockstep', 'paced']),
});

/**
 * The run that this process works on: `RUN_ID` where it is set, else what the simulator's `GET /sim/run` says, asked
 * until it answers. In live mode the run is the account's name, and only `RUN_ID` can say it.
 * @throws ConfigError when nothing can tell the run. Rejects with the signal's reason when it is aborted.
 */
export async function discoverRun(options: RunDiscoveryOptions): Promise<RunInfo> {
  const { source, signal } = options;
  if (source.RUN_ID !== undefined)
    return runInfo(source.RUN_ID, source.TRADING_MODE === 'live' ? 'live' : 'paced');
  const base = simulatorUrl(source);
  let told = false;
  for (;;) {
    try {
      return await askSimulator(base, signal);
    } catch (err) {
      signal.throwIfAborted();
      if (!told)
        options.logger.warn({ err, simulator: base }, 'the simulator does not say its run yet; asking on');
      told = true;
    }
    await sleep(options.pollMs ?? START_POLL_MS, undefined, { signal });
  }
}

/**
 * Asks the simulator once a second whether it still runs `known`, until the signal is aborted. `onChanged` is called
 * once, after which the watch ends. A simulator that does not answer has not changed its run.
 */
export async function watchRun(
  options: RunDiscoveryOptions,
  known: RunInfo,
  onChanged: (found: RunInfo) => void,
): Promise<void> {
  const { source, signal, logger } = options;
  if (source.RUN_ID !== undefined || source.SIMULATOR_URL === undefined) return;
  let away = false;
  while (!signal.aborted) {
    await sleep(options.pollMs ?? POLL_MS, undefined, { signal }).catch(() => undefined);
    if (signal.aborted) return;
    try {
      const found = await askSimulator(source.SIMULATOR_URL, signal);
      if (away) logger.info({ run: found.run }, 'the simulator answers again');
      away = false;
      if (found.run !== known.run || found.mode !== known.mode) return onChanged(found);
    } catch (error) {
      if (!away && !signal.aborted)
        logger.warn({ reason: safeError(error).message }, 'the simulator does not answer; asking on');
      away = true;
    }
  }
}

function simulatorUrl(source: RunSource): string {
  if (source.TRADING_MODE === 'live') {
    throw new ConfigError('environment', [
      { name: 'RUN_ID', problem: 'is required in live mode', action: "set it to the account's own name" },
    ]);
  }
  if (source.SIMULATOR_URL === undefined) {
    throw new ConfigError('environment', [
      {
        name: 'SIMULATOR_URL',
        problem: 'neither it nor RUN_ID is set, so the run is not known',
        action: 'set SIMULATOR_URL to the simulator, or RUN_ID to a run',
      },
    ]);
  }
  return source.SIMULATOR_URL;
}

async function askSimulator(base: string, signal: AbortSignal): Promise<RunInfo> {
  const response = await fetch(new URL('/sim/run', base), {
    signal: AbortSignal.any([signal, AbortSignal.timeout(ANSWER_MS_MAX)]),
    headers: { accept: 'application/json' },
  });
  if (!response.ok) {
    await response.body?.cancel();
    throw new Error(`GET /sim/run answered ${response.status}`);
  }
  const { run, mode } = answerSchema.parse(await response.json());
  return runInfo(run, mode);
}
