import { type DefinedErrorClass, defineError } from '../errors/index.ts';

const SIGN_IN =
  'Sign in again; if it stays so, compare OIDC_ISSUER, OIDC_AUDIENCES and the clock of this host.';

export const HeaderDuplicated = defineError({
  code: 'HEADER_DUPLICATED',
  title: 'A header that decides about access came more than once',
  status: 400,
  retry: 'park',
  action: 'Send each of these headers once, with one value.',
});
export const EdgeSecretMissing = defineError({
  code: 'EDGE_SECRET_MISSING',
  title: 'This request did not come through the edge',
  status: 401,
  retry: 'park',
  action: 'People use the hosts of the edge; a service sends X-Service-Secret.',
});
export const EdgeSecretWrong = defineError({
  code: 'EDGE_SECRET_WRONG',
  title: 'The secret of the edge is wrong',
  status: 401,
  retry: 'park',
  action:
    'If it came through the edge: the secret was rotated on one side only; compare edge_secret_hashes with what the edge sends. Else somebody forged the header.',
});
export const ServiceSecretWrong = defineError({
  code: 'SERVICE_SECRET_WRONG',
  title: 'The secret of the calling service is wrong',
  status: 401,
  retry: 'park',
  action: 'Give the caller its current service_secret; this service knows callers by service_secret_hashes.',
});
export const RouteInternal = defineError({
  code: 'ROUTE_INTERNAL',
  title: 'This route is not there for the edge',
  status: 403,
  retry: 'park',
  action: 'Ask it inside the network; config/access.yaml lists what the edge may hand on.',
});
export const IdTokenMissing = defineError({
  code: 'ID_TOKEN_MISSING',
  title: 'Nobody is signed in',
  status: 401,
  retry: 'park',
  action: 'Sign in, or send the header Authorization: Bearer with an ID token.',
});
export const IdTokenInvalid = defineError({
  code: 'ID_TOKEN_INVALID',
  title: 'The ID token is not valid here',
  status: 401,
  retry: 'park',
  action: SIGN_IN,
});
export const IdTokenExpired = defineError({
  code: 'ID_TOKEN_EXPIRED',
  title: 'The ID token has expired',
  status: 401,
  retry: 'park',
  action: 'Sign in again; if the token is fresh, the clock of this host or of the provider is wrong.',
});
export const IdTokenNotYetValid = defineError({
  code: 'ID_TOKEN_NOT_YET_VALID',
  title: 'The ID token is from the future',
  status: 401,
  retry: 'park',
  action: 'Set the clock of this host (timedatectl) or of the provider right, then sign in again.',
});
export const IdentityKeysUnavailable = defineError({
  code: 'IDENTITY_KEYS_UNAVAILABLE',
  title: "The identity provider's keys cannot be read, so nobody can be recognised",
  status: 503,
  retry: 'retry',
  action:
    'Look at the identity provider and at OIDC_JWKS_URL. To halt meanwhile use break-glass: it asks no provider.',
});
export const IdentityMissing = defineError({
  code: 'IDENTITY_MISSING',
  title: 'The edge did not say who asks',
  status: 401,
  retry: 'park',
  action: 'Sign in; with IDENTITY_SOURCE=headers the edge must send X-Auth-Request-Email.',
});
export const IdentityUnknown = defineError({
  code: 'IDENTITY_UNKNOWN',
  title: 'This person is not on the list',
  status: 403,
  retry: 'park',
  action: 'Add the identity to config/operators.yaml if it belongs there.',
});
export const RoleInsufficient = defineError({
  code: 'ROLE_INSUFFICIENT',
  title: 'The role does not allow this',
  status: 403,
  retry: 'park',
  action:
    'Ask somebody with the role; roles are given in config/operators.yaml, routes in config/access.yaml.',
});
export const ContentTypeNotJson = defineError({
  code: 'CONTENT_TYPE_NOT_JSON',
  title: 'A change needs a JSON request',
  status: 415,
  retry: 'park',
  action: 'Send the header Content-Type: application/json, also without a body.',
});
export const OriginMissing = defineError({
  code: 'ORIGIN_MISSING',
  title: 'A change needs the header Origin',
  status: 403,
  retry: 'park',
  action: 'Browsers send it by themselves; a program sends one of ALLOWED_ORIGINS.',
});
export const OriginNotAllowed = defineError({
  code: 'ORIGIN_NOT_ALLOWED',
  title: 'This page may not change anything here',
  status: 403,
  retry: 'park',
  action: 'Use a page of the fleet, or add its origin to ALLOWED_ORIGINS.',
});
export const EdgeAdminSecretMissing = defineError({
  code: 'EDGE_ADMIN_SECRET_MISSING',
  title: 'Admin routes are open on the admin host alone',
  status: 403,
  retry: 'park',
  action: 'Use the admin host with your client certificate.',
});
export const EdgeAdminSecretWrong = defineError({
  code: 'EDGE_ADMIN_SECRET_WRONG',
  title: "The admin entry point's secret is wrong",
  status: 403,
  retry: 'park',
  action:
    'If it came through the admin host: the secret was rotated on one side only; compare edge_admin_secret_hashes. Else somebody forged the header.',
});

const RENEW = 'Make a new one with scripts/pki issue and install it.';

