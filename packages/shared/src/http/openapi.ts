import { stringify } from 'yaml';
import { z } from 'zod';
import {
  createDocument,
  type ZodOpenApiObject,
  type ZodOpenApiOperationObject,
  type ZodOpenApiOverride,
  type ZodOpenApiPathsObject,
  type ZodOpenApiResponsesObject,
} from 'zod-openapi';
import { errorDefinition } from '../errors/index.ts';
import { healthSchema, readySchema, statusSchema } from './common-routes.ts';
import type { ApiDescription, Endpoint, JsonEndpoint } from './endpoint.ts';
import { PROBLEM_CONTENT_TYPE } from './problems.ts';

export interface OpenApiOptions {
  readonly service: string;
  readonly version: string;
  readonly description: string;
  readonly title?: string;
  readonly endpoints: ApiDescription['endpoints'];
}

type AnyEndpoint = Endpoint<never>;

const problemSchema = z
  .object({
    type: z.string(),
    title: z.string(),
    status: z.int(),
    detail: z.string(),
    code: z.string().meta({ description: 'Stable; the error reference lists each.' }),
    action: z.string().meta({ description: 'What to do next.' }),
    requestId: z.string(),
    errors: z
      .array(
        z.object({
          in: z.enum(['body', 'query', 'path', 'dependency', 'response']),
          field: z.string(),
          message: z.string(),
        }),
      )
      .optional(),
  })
  .meta({ id: 'Problem', description: 'RFC 9457 problem document.' });

const ADMIN_CODES = [
  'ADMIN_TOKEN_MISSING',
  'ADMIN_TOKEN_WRONG',
  'ADMIN_TOKEN_NOT_CONFIGURED',
  'ADMIN_RATE_LIMITED',
];
const BODY_CODES = ['MALFORMED_JSON', 'BODY_TOO_DEEP', 'BODY_TOO_LARGE', 'UNSUPPORTED_MEDIA_TYPE'];
const KEY_CODES = [
  'IDEMPOTENCY_KEY_INVALID',
  'IDEMPOTENCY_KEY_CONFLICT',
  'IDEMPOTENCY_IN_PROGRESS',
  'IDEMPOTENCY_INTERRUPTED',
];

/** The OpenAPI 3.1 document of a service, with the four common routes. Throws on an error code that nobody defined. */
export function openApiDocument(options: OpenApiOptions) {
  const paths: ZodOpenApiPathsObject = { ...commonPaths() };
  for (const endpoint of options.endpoints as readonly AnyEndpoint[]) {
    paths[endpoint.path] = { ...paths[endpoint.path], [endpoint.method]: operation(endpoint) };
  }
  const document: ZodOpenApiObject = {
    openapi: '3.1.0',
    info: {
      title: options.title ?? options.service,
      version: options.version,
      description: options.description,
    },
    paths,
    components: {
      schemas: { Problem: problemSchema },
      securitySchemes: { adminToken: { type: 'apiKey', in: 'header', name: 'X-Admin-Token' } },
    },
  };
  return createDocument(document, { override: closeInputs });
}

/** Requests are checked for unknown fields whatever their schema says, so the document says so too. */
const closeInputs: ZodOpenApiOverride = ({ jsonSchema, zodSchema, io }) => {
  const { type, catchall } = zodSchema._zod.def as { type: string; catchall?: unknown };
  if (io === 'input' && type === 'object' && catchall === undefined) jsonSchema.additionalProperties = false;
};

/** The same as text for `openapi/<service>.yaml`. */
export function openApiYaml(options: OpenApiOptions): string {
  return stringify(openApiDocument(options), { lineWidth: 110, aliasDuplicateObjects: false });
}

function operation(endpoint: AnyEndpoint): ZodOpenApiOperationObject {
  return {
    operationId: operationId(endpoint),
    summary: endpoint.summary,
    ...(endpoint.description === undefined ? {} : { description: endpoint.description }),
    tags: [...(endpoint.tags ?? [endpoint.path.split('/')[1] ?? 'service'])],
    ...(endpoint.admin ? { security: [{ adminToken: [] }] } : {}),
    ...(endpoint.kind === 'json' ? jsonParts(endpoint) : rawParts(endpoint)),
  };
}

