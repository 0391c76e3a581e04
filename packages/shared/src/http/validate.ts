import type { Request } from 'express';
import { z } from 'zod';
import { unknownKeys } from '../config/index.ts';
import type { JsonEndpoint } from './endpoint.ts';
import { type FieldFault, fieldFaults, issueFaults, ResponseInvalid, ValidationFailed } from './problems.ts';

export interface ValidInput {
  readonly params: unknown;
  readonly query: unknown;
  readonly body: unknown;
}

const NO_FIELDS = z.object({});

/** Params, query and body by their schemas. Throws VALIDATION_FAILED with every refused and every unknown field. */
export function validateInput(endpoint: JsonEndpoint<never>, request: Request): ValidInput {
  const faults: FieldFault[] = [];
  const params = check('path', endpoint.params ?? NO_FIELDS, { ...request.params }, faults);
  const query = check('query', endpoint.query ?? NO_FIELDS, { ...request.query }, faults);
  // No body at all reads as one without fields, so that a POST whose fields are optional needs none.
  const body = check('body', endpoint.body ?? NO_FIELDS, request.body ?? {}, faults);
  if (faults.length > 0) {
    throw new ValidationFailed(
      faults
        .map(({ field, message }) => `${field}: ${message}`)
        .join('; ')
        .slice(0, 500),
      fieldFaults(faults),
    );
  }
  return { params, query, body };
}

/** The answer by its schema: what the schema does not name is dropped, what breaks it never leaves. */
export function validateAnswer(endpoint: JsonEndpoint<never>, status: number, body: unknown): unknown {
  const spec = endpoint.responses[status];
  const where = `${endpoint.method.toUpperCase()} ${endpoint.path}`;
  if (spec === undefined)
    throw new ResponseInvalid(`${where} answered with status ${status}, which it does not declare`);
  if (spec.schema === undefined) return undefined;
  const parsed = spec.schema.safeParse(body);
  if (parsed.success) return parsed.data;
  const faults = issueFaults('response', parsed.error.issues);
  throw new ResponseInvalid(`${where} answered ${status} with an invalid body`, {
    cause: new Error(JSON.stringify(faults)),
  });
}

function check(where: FieldFault['in'], schema: z.ZodType, value: unknown, faults: FieldFault[]): unknown {
  const parsed = schema.safeParse(value);
  if (!parsed.success) faults.push(...issueFaults(where, parsed.error.issues));
  for (const { path } of unknownKeys(schema, value)) {
    faults.push({ in: where, field: path.join('.').slice(0, 200), message: 'is not a known field' });
  }
  return parsed.data;
}
