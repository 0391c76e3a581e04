import { RunFailure } from './run-failure.ts';

/** Ctrl-C and the like, for a runner whose children do not hear them (they live in groups of their own). */
export interface StopSignals {
  /** Aborted by the first signal: come to an end in good order. */
  readonly stop: AbortSignal;
  /** Asks for the same from inside. */
  readonly request: (why: string) => void;
  release(): void;
}

const SIGNALS = { SIGINT: 2, SIGTERM: 15, SIGHUP: 1 } as const;

/** A second signal ends the process at once; what it started ends with it, and a later start goes on with the run. */
export function stopSignals(say: (line: string) => void): StopSignals {
  const controller = new AbortController();
  const handlers = Object.entries(SIGNALS).map(([name, number]) => {
    const handler = () => {
      if (controller.signal.aborted) process.exit(128 + number);
      say(`${name}: stopping after the step under way (once more ends at once)`);
      controller.abort(stopped(`by ${name}`));
    };
    process.on(name, handler);
    return [name, handler] as const;
  });
  // Whoever read our output is gone: end in good order all the same.
  const deaf = () => controller.abort(stopped('because its output was closed'));
  process.stdout.on('error', deaf);
  return {
    stop: controller.signal,
    request: (why) => {
      if (!controller.signal.aborted) controller.abort(stopped(why));
    },
    release: () => {
      for (const [name, handler] of handlers) process.off(name, handler);
      process.stdout.off('error', deaf);
    },
  };
}

/** Shown only when it came before there was a replay to end. */
function stopped(why: string): RunFailure {
  return new RunFailure(`stopped ${why} before the replay began`, 'start again: nothing is lost');
}