function jsonParts(
  endpoint: JsonEndpoint<never>,
): Pick<ZodOpenApiOperationObject, 'requestParams' | 'requestBody' | 'responses'> {
  return {
    requestParams: {
      ...(endpoint.params === undefined ? {} : { path: endpoint.params }),
      ...(endpoint.query === undefined ? {} : { query: endpoint.query }),
      ...(endpoint.idempotent === false
        ? {}
        : { header: idempotencyHeader(endpoint.idempotent === 'required') }),
    },
    ...(endpoint.body === undefined
      ? {}
      : {
          requestBody: {
            required: !endpoint.body.safeParse({}).success,
            content: { 'application/json': { schema: endpoint.body } },
          },
        }),
    responses: { ...answers(endpoint), ...problems(problemCodes(endpoint)) },
  };
}

function rawParts(
  endpoint: Extract<AnyEndpoint, { kind: 'raw' }>,
): Pick<ZodOpenApiOperationObject, 'requestBody' | 'responses'> {
  const { produces = 'application/json', consumes } = endpoint;
  return {
    ...(consumes === undefined ? {} : { requestBody: { content: { [consumes]: { schema: z.unknown() } } } }),
    responses: {
      '200': { description: endpoint.summary, content: { [produces]: { schema: z.unknown() } } },
      ...problems([...(endpoint.errors ?? []), ...(endpoint.admin ? ADMIN_CODES : [])]),
    },
  };
}

function answers(endpoint: JsonEndpoint<never>): ZodOpenApiResponsesObject {
  const entries = Object.entries(endpoint.responses).map(([status, { description, schema }]) => [
    status,
    { description, ...(schema === undefined ? {} : { content: { 'application/json': { schema } } }) },
  ]);
  return Object.fromEntries(entries) as ZodOpenApiResponsesObject;
}

function problemCodes(endpoint: JsonEndpoint<never>): readonly string[] {
  return [
    'VALIDATION_FAILED',
    ...(endpoint.method === 'get' ? [] : BODY_CODES),
    ...(endpoint.idempotent === false ? [] : KEY_CODES),
    ...(endpoint.idempotent === 'required' ? ['IDEMPOTENCY_KEY_REQUIRED'] : []),
    ...(endpoint.admin ? ADMIN_CODES : []),
    ...(endpoint.errors ?? []),
  ];
}

/** One answer a status; its codes are named in the description. */
function problems(codes: readonly string[]): ZodOpenApiResponsesObject {
  const byStatus = new Map<number, string[]>();
  for (const code of new Set(codes)) {
    const definition = errorDefinition(code);
    if (definition === undefined)
      throw new TypeError(`error code ${code} is not defined: name one made by defineError`);
    byStatus.set(definition.status, [...(byStatus.get(definition.status) ?? []), code]);
  }
  const content = { [PROBLEM_CONTENT_TYPE]: { schema: problemSchema } };
  const entries = [...byStatus].map(([status, named]) => [
    status,
    { description: named.sort().join(', '), content },
  ]);
  return {
    ...(Object.fromEntries(entries) as ZodOpenApiResponsesObject),
    default: { description: 'Any other problem', content },
  };
}

function idempotencyHeader(required: boolean) {
  const key = z.string().min(1).max(255).meta({
    description:
      'The same value for each repetition of one action: the first answer is given again, nothing is done twice.',
  });
  return z.object({ 'Idempotency-Key': required ? key : key.optional() });
}

function commonPaths(): ZodOpenApiPathsObject {
  const get = (
    name: string,
    summary: string,
    content: ZodOpenApiResponsesObject,
  ): ZodOpenApiPathsObject[string] => ({
    get: { operationId: `get_${name}`, summary, tags: ['service'], responses: content },
  });
  const json = (description: string, schema: z.ZodType) => ({
    description,
    content: { 'application/json': { schema } },
  });
  return {
    '/health': get('health', 'Liveness, with the dependencies', {
      '200': json('The process lives', healthSchema),
    }),
    '/ready': get('ready', 'Readiness', {
      '200': json('The service can do its job', readySchema),
      ...problems(['NOT_READY']),
    }),
    '/metrics': get('metrics', 'Prometheus metrics', {
      '200': { description: 'Prometheus text format', content: { 'text/plain': { schema: z.string() } } },
    }),
    '/status': get('status', 'Role, version, state, leases, lags', {
      '200': json('The state of this service', statusSchema),
    }),
  };
}

function operationId({ method, path }: AnyEndpoint): string {
  const words = path.split('/').map((part) => part.replaceAll(/[{}]/g, '').replaceAll(/[^A-Za-z0-9]/g, '_'));
  return [method, ...words.filter((word) => word !== '')].join('_');
}
