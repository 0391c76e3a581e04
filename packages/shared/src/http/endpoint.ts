import type { Request, Response } from 'express';
import type { z } from 'zod';
import type { RequestContext } from './request-context.ts';

export type Method = 'get' | 'post' | 'put' | 'patch' | 'delete';
/** Whether `Idempotency-Key` is ignored, honoured when sent, or demanded. */
export type IdempotencyUse = false | true | 'required';

export interface ResponseSpec {
  readonly description: string;
  readonly schema?: z.ZodType;
}

// biome-ignore lint/complexity/noBannedTypes: zod's own name for an object without fields
type NoFields = z.ZodObject<{}>;

interface Described {
  readonly method: Method;
  /** OpenAPI style: `/orders/{id}/why`. Below `/admin/` exactly when the route needs the admin token. */
  readonly path: string;
  readonly summary: string;
  readonly description?: string;
  readonly tags?: readonly string[];
  /** Codes of the problems that this route may answer with, beside those that every route may. */
  readonly errors?: readonly string[];
  /** Must agree with the path; may be left out. */
  readonly admin?: boolean;
}

export interface EndpointDefinition<
  Deps,
  Params extends z.ZodObject,
  Query extends z.ZodObject,
  Body extends z.ZodType,
  Answer extends z.ZodType,
  Result,
> extends Described {
  readonly params?: Params;
  readonly query?: Query;
  readonly body?: Body;
  /** The schema of the usual answer; without one the usual answer is 204. */
  readonly response?: Answer;
  /** Status of the usual answer, 200 when absent. */
  readonly status?: number;
  /** Further answers by status, given by `reply(status, body)`. */
  readonly responses?: Readonly<Record<number, ResponseSpec>>;
  /** True for every POST when absent: set false where a POST has no effect. */
  readonly idempotent?: IdempotencyUse;
  /** Milliseconds until the client gets HANDLER_TIMEOUT; 25,000 when absent. */
  readonly timeoutMs?: number;
  readonly handle: (
    deps: Deps,
    input: EndpointInput<z.output<Params>, z.output<Query>, z.output<Body>>,
  ) => Result | Promise<Result>;
}

export interface EndpointInput<Params = unknown, Query = unknown, Body = unknown> {
  readonly params: Params;
  readonly query: Query;
  readonly body: Body;
  readonly context: RequestContext;
}

/** A handler may answer with readonly data: it is only read. */
type ReadonlyDeep<Value> = Value extends readonly (infer Entry)[]
  ? readonly ReadonlyDeep<Entry>[]
  : Value extends object
    ? { readonly [Key in keyof Value]: ReadonlyDeep<Value[Key]> }
    : Value;
type Answerable<Value> = ReadonlyDeep<Value> | Reply;

/** An answer with a status or headers of its own; the status must be declared by the endpoint. */
export class Reply {
  readonly status: number;
  readonly body: unknown;
  readonly headers: Readonly<Record<string, string>>;

  constructor(status: number, body?: unknown, headers: Readonly<Record<string, string>> = {}) {
    this.status = status;
    this.body = body;
    this.headers = headers;
  }
}

export function reply(status: number, body?: unknown, headers?: Readonly<Record<string, string>>): Reply {
  return new Reply(status, body, headers);
}

/** A route as the app and the OpenAPI file see it. */
export interface JsonEndpoint<Deps> extends Described {
  readonly kind: 'json';
  readonly admin: boolean;
  readonly params?: z.ZodObject;
  readonly query?: z.ZodObject;
  readonly body?: z.ZodType;
  readonly status: number;
  readonly responses: Readonly<Record<number, ResponseSpec>>;
  readonly idempotent: IdempotencyUse;
  readonly timeoutMs: number;
  readonly handle: (deps: Deps, input: EndpointInput) => unknown;
}

/** A route that reads and writes by itself: server-sent events, a signed raw body, another protocol. */
export interface RawEndpoint<Deps> extends Described {
  readonly kind: 'raw';
  readonly admin: boolean;
  /** Content type of the answer, e.g. `text/event-stream`. */
  readonly produces?: string;
  /** Content type of the body, which arrives unread. */
  readonly consumes?: string;
  readonly handle: (
    deps: Deps,
    request: Request,
    response: Response,
    context: RequestContext,
  ) => void | Promise<void>;
}

export type Endpoint<Deps> = JsonEndpoint<Deps> | RawEndpoint<Deps>;

