export type { Audit, AuditEntry } from '../access/index.ts';
export { BODY_BYTES_MAX } from './body.ts';
export {
  type ApiDescription,
  type Endpoint,
  type EndpointInput,
  endpoint,
  type JsonEndpoint,
  type RawEndpoint,
  Reply,
  rawEndpoint,
  reply,
} from './endpoint.ts';
export type { IdempotencyBegin, IdempotencyStore, StoredAnswer } from './idempotency.ts';
export { memoryIdempotencyStore } from './idempotency-memory.ts';
export { postgresIdempotencyStore } from './idempotency-postgres.ts';
export { type OpenApiOptions, openApiDocument, openApiYaml } from './openapi.ts';
export { type DependencyHealth, type HealthReport, probe, type ReadyReport } from './probe.ts';
export {
  BadRequest,
  fieldFaults,
  NotFound,
  NotReady,
  PROBLEM_CONTENT_TYPE,
  type Problem,
  ValidationFailed,
} from './problems.ts';
export { actorOf, contextOf, type RequestContext } from './request-context.ts';
export { type Listening, type ListenOptions, listen, type ServerBounds } from './server.ts';
export { createServiceApp, type ServiceApp, type ServiceAppOptions } from './service-app.ts';
export { routesOf } from './wiring.ts';
