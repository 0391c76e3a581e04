import type { z } from 'zod';
import {
  type DefinedErrorOptions,
  defineError,
  errorDefinition,
  isFleetError,
  redactText,
} from '../errors/index.ts';

export const PROBLEM_CONTENT_TYPE = 'application/problem+json';

/** One field that was refused. */
export interface FieldFault {
  readonly in: 'body' | 'query' | 'path' | 'dependency' | 'response';
  readonly field: string;
  readonly message: string;
}

/** RFC 9457, with the fleet's members: a stable `code`, what to do, and the request's id. */
export interface Problem {
  readonly type: string;
  readonly title: string;
  readonly status: number;
  readonly detail: string;
  readonly code: string;
  readonly action: string;
  readonly requestId: string;
  readonly errors?: readonly FieldFault[];
}

const MALFORMED = 'Correct the request: the OpenAPI file of the service describes every route and field.';

export const ValidationFailed = defineError({
  code: 'VALIDATION_FAILED',
  title: 'The request does not match the schema',
  status: 400,
  retry: 'park',
  action: 'Correct the fields listed under "errors" and send the request again.',
});
export const BadRequest = defineError({
  code: 'BAD_REQUEST',
  title: 'The request cannot be read',
  status: 400,
  retry: 'park',
  action: MALFORMED,
});
export const MalformedJson = defineError({
  code: 'MALFORMED_JSON',
  title: 'The body is not valid JSON',
  status: 400,
  retry: 'park',
  action: 'Send one JSON object, encoded in UTF-8.',
});
export const BodyTooDeep = defineError({
  code: 'BODY_TOO_DEEP',
  title: 'The body is nested too deeply',
  status: 400,
  retry: 'park',
  action: 'Send a body of at most 32 levels.',
});
export const BodyTooLarge = defineError({
  code: 'BODY_TOO_LARGE',
  title: 'The body is too large',
  status: 413,
  retry: 'park',
  action: 'Send less in one request; split it into several.',
});
export const UnsupportedMediaType = defineError({
  code: 'UNSUPPORTED_MEDIA_TYPE',
  title: 'The body is not JSON',
  status: 415,
  retry: 'park',
  action: 'Send the header Content-Type: application/json and the body in UTF-8 without compression.',
});
export const NotFound = defineError({
  code: 'NOT_FOUND',
  title: 'There is nothing at this address',
  status: 404,
  retry: 'park',
  action: 'Check path and id; paths are case sensitive and have no trailing slash.',
});
export const MethodNotAllowed = defineError({
  code: 'METHOD_NOT_ALLOWED',
  title: 'This address does not know the method',
  status: 405,
  retry: 'park',
  action: 'Use one of the methods in the Allow header.',
});
export const NotReady = defineError({
  code: 'NOT_READY',
  title: 'The service cannot do its job yet',
  status: 503,
  retry: 'retry',
  action: 'Wait; the service goes on by itself when what is listed under "errors" is there.',
});
export const HandlerTimeout = defineError({
  code: 'HANDLER_TIMEOUT',
  title: 'The answer took too long',
  status: 504,
  retry: 'retry',
  action:
    'The work may still finish: look at its state before repeating it, or repeat it with the same Idempotency-Key.',
});
export const ResponseInvalid = defineError({
  code: 'RESPONSE_INVALID',
  title: 'The service made an answer that breaks its own contract',
  status: 500,
  retry: 'park',
  action: 'Report it with the request id; the log line of that id names the fields.',
});
export const InternalError = defineError({
  code: 'INTERNAL',
  title: 'Something went wrong inside the service',
  status: 500,
  retry: 'park',
  action: 'Look at the log line of this request id.',
});

/** An error with the refused fields, kept in its context. */
export function fieldFaults(faults: readonly FieldFault[]): DefinedErrorOptions {
  return { context: { errors: faults } };
}

/** What the client gets for an error. The words of errors that are not ours never leave. */
export function problemOf(error: unknown, requestId: string): Problem {
  const known = isFleetError(error) ? error : new InternalError(undefined, { cause: error });
  const errors = known.context?.['errors'] as readonly FieldFault[] | undefined;
  return {
    type: `urn:fleet:problem:${known.code.toLowerCase().replaceAll('_', '-')}`,
    title: errorDefinition(known.code)?.title ?? known.code,
    status: known.status ?? 500,
    detail: redactText(known.message),
    code: known.code,
    action: known.action,
    requestId,
    ...(Array.isArray(errors) ? { errors } : {}),
  };
}

/** zod's issues as refused fields; never the value, which may be a secret. */
export function issueFaults(
  where: FieldFault['in'],
  issues: readonly z.core.$ZodIssue[],
): readonly FieldFault[] {
  return issues.flatMap((issue) => {
    if (issue.code === 'unrecognized_keys') {
      return issue.keys.map((key) => ({
        in: where,
        field: join([...issue.path, key]),
        message: 'is not a known field',
      }));
    }
    return [{ in: where, field: join(issue.path), message: issue.message }];
  });
}

function join(path: readonly PropertyKey[]): string {
  return path.map(String).join('.').slice(0, 200);
}