/** What `src/http/routes.ts` of a service exports as `api`. */
export interface ApiDescription<Deps = never> {
  /** The folder's name, e.g. `risk-manager`. */
  readonly service: string;
  readonly title: string;
  readonly description: string;
  readonly endpoints: readonly Endpoint<Deps>[];
}

const HANDLER_MS_MAX = 25_000;

type Define<Deps> = <
  Params extends z.ZodObject = NoFields,
  Query extends z.ZodObject = NoFields,
  Body extends z.ZodType = NoFields,
  Answer extends z.ZodType = z.ZodVoid,
  // A parameter of its own, since a literal in the answer would widen before `Answer` is known.
  const Result extends Answerable<z.input<Answer>> = Answerable<z.input<Answer>>,
>(
  definition: EndpointDefinition<Deps, Params, Query, Body, Answer, Result>,
) => JsonEndpoint<Deps>;

/**
 * Defines a route once, for serving, validating and documenting. Everything is inferred from the schemas; say the
 * dependencies either at the handler (`handle: (deps: Deps, { body }) => …`) or up front (`endpoint<Deps>()({…})`).
 * Throws when path, params and admin do not agree.
 */
export function endpoint<Deps>(): Define<Deps>;
export function endpoint<
  Deps,
  Params extends z.ZodObject = NoFields,
  Query extends z.ZodObject = NoFields,
  Body extends z.ZodType = NoFields,
  Answer extends z.ZodType = z.ZodVoid,
  // A parameter of its own, since a literal in the answer would widen before `Answer` is known.
  const Result extends Answerable<z.input<Answer>> = Answerable<z.input<Answer>>,
>(definition: EndpointDefinition<Deps, Params, Query, Body, Answer, Result>): JsonEndpoint<Deps>;
export function endpoint<Deps>(definition?: unknown): JsonEndpoint<Deps> | Define<Deps> {
  const define = (given: unknown): JsonEndpoint<Deps> => build(given as Erased<Deps>);
  return definition === undefined ? (define as Define<Deps>) : define(definition);
}

export function rawEndpoint<Deps>(definition: Omit<RawEndpoint<Deps>, 'kind' | 'admin'>): RawEndpoint<Deps> {
  return {
    ...definition,
    kind: 'raw',
    path: canonicalPath(definition.path),
    admin: isAdminPath(definition.path),
  };
}

type Erased<Deps> = Omit<JsonEndpoint<Deps>, 'kind' | 'responses' | 'status'> & {
  readonly response?: z.ZodType;
  readonly status?: number;
  readonly responses?: Readonly<Record<number, ResponseSpec>>;
};

function build<Deps>({ response, ...definition }: Erased<Deps>): JsonEndpoint<Deps> {
  const path = canonicalPath(definition.path);
  const status = definition.status ?? (response === undefined ? 204 : 200);
  assertAgrees({ ...definition, path });
  return {
    ...definition,
    kind: 'json',
    path,
    status,
    admin: isAdminPath(path),
    responses: {
      [status]: { description: definition.summary, ...(response === undefined ? {} : { schema: response }) },
      ...definition.responses,
    },
    idempotent: definition.idempotent ?? definition.method === 'post',
    timeoutMs: definition.timeoutMs ?? HANDLER_MS_MAX,
  };
}

function assertAgrees({
  method,
  path,
  params,
  admin,
  body,
}: Pick<Erased<never>, 'method' | 'path' | 'params' | 'admin' | 'body'>): void {
  const where = `endpoint ${method.toUpperCase()} ${path}`;
  if (!/^(\/([a-z0-9.-]+|\{[A-Za-z][A-Za-z0-9]*\}))+$/.test(path)) {
    throw new TypeError(
      `${where}: write the path in lower case, with parameters as {name}, without a slash at the end`,
    );
  }
  const named = [...path.matchAll(/\{(\w+)\}/g)].flatMap(([, name]) => name ?? []).sort();
  const described = Object.keys(params?.shape ?? {}).sort();
  if (named.join() !== described.join()) {
    throw new TypeError(
      `${where}: the path names [${named.join(', ')}] and params describes [${described.join(', ')}]`,
    );
  }
  if (admin !== undefined && admin !== isAdminPath(path)) {
    throw new TypeError(`${where}: admin routes live below /admin/, and everything below /admin/ is one`);
  }
  if (body !== undefined && method === 'get') throw new TypeError(`${where}: a GET has no body`);
}

function canonicalPath(path: string): string {
  return path.replaceAll(/:([A-Za-z][A-Za-z0-9]*)/g, '{$1}');
}

function isAdminPath(path: string): boolean {
  return path.startsWith('/admin/');
}
