import { type ErrorContext, isFleetError } from './fleet-error.ts';
import { redactText } from './redact-text.ts';
import { redactValue } from './redact-value.ts';

export interface SafeError {
  readonly name: string;
  readonly message: string;
  readonly code?: string;
  /** The HTTP status that a vendor answered with, or that this error becomes. */
  readonly status?: number;
  readonly retry?: string;
  readonly action?: string;
  readonly context?: ErrorContext;
  /** The vendor's answer, redacted and cut. */
  readonly body?: string;
  readonly stack?: string;
  readonly cause?: SafeError;
  readonly errors?: readonly SafeError[];
}

const MESSAGE_CHARACTERS_MAX = 2_000;
const BODY_CHARACTERS_MAX = 1_000;
const STACK_CHARACTERS_MAX = 4_000;
const CAUSES_MAX = 4;
const ERRORS_MAX = 10;

/**
 * An error rebuilt from its name, message, status, code and a bounded body. Whatever else a vendor hangs on its
 * errors (headers, request, config, keys) is never looked at, so it cannot reach a log. Never throws.
 */
export function safeError(error: unknown, depth = 0): SafeError {
  if (!(error instanceof Error))
    return { name: 'NonError', message: cut(thrownText(error), MESSAGE_CHARACTERS_MAX) };
  return {
    name: cut(String(error.name), 100),
    message: cut(redactText(String(error.message)), MESSAGE_CHARACTERS_MAX),
    ...vendorFields(error),
    ...fleetFields(error),
    ...(error.stack === undefined ? {} : { stack: safeStack(error) }),
    ...nested(error, depth),
  };
}

function fleetFields(error: Error): Partial<SafeError> {
  if (!isFleetError(error)) return {};
  const { code, status, retry, action, context = {} } = error;
  const safe = { code, retry, action, context: redactValue(context) as ErrorContext };
  return status === undefined ? safe : { ...safe, status };
}

function vendorFields(error: Error): Partial<SafeError> {
  const code = read(error, 'code');
  const response = read(error, 'response');
  const status = firstNumber(
    read(error, 'status'),
    read(error, 'statusCode'),
    read(error, 'httpCode'),
    read(response, 'status'),
  );
  const body = firstDefined(read(error, 'body'), read(response, 'data'), read(error, 'data'));
  return {
    ...(typeof code === 'string' || typeof code === 'number' ? { code: cut(String(code), 100) } : {}),
    ...(status === undefined ? {} : { status }),
    ...(body === undefined ? {} : { body: safeBody(body) }),
  };
}

function safeBody(body: unknown): string {
  try {
    const text = typeof body === 'string' ? body : JSON.stringify(redactValue(body));
    return cut(redactText(text ?? String(body)), BODY_CHARACTERS_MAX);
  } catch {
    return '[unreadable]';
  }
}

function safeStack(error: Error): string {
  // Only the frames: the head repeats the message, which is bounded and redacted on its own.
  const frames = String(error.stack)
    .split('\n')
    .filter((line) => /^\s+at /.test(line));
  return cut(redactText(frames.join('\n')), STACK_CHARACTERS_MAX);
}

function nested(error: Error, depth: number): Partial<SafeError> {
  if (depth >= CAUSES_MAX) return {};
  const cause = error.cause;
  const errors = error instanceof AggregateError ? error.errors.slice(0, ERRORS_MAX) : [];
  return {
    ...(cause === undefined || cause === error ? {} : { cause: safeError(cause, depth + 1) }),
    ...(errors.length === 0 ? {} : { errors: errors.map((each) => safeError(each, depth + 1)) }),
  };
}

function read(source: unknown, key: string): unknown {
  if (typeof source !== 'object' || source === null) return undefined;
  try {
    return (source as Record<string, unknown>)[key];
  } catch {
    return undefined; // a getter that throws must not hide the error it hangs on
  }
}

function firstNumber(...values: readonly unknown[]): number | undefined {
  return values.find((value): value is number => typeof value === 'number' && Number.isFinite(value));
}

function firstDefined(...values: readonly unknown[]): unknown {
  return values.find((value) => value !== undefined && value !== null);
}

function thrownText(thrown: unknown): string {
  return typeof thrown === 'string' ? redactText(thrown) : safeBody(thrown);
}

function cut(text: string, charactersMax: number): string {
  return text.length <= charactersMax ? text : `${text.slice(0, charactersMax)}… (${text.length} characters)`;
}
