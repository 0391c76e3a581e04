import { setTimeout as sleep } from 'node:timers/promises';
import { type Speed, STANDSTILL } from './fleet.ts';
import { type ControlStatus, controlStatus } from './fleet-answers.ts';
import { askJson } from './http-json.ts';
import { Replay, type ReplayEnd, type ReplayOptions } from './replay.ts';
import { RunFailure } from './run-failure.ts';

export interface PacedOptions extends ReplayOptions {
  readonly speed: Speed;
  /** Cycles that are complete so far. */
  readonly completed: () => Promise<number>;
  readonly say: (line: string) => void;
}

const LOOK_EVERY_MS = 300;
const AWAY_LOOKS_MAX = 200;
const COMPLETION_WAIT_MS = 20_000;

/**
 * Sets the market going at its speed. The simulator moves it by the clock; this only looks, until the market is over or
 * `stop`. Then the market is held, and what is under way comes to its end.
 */
export async function watchPaced(options: PacedOptions): Promise<ReplayEnd> {
  let status = await look(options);
  if (!status.finished) await setSpeed(options, options.speed);
  while (!status.finished && !options.stop.aborted) {
    await sleep(LOOK_EVERY_MS, undefined, { signal: options.stop }).catch(() => undefined);
    status = await look(options);
  }
  if (!status.finished) {
    await setSpeed(options, STANDSTILL);
    status = await look(options);
  }
  const { cursor } = status;
  if (cursor !== null) await new Replay(options).untilQuiet({ ...cursor, cycle: false });
  await completion(options, status.done);
  return { finished: status.finished };
}

/** Live rules hold in a paced replay: a cycle may have timed out, and is then missing in the summary. */
async function completion({ completed, say, abort }: PacedOptions, expected: number): Promise<void> {
  const deadline = performance.now() + COMPLETION_WAIT_MS;
  for (;;) {
    abort.throwIfAborted();
    const count = await completed();
    if (count >= expected) return;
    if (performance.now() > deadline)
      return say(`${expected - count} of ${expected} cycles did not complete`);
    await sleep(LOOK_EVERY_MS);
  }
}

async function setSpeed({ controlUrl }: PacedOptions, speed: string): Promise<void> {
  await askJson(`${controlUrl}/control/speed`, { method: 'POST', body: { speed } });
}

async function look({ controlUrl, abort }: PacedOptions): Promise<ControlStatus> {
  for (let away = 1; ; away += 1) {
    abort.throwIfAborted();
    try {
      return controlStatus.parse(await askJson(`${controlUrl}/control/status`));
    } catch (error) {
      if (away > AWAY_LOOKS_MAX)
        throw new RunFailure('the simulator does not answer any more', 'read simulator.log', error);
      await sleep(LOOK_EVERY_MS);
    }
  }
}
