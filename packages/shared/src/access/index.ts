export { AccessControl, type AccessControlOptions } from './access-control.ts';
export type { Audit, AuditEntry } from './access-entry.ts';
export { type AccessMetrics, accessMetrics } from './access-metrics.ts';
export {
  type AccessSettings,
  assertAccessSettings,
  type ExposureSettings,
  exposureFaults,
  isLocalDomain,
  isLoopback,
} from './access-settings.ts';
export {
  ACCESS_FILE,
  type AccessTable,
  accessTableSchema,
  loadAccessTable,
  usualRole,
} from './access-table.ts';
export {
  type AccessDecision,
  type AccessPolicy,
  CLOCK_TOLERANCE_SECONDS,
  decideAccess,
  type MatchedRoute,
  type Person,
  type RequestFacts,
  type TokenFinding,
} from './decide.ts';
export { type Hashes, isOneOf, parseHashes } from './hashes.ts';
export { type AccessHeaders, accessHeaders } from './headers.ts';
export {
  fingerprintSchema,
  OPERATORS_FILE,
  type Operator,
  operatorSchema,
  operatorsSchema,
  parseOperators,
  REVOKED_FILE,
} from './operators.ts';
export {
  ACCESS_CODES,
  type AccessCode,
  AdminRateLimited,
  AdminTokenMissing,
  AdminTokenNotConfigured,
  AdminTokenWrong,
  REFUSALS,
} from './refusals.ts';
export { covers, PERSON_ROLES, type PersonRole, ROUTE_ROLES, type RouteRole } from './roles.ts';
export { accessTableFaults, idleExceptions, RouteTable } from './route-table.ts';
export { WatchedFile, type WatchedFileOptions } from './watched-file.ts';
