import { defineError, safeError } from '../errors/index.ts';

export const CloseFailed = defineError({
  code: 'CLOSE_FAILED',
  title: 'Closing did not finish cleanly',
  status: 500,
  retry: 'crash',
  action:
    'Read the listed steps; nothing committed is lost. If a step timed out, look at what it was connected to.',
});

/** Awaited when it returns a promise. */
export type Close = () => unknown;

export interface AddOptions {
  /** Milliseconds that this step may take; `CLOSE_STEP_MS_MAX` when absent. */
  readonly timeoutMs?: number;
}

interface Step {
  readonly name: string;
  readonly close: Close;
  readonly timeoutMs: number;
}

export const CLOSE_STEP_MS_MAX = 2_000;

/**
 * What was opened and has to be closed: every open pushes its close.
 * Closing runs once, in reverse order; a step that fails or outlasts its bound does not keep the others from running.
 */
export class Resources {
  readonly #steps: Step[] = [];
  #closing: Promise<void> | undefined;

  /** Registers a close step. Added after closing began, it is closed at once, so that nothing stays open. */
  add(name: string, close: Close, options: AddOptions = {}): void {
    const step = { name, close, timeoutMs: options.timeoutMs ?? CLOSE_STEP_MS_MAX };
    if (this.#closing === undefined) this.#steps.push(step);
    else this.#closing = Promise.allSettled([this.#closing, runStep(step)]).then(rejectOnFailure);
  }

  /** Registers and returns something that closes itself by `close()`. */
  use<Closable extends { close(): unknown }>(
    name: string,
    closable: Closable,
    options?: AddOptions,
  ): Closable {
    this.add(name, () => closable.close(), options);
    return closable;
  }

  /** Closes everything, last opened first. Rejects with CLOSE_FAILED (cause: all errors) after the last step. */
  close(): Promise<void> {
    this.#closing ??= this.#closeAll();
    return this.#closing;
  }

  async #closeAll(): Promise<void> {
    const outcomes: PromiseSettledResult<unknown>[] = [];
    for (let step = this.#steps.pop(); step !== undefined; step = this.#steps.pop()) {
      outcomes.push(...(await Promise.allSettled([runStep(step)])));
    }
    rejectOnFailure(outcomes);
  }
}

async function runStep({ name, close, timeoutMs }: Step): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(() => reject(new Error(`not closed after ${timeoutMs} ms`)), timeoutMs);
  });
  try {
    await Promise.race([Promise.resolve().then(close), late]);
  } catch (error) {
    throw new Error(`closing ${name}: ${safeError(error).message}`, { cause: error });
  } finally {
    clearTimeout(timer);
  }
}

function rejectOnFailure(outcomes: readonly PromiseSettledResult<unknown>[]): void {
  const errors = outcomes.flatMap((outcome) =>
    outcome.status === 'rejected' ? [outcome.reason as Error] : [],
  );
  if (errors.length === 0) return;
  const words = errors.map((error) => error.message).join('; ');
  throw new CloseFailed(words, { cause: new AggregateError(errors, words) });
}
