import { type ErrorContext, FleetError, type RetryClass } from './fleet-error.ts';

/** One row of the error reference. `status` is an HTTP status, 400–599. */
export interface ErrorDefinition {
  readonly code: string;
  readonly title: string;
  readonly status: number;
  readonly retry: RetryClass;
  readonly action: string;
}

export interface DefinedErrorOptions {
  /** Replaces the definition's action where the single case knows better. */
  readonly action?: string;
  readonly context?: ErrorContext;
  readonly cause?: unknown;
}

export interface DefinedErrorClass {
  new (message?: string, options?: DefinedErrorOptions): FleetError;
  readonly definition: ErrorDefinition;
  readonly code: string;
}

const definitions = new Map<string, ErrorDefinition>();
const CODE = /^[A-Z][A-Z0-9_]{2,63}$/;

/**
 * Defines a named error and puts it on the list that the error reference is generated from.
 * `new Defined(message, {context, cause, action})`; the message defaults to the title.
 * Throws when the code is malformed, the status is not 400–599, or the code is taken by another definition.
 */
export function defineError(definition: ErrorDefinition): DefinedErrorClass {
  register(definition);
  return class extends FleetError {
    static readonly definition = definition;
    static readonly code = definition.code;

    constructor(message: string = definition.title, options: DefinedErrorOptions = {}) {
      super(message, { ...definition, ...options, action: options.action ?? definition.action });
      this.name = definition.code;
    }
  };
}

/** All defined errors whose modules are loaded, by code. */
export function allErrors(): readonly ErrorDefinition[] {
  return [...definitions.values()].sort((left, right) => (left.code < right.code ? -1 : 1));
}

export function errorDefinition(code: string): ErrorDefinition | undefined {
  return definitions.get(code);
}

function register(definition: ErrorDefinition): void {
  const { code, status } = definition;
  if (!CODE.test(code)) throw new TypeError(`error code "${code}": use 3 to 64 of A–Z, 0–9 and _`);
  if (!Number.isInteger(status) || status < 400 || status > 599) {
    throw new TypeError(`error ${code}: status ${status} is not an HTTP error status (400–599)`);
  }
  const earlier = definitions.get(code);
  if (earlier !== undefined && JSON.stringify(earlier) !== JSON.stringify(definition)) {
    throw new TypeError(`error ${code} is defined twice with different words: give one of them its own code`);
  }
  definitions.set(code, definition);
}
