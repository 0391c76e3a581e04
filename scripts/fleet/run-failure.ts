import { redactText } from '@fleet/shared/errors';

/** What ends a demo or a parity run, in words for the person at the terminal. */
export class RunFailure extends Error {
  readonly action: string;

  constructor(message: string, action: string, cause?: unknown) {
    super(message, cause === undefined ? {} : { cause });
    this.name = 'RunFailure';
    this.action = action;
  }
}

/** The command line was not understood; exit code 2, as shells have it. */
export class UsageError extends Error {
  override readonly name = 'UsageError';
}

/** Message and what to do, where the error says it; the stack only of what nobody foresaw. Without secrets. */
export function failureText(error: unknown): string {
  return redactText(wordsOf(error));
}

function wordsOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const { action } = error as { readonly action?: unknown };
  if (typeof action !== 'string') return error.stack ?? error.message;
  return error.message.includes('what to do:') ? error.message : `${error.message}\n  what to do: ${action}`;
}
