/** A store or a process could not be provided. `action` says what the person at the terminal does next. */
export class InfrastructureError extends Error {
  readonly code = 'INFRASTRUCTURE';
  readonly action: string;

  constructor(message: string, action: string, cause?: unknown) {
    super(`${message}\n  what to do: ${action}`, cause === undefined ? {} : { cause });
    this.name = 'InfrastructureError';
    this.action = action;
  }
}
