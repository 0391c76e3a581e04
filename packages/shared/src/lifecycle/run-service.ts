import { isFleetError, redactText, safeError } from '../errors/index.ts';
import { createLogger, type Logger } from '../telemetry/index.ts';
import { Resources } from './resources.ts';

/** What `compose` hands back. */
export interface RunningService {
  /** Called first when the service stops, before anything is closed: stop taking work, drain what is in hand. */
  stopping?(): Promise<void>;
  /** Used for the last lines instead of the logger of the runner. */
  readonly logger?: Logger;
}

export type Compose = (resources: Resources, signal: AbortSignal) => Promise<RunningService>;

/** sysexits.h EX_CONFIG: a supervisor need not start it again before someone changed the configuration. */
export const EXIT_CONFIG = 78;
/** Everything together: below the 5 s that a supervisor waits. */
const STOP_MS_MAX = 4_500;
const DRAIN_MS_MAX = 2_000;

interface ExitRequest {
  readonly reason: string;
  readonly code: number;
  readonly error?: unknown;
}

let requestStop: ((request: ExitRequest) => void) | undefined;

/**
 * Asks the running service to drain, close and exit with `code` (a supervisor starts it again), for states that only
 * a fresh process gets out of. Without a running service (a test that composes by hand) it throws.
 */
export function requestExit(reason: string, code = 1): void {
  if (requestStop === undefined)
    throw new Error(`exit requested (${reason}), but no service is run by runService`);
  requestStop({ reason, code });
}

/**
 * Runs a service until SIGTERM, SIGINT, `requestExit` or a fault that nobody caught; then `stopping`, every close in
 * reverse, exit. Exit codes: 0 after a signal, 78 for a refused configuration, 1 for every other failure.
 * A start that fails, or is interrupted, closes what it had opened.
 */
export async function runService(name: string, compose: Compose): Promise<never> {
  const logger = createLogger({ service: name });
  const abort = new AbortController();
  const resources = new Resources();
  const stop = listenForStop(abort);
  const started = await start(compose, resources, abort.signal, stop.requested);
  const request = 'failure' in started ? failedStart(started.failure, abort.signal) : await stop.requested;
  const service = 'service' in started ? started.service : undefined;
  abort.abort(new Error(request.reason));
  const log = service?.logger ?? logger;
  report(log, name, request, service !== undefined);
  const clean = await withinStopTime(shutDown(log, service, resources));
  log.info({ reason: request.reason, clean }, `${name} stopped`);
  log.flush();
  process.exit(request.code === 0 && !clean ? 1 : request.code);
}

type Started = { readonly service: RunningService } | { readonly failure: unknown };

async function start(
  compose: Compose,
  resources: Resources,
  signal: AbortSignal,
  requested: Promise<ExitRequest>,
): Promise<Started> {
  const composed = Promise.resolve()
    .then(() => compose(resources, signal))
    .then(
      (service): Started => ({ service }),
      (failure: unknown): Started => ({ failure }),
    );
  const interrupted = requested.then((request): Started => ({ failure: request }));
  return Promise.race([composed, interrupted]);
}

function listenForStop(abort: AbortController): { readonly requested: Promise<ExitRequest> } {
  const { promise, resolve } = Promise.withResolvers<ExitRequest>();
  requestStop = (request) => {
    resolve(request);
    abort.abort(new Error(request.reason));
  };
  // Later signals change nothing: the stop is bounded by itself, and Ctrl-C in a terminal reaches a child twice.
  for (const signal of ['SIGTERM', 'SIGINT'] as const)
    process.on(signal, () => requestStop?.({ reason: signal, code: 0 }));
  process.on('uncaughtException', (error) => requestStop?.({ reason: 'uncaughtException', code: 1, error }));
  process.on('unhandledRejection', (error) =>
    requestStop?.({ reason: 'unhandledRejection', code: 1, error }),
  );
  return { requested: promise };
}

function failedStart(failure: unknown, signal: AbortSignal): ExitRequest {
  if (isExitRequest(failure)) return failure;
  // An interrupted start usually fails by the interruption: that is a stop, not a failure.
  if (signal.aborted) return { reason: 'stopped while starting', code: 0 };
  const config = isFleetError(failure) && failure.code === 'CONFIG_INVALID';
  return { reason: 'start failed', code: config ? EXIT_CONFIG : 1, error: failure };
}

function isExitRequest(value: unknown): value is ExitRequest {
  return (
    typeof value === 'object' &&
    value !== null &&
    !(value instanceof Error) &&
    'reason' in value &&
    'code' in value
  );
}

function report(log: Logger, name: string, request: ExitRequest, started: boolean): void {
  const { error, reason, code } = request;
  if (error === undefined) {
    log.info({ reason, code }, `${name} is stopping`);
    return;
  }
  log.fatal({ err: error, reason }, `${name}: ${safeError(error).message}`);
  // For the person at the terminal, who does not read JSON: the words and what to do.
  const action = isFleetError(error) ? error.action : 'Read the log line above.';
  const head = started ? 'failed' : 'could not start';
  process.stderr.write(`${name} ${head}: ${redactText(safeError(error).message)}\n  what to do: ${action}\n`);
}

/** True when everything drained and closed without an error. */
async function shutDown(
  log: Logger,
  service: RunningService | undefined,
  resources: Resources,
): Promise<boolean> {
  let clean = true;
  const note = (err: unknown): void => {
    clean = false;
    log.error({ err }, 'a step of the stop failed');
  };
  await bounded(
    Promise.resolve().then(() => service?.stopping?.()),
    DRAIN_MS_MAX,
    'draining',
  ).catch(note);
  await resources.close().catch(note);
  return clean;
}

async function withinStopTime(closing: Promise<boolean>): Promise<boolean> {
  return bounded(closing, STOP_MS_MAX, 'closing').catch(() => false);
}

async function bounded<Value>(work: Promise<Value>, ms: number, what: string): Promise<Value> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(() => reject(new Error(`${what} took longer than ${ms} ms`)), ms);
  });
  try {
    return await Promise.race([work, late]);
  } finally {
    clearTimeout(timer);
  }
}
