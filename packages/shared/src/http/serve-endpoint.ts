import type { Request, RequestHandler, Response } from 'express';
import { isFleetError } from '../errors/index.ts';
import type { EndpointInput, JsonEndpoint } from './endpoint.ts';
import { Reply } from './endpoint.ts';
import {
  assertKey,
  IdempotencyConflict,
  IdempotencyInProgress,
  IdempotencyInterrupted,
  IdempotencyKeyRequired,
  type IdempotencyStore,
  IdempotencyStoreUnavailable,
  requestFingerprint,
  type StoredAnswer,
} from './idempotency.ts';
import { HandlerTimeout, PROBLEM_CONTENT_TYPE, problemOf } from './problems.ts';
import { amendContext, contextOf, type RequestContext } from './request-context.ts';
import { type ValidInput, validateAnswer, validateInput } from './validate.ts';

interface Answer extends StoredAnswer {
  readonly headers?: Readonly<Record<string, string>>;
}

const RETRY_AFTER_SECONDS = '1';

/** Express handler of an endpoint: validate, honour the idempotency key, run within its time, validate the answer. */
export function serveEndpoint<Deps>(
  endpoint: JsonEndpoint<Deps>,
  deps: Deps,
  store: IdempotencyStore | undefined,
): RequestHandler {
  return async (request, response) => {
    const key = idempotencyKeyOf(endpoint, request);
    const input = validateInput(endpoint, request);
    const timeUp = new AbortController();
    const context = boundedContext(request, key, timeUp.signal);
    const work = answerOnce(endpoint, { ...input, context }, deps, store);
    send(response, await within(work, endpoint.timeoutMs, timeUp));
  };
}

function idempotencyKeyOf(endpoint: JsonEndpoint<never>, request: Request): string | undefined {
  if (endpoint.idempotent === false) return undefined;
  const key = request.get('idempotency-key');
  if (key === undefined && endpoint.idempotent === 'required') throw new IdempotencyKeyRequired();
  if (key !== undefined) assertKey(key);
  return key;
}

function boundedContext(request: Request, key: string | undefined, timeUp: AbortSignal): RequestContext {
  const signal = AbortSignal.any([contextOf(request).signal, timeUp]);
  return amendContext(request, { signal, ...(key === undefined ? {} : { idempotencyKey: key }) });
}

async function answerOnce<Deps>(
  endpoint: JsonEndpoint<Deps>,
  input: EndpointInput,
  deps: Deps,
  store: IdempotencyStore | undefined,
): Promise<Answer> {
  const key = input.context.idempotencyKey;
  if (key === undefined || store === undefined) return run(endpoint, input, deps);
  const earlier = await begin(store, key, endpoint, input);
  if (earlier !== undefined) return earlier;
  return runKept(store, key, () => run(endpoint, input, deps), input.context);
}

/** The kept answer, or undefined when this request is the first with its key. */
async function begin(
  store: IdempotencyStore,
  key: string,
  endpoint: JsonEndpoint<never>,
  input: ValidInput,
): Promise<Answer | undefined> {
  const fingerprint = requestFingerprint(`${endpoint.method} ${endpoint.path}`, input);
  const begun = await store.begin(key, fingerprint).catch((cause: unknown) => {
    throw new IdempotencyStoreUnavailable(undefined, { cause });
  });
  switch (begun.state) {
    case 'new':
      return undefined;
    case 'done':
      return { ...begun, headers: { 'Idempotency-Replayed': 'true' } };
    case 'in-progress':
      throw new IdempotencyInProgress();
    case 'conflict':
      throw new IdempotencyConflict();
    case 'interrupted':
      throw new IdempotencyInterrupted();
  }
}

/**
 * Keeps the answer under the key: also a refusal and a fault, after which the effect may be there. Only an error that
 * says "retry" promises that nothing was done; it frees the key.
 */
async function runKept(
  store: IdempotencyStore,
  key: string,
  work: () => Promise<Answer>,
  context: RequestContext,
): Promise<Answer> {
  const note = (err: unknown): void =>
    context.logger.error({ err }, 'the idempotency key could not be settled');
  try {
    const answer = await work();
    await store.finish(key, stored(answer)).catch(note);
    return answer;
  } catch (error) {
    const problem = problemOf(error, context.requestId);
    const settled =
      isFleetError(error) && error.retry === 'retry'
        ? store.abandon(key)
        : store.finish(key, { status: problem.status, body: JSON.stringify(problem) });
    await settled.catch(note);
    throw error;
  }
}

function stored({ status, body }: Answer): StoredAnswer {
  return body === undefined ? { status } : { status, body };
}

async function run<Deps>(endpoint: JsonEndpoint<Deps>, input: EndpointInput, deps: Deps): Promise<Answer> {
  const result: unknown = await endpoint.handle(deps, input);
  const given = result instanceof Reply ? result : new Reply(endpoint.status, result);
  const body = JSON.stringify(validateAnswer(endpoint, given.status, given.body));
  return { status: given.status, headers: given.headers, ...(body === undefined ? {} : { body }) };
}

/** The client gets HANDLER_TIMEOUT; the work goes on, and with a key its answer is kept for the repetition. */
async function within(work: Promise<Answer>, timeoutMs: number, timeUp: AbortController): Promise<Answer> {
  const late = Promise.withResolvers<never>();
  const timer = setTimeout(() => {
    const error = new HandlerTimeout(`no answer after ${timeoutMs} ms`);
    timeUp.abort(error);
    late.reject(error);
  }, timeoutMs);
  try {
    return await Promise.race([work, late.promise]);
  } finally {
    clearTimeout(timer);
    work.catch(() => undefined); // a failure after the time is up has nobody left to tell
  }
}

function send(response: Response, { status, body, headers }: Answer): void {
  if (response.headersSent || response.destroyed) return;
  response.status(status).set(headers ?? {});
  if (body === undefined) {
    response.end();
    return;
  }
  response.type(status >= 400 ? PROBLEM_CONTENT_TYPE : 'application/json').send(body);
}

export function sendProblem(response: Response, error: unknown, requestId: string): void {
  const problem = problemOf(error, requestId);
  if ((problem.status === 503 || problem.status === 409) && isFleetError(error) && error.retry === 'retry') {
    response.setHeader('Retry-After', RETRY_AFTER_SECONDS);
  }
  response.status(problem.status).type(PROBLEM_CONTENT_TYPE).send(JSON.stringify(problem));
}
