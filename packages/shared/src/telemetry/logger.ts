import { type DestinationStream, type Logger as PinoLogger, pino, stdTimeFunctions } from 'pino';
import { redactText, redactValue, safeError } from '../errors/index.ts';
import { boundLine } from './line-length.ts';

export type Logger = PinoLogger;

export const LOG_LEVELS = ['trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent'] as const;
export type LogLevel = (typeof LOG_LEVELS)[number];

export interface LoggerOptions {
  readonly service: string;
  /** `info` when absent. */
  readonly level?: LogLevel;
  readonly version?: string;
  /** Where lines go; standard output when absent. */
  readonly destination?: DestinationStream;
}

/**
 * JSON lines with an ISO time and the level's name. Every way into a line (merged fields, errors, messages, their
 * arguments, bindings of children) is rebuilt by `redactValue` or `safeError` before pino sees it, and a line that is
 * too long for the engine's log driver is cut and says so.
 */
export function createLogger(options: LoggerOptions): Logger {
  const settings = {
    level: options.level ?? 'info',
    base: {
      service: options.service,
      ...(options.version === undefined ? {} : { version: options.version }),
    },
    timestamp: stdTimeFunctions.isoTime,
    // The fields are plain by the time serializers run; pino's own for `err` would read more of an error.
    serializers: { err: asGiven },
    formatters: { level: (label: string) => ({ level: label }), log: redactFields },
    hooks: { logMethod: logRedacted },
  };
  return fenceChildren(pino(settings, bounded(options.destination)));
}

/** Standard output is written at once: the last line of a process that ends badly is the one that is looked for. */
function bounded(
  destination: DestinationStream = pino.destination({ dest: 1, sync: true }),
): DestinationStream {
  return { write: (line) => destination.write(boundLine(line)) };
}

/** A logger that writes nothing, for tests and for callers that were given none. */
export function silentLogger(): Logger {
  return pino({ level: 'silent' });
}

/** pino resets the bindings formatter in children, so what they bind is cleaned on the way in; children inherit this. */
function fenceChildren(logger: Logger): Logger {
  // oxlint-disable-next-line typescript/unbound-method -- called below with the right `this`
  const { child, setBindings } = logger;
  logger.child = function childRedacted(this: Logger, bindings, childOptions) {
    return child.call(this, redactFields(bindings), childOptions) as never;
  };
  logger.setBindings = function setBindingsRedacted(this: Logger, bindings) {
    setBindings.call(this, redactFields(bindings));
  };
  return logger;
}

function redactFields(fields: Record<string, unknown>): Record<string, unknown> {
  const plain: Record<string, unknown> = {};
  for (const [name, value] of Object.entries(fields)) {
    plain[name] = value instanceof Error ? safeError(value) : value;
  }
  return redactValue(plain) as Record<string, unknown>;
}

type LogCall = (first: object | string, ...rest: unknown[]) => void;

function logRedacted(this: Logger, args: unknown[], method: LogCall): void {
  const [first, ...rest] = args;
  if (typeof first !== 'object' || first === null) {
    method.call(this, redactText(String(first)), ...rest.map(redactArgument));
    return;
  }
  const fields = first instanceof Error ? { err: first } : first;
  const words = rest.length === 0 ? messageOf(fields) : rest.map(redactArgument);
  method.call(this, fields, ...words);
}

/** Without a message of its own a line takes the error's, which pino would copy uncleaned. */
function messageOf(fields: object): readonly string[] {
  const err = (fields as { err?: unknown }).err;
  const hasMessage = typeof (fields as { msg?: unknown }).msg === 'string';
  return !hasMessage && err instanceof Error ? [redactText(err.message)] : [];
}

function redactArgument(argument: unknown): unknown {
  return argument instanceof Error ? safeError(argument) : redactValue(argument);
}

function asGiven(value: unknown): unknown {
  return value;
}
