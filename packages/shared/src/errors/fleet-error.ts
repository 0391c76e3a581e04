/** What the caller of a failed step does: repeat it, set the work aside for a person, or stop the process. */
export type RetryClass = 'retry' | 'park' | 'crash';

export type ErrorContext = Readonly<Record<string, unknown>>;

export interface FleetErrorOptions {
  readonly code: string;
  readonly retry?: RetryClass;
  readonly action?: string;
  readonly status?: number;
  readonly context?: ErrorContext;
  readonly cause?: unknown;
}

/**
 * The one error of the fleet: a stable `code`, what the program does next (`retry`), what an operator does next
 * (`action`), the HTTP status (400–599) that it becomes, and context fields without secrets.
 * `retry` defaults to `park`: what nobody classified is set aside rather than repeated without end.
 */
export class FleetError extends Error {
  readonly code: string;
  readonly retry: RetryClass;
  readonly action: string;
  readonly status: number;
  readonly context: ErrorContext;

  constructor(message: string, options: FleetErrorOptions) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.name = 'FleetError';
    this.code = options.code;
    this.retry = options.retry ?? 'park';
    this.action =
      options.action ?? 'Look at the log line of this request id and at the service that wrote it.';
    this.status = options.status ?? 500;
    this.context = options.context ?? {};
  }
}

/** What every named error has, whether made here or by the pure core, which knows nothing of HTTP. */
export interface NamedError extends Error {
  readonly code: string;
  readonly retry: RetryClass;
  readonly action: string;
  readonly status?: number;
  readonly context?: ErrorContext;
}

/** True for every error that says its code, how to go on and what to do: FleetErrors and those of the pure core. */
export function isFleetError(error: unknown): error is NamedError {
  if (!(error instanceof Error)) return false;
  const { code, action, retry } = error as Partial<NamedError>;
  return typeof code === 'string' && typeof action === 'string' && isRetryClass(retry);
}

function isRetryClass(value: unknown): value is RetryClass {
  return value === 'retry' || value === 'park' || value === 'crash';
}