export const CertificateMissing = defineError({
  code: 'CERTIFICATE_MISSING',
  title: 'The edge passed no client certificate on',
  status: 403,
  retry: 'park',
  action: 'Use the admin host with a client certificate; the edge must pass it on as PEM.',
});
export const CertificateUnreadable = defineError({
  code: 'CERTIFICATE_UNREADABLE',
  title: 'The client certificate cannot be read',
  status: 403,
  retry: 'park',
  action: 'The header must hold base64 of the DER form, the own certificate first.',
});
export const CertificateUnknown = defineError({
  code: 'CERTIFICATE_UNKNOWN',
  title: "The client certificate is nobody's",
  status: 403,
  retry: 'park',
  action: 'Enter its SHA-256 fingerprint under its owner in config/operators.yaml (scripts/pki issue does).',
});
export const CertificateRevoked = defineError({
  code: 'CERTIFICATE_REVOKED',
  title: 'The client certificate is revoked',
  status: 403,
  retry: 'park',
  action: RENEW,
});
export const CertificateExpired = defineError({
  code: 'CERTIFICATE_EXPIRED',
  title: 'The client certificate has expired',
  status: 403,
  retry: 'park',
  action: RENEW,
});
export const CertificateNotYetValid = defineError({
  code: 'CERTIFICATE_NOT_YET_VALID',
  title: 'The client certificate is from the future',
  status: 403,
  retry: 'park',
  action: 'Set the clock of this host (timedatectl) or of the machine that made the certificate right.',
});
export const CertificateOfAnotherPerson = defineError({
  code: 'CERTIFICATE_OF_ANOTHER_PERSON',
  title: 'The client certificate and the sign-in are of two people',
  status: 403,
  retry: 'park',
  action: 'Sign in as the owner of the certificate, or use your own certificate.',
});

export const AdminTokenNotConfigured = defineError({
  code: 'ADMIN_TOKEN_NOT_CONFIGURED',
  title: 'Admin routes are closed: this service has no admin token',
  status: 403,
  retry: 'park',
  action: 'Set ADMIN_TOKEN_FILE (or ADMIN_TOKEN) of this service and start it again.',
});
export const AdminTokenMissing = defineError({
  code: 'ADMIN_TOKEN_MISSING',
  title: 'This route needs the admin token',
  status: 401,
  retry: 'park',
  action: 'Send the header X-Admin-Token.',
});
export const AdminTokenWrong = defineError({
  code: 'ADMIN_TOKEN_WRONG',
  title: 'The admin token is wrong',
  status: 401,
  retry: 'park',
  action: 'Send the current token of this service in X-Admin-Token; it may have been rotated.',
});
export const AdminRateLimited = defineError({
  code: 'ADMIN_RATE_LIMITED',
  title: 'Too many admin calls from this address',
  status: 429,
  retry: 'retry',
  action: 'Wait as long as the Retry-After header says.',
});

/** Every reason for which `decideAccess` refuses, in the order in which the gates stand. */
export const REFUSALS = {
  HEADER_DUPLICATED: HeaderDuplicated,
  ROUTE_INTERNAL: RouteInternal,
  EDGE_SECRET_MISSING: EdgeSecretMissing,
  EDGE_SECRET_WRONG: EdgeSecretWrong,
  SERVICE_SECRET_WRONG: ServiceSecretWrong,
  IDENTITY_KEYS_UNAVAILABLE: IdentityKeysUnavailable,
  ID_TOKEN_MISSING: IdTokenMissing,
  ID_TOKEN_INVALID: IdTokenInvalid,
  ID_TOKEN_EXPIRED: IdTokenExpired,
  ID_TOKEN_NOT_YET_VALID: IdTokenNotYetValid,
  IDENTITY_MISSING: IdentityMissing,
  IDENTITY_UNKNOWN: IdentityUnknown,
  ROLE_INSUFFICIENT: RoleInsufficient,
  CONTENT_TYPE_NOT_JSON: ContentTypeNotJson,
  ORIGIN_MISSING: OriginMissing,
  ORIGIN_NOT_ALLOWED: OriginNotAllowed,
  EDGE_ADMIN_SECRET_MISSING: EdgeAdminSecretMissing,
  EDGE_ADMIN_SECRET_WRONG: EdgeAdminSecretWrong,
  CERTIFICATE_MISSING: CertificateMissing,
  CERTIFICATE_UNREADABLE: CertificateUnreadable,
  CERTIFICATE_REVOKED: CertificateRevoked,
  CERTIFICATE_UNKNOWN: CertificateUnknown,
  CERTIFICATE_NOT_YET_VALID: CertificateNotYetValid,
  CERTIFICATE_EXPIRED: CertificateExpired,
  CERTIFICATE_OF_ANOTHER_PERSON: CertificateOfAnotherPerson,
  ADMIN_TOKEN_NOT_CONFIGURED: AdminTokenNotConfigured,
  ADMIN_TOKEN_MISSING: AdminTokenMissing,
  ADMIN_TOKEN_WRONG: AdminTokenWrong,
} as const satisfies Readonly<Record<string, DefinedErrorClass>>;

export type AccessCode = keyof typeof REFUSALS;
export const ACCESS_CODES = Object.keys(REFUSALS) as readonly AccessCode[];
