import type { AccessPolicy, RequestFacts } from './decide.ts';
import { digest } from './hashes.ts';
import type { AccessHeaders } from './headers.ts';

/** Two self-signed certificates, valid from 2026-11-23 for a hundred years; nobody has their keys. */
export const ANNAS_CERTIFICATE = {
  base64:
    'MIIBiTCCATCgAwIBAgIUdDnFcuJ+BeoV1BcBgmNnzF2B3SgwCgYIKoZIzj0EAwIwDzENMAsGA1UEAwwEYW5uYTAgFw0yNjExMjMxMDQwMjlaGA8yMTI2MTAzMDEwNDAyOVowDzENMAsGA1UEAwwEYW5uYTBZMBMGByqGSM49AgEGCCqGSM49AwEHA0IABAx2T7pMTlqjra2Moy7zGrl1ZQKyr/xFkejUn9GCQM2dOD1O++Qq26mV169fNkownX5plDRZSW0tRsnmX5Eo2UujaDBmMB0GA1UdDgQWBBSibtTa92nyvkZy6WfwVm2I5OMbLzAfBgNVHSMEGDAWgBSibtTa92nyvkZy6WfwVm2I5OMbLzAPBgNVHRMBAf8EBTADAQH/MBMGA1UdJQQMMAoGCCsGAQUFBwMCMAoGCCqGSM49BAMCA0cAMEQCIDr9d1YLhiqbJfCjFIuCsEp2gA8TSdH7YRn+n23lnAbeAiAlArbT+EtbVBkN8JqFqlcsPcA+cLguNZL9pI24Z8ZrqA==',
  fingerprint: '7d41b4f8ab6e41c2a204a75362383a5a8d64fa6724298a6dba3aaf72d64550d2',
};
export const BOBS_CERTIFICATE = {
  base64:
    'MIIBiDCCAS6gAwIBAgIUHeGEwhZ/qff4+OZoWPvgva0hEC0wCgYIKoZIzj0EAwIwDjEMMAoGA1UEAwwDYm9iMCAXDTI2MTEyMzEwNDAyOVoYDzIxMjYxMDMwMTA0MDI5WjAOMQwwCgYDVQQDDANib2IwWTATBgcqhkjOPQIBBggqhkjOPQMBBwNCAATn84CPtFmsgXVmCRdJoBMyfDA3XWqlwL2EfQpwxNiCY8xiGcR4js/zAO4AUeZUKDIErXI8zaIfuUDyE8UYeXQUo2gwZjAdBgNVHQ4EFgQUh3/DNhNMcoji3jE+EAgX2vKx/twwHwYDVR0jBBgwFoAUh3/DNhNMcoji3jE+EAgX2vKx/twwDwYDVR0TAQH/BAUwAwEB/zATBgNVHSUEDDAKBggrBgEFBQcDAjAKBggqhkjOPQQDAgNIADBFAiEAzWzhOWUc1Gg4QsGbMIlf5COJrrb4bUrTalSn4nadOboCIAtF2bn4QISb3lxZovoDcdzeJwxqYvAA86uGjAVfFTlX',
  fingerprint: 'ac2aa9a92cd863632f3f7d52841f9b7eb91d070f8f21f1f5125835018eac35d0',
};

export const SECRETS = {
  edge: 'edge-secret-of-the-test',
  edgeOld: 'edge-secret-of-yesterday',
  edgeAdmin: 'edge-admin-secret-of-the-test',
  adminToken: 'admin-token-of-the-test',
  adminTokenOld: 'admin-token-of-yesterday',
  hub: 'service-secret-of-the-hub',
  optimizer: 'service-secret-of-the-optimizer',
};
export const ORIGIN = 'https://app.fleet.test';
/** A moment at which both certificates are valid. */
export const NOW_MS = Date.parse('2027-03-01T12:00:00Z');
const NOW = NOW_MS / 1_000;

export const policy: AccessPolicy = {
  edgeSecrets: [digest(SECRETS.edgeOld), digest(SECRETS.edge)],
  edgeAdminSecrets: [digest(SECRETS.edgeAdmin)],
  adminTokens: [digest(SECRETS.adminTokenOld), digest(SECRETS.adminToken)],
  serviceSecrets: [
    { hash: digest(SECRETS.optimizer), caller: 'parameter-optimizer', role: 'viewer' },
    { hash: digest(SECRETS.hub), caller: 'mcp-hub-controller', role: 'operator' },
  ],
  people: new Map(
    [
      { identity: 'anna@fleet.test', role: 'admin' as const, certificates: [ANNAS_CERTIFICATE.fingerprint] },
      { identity: 'bob@fleet.test', role: 'admin' as const, certificates: [BOBS_CERTIFICATE.fingerprint] },
      { identity: 'olga@fleet.test', role: 'operator' as const, certificates: [] },
      { identity: 'vera@fleet.test', role: 'viewer' as const, certificates: [] },
    ].map((operator) => [operator.identity, operator]),
  ),
  owners: new Map([
    [ANNAS_CERTIFICATE.fingerprint, 'anna@fleet.test'],
    [BOBS_CERTIFICATE.fingerprint, 'bob@fleet.test'],
  ]),
  revoked: new Set(),
  identitySource: 'oidc',
  allowedOrigins: new Set([ORIGIN]),
};

export const noHeaders: AccessHeaders = {
  edgeSecret: undefined,
  edgeAdminSecret: undefined,
  serviceSecret: undefined,
  adminToken: undefined,
  authorization: undefined,
  email: undefined,
  certificate: undefined,
  origin: undefined,
  contentType: undefined,
  forwardedFor: undefined,
  duplicated: [],
};

export function tokenOf(identity: string, change: object = {}): NonNullable<RequestFacts['token']> {
  return {
    kind: 'verified',
    identity,
    issuedAt: NOW - 60,
    notBefore: undefined,
    expiresAt: NOW + 240,
    ...change,
  };
}

/** What passes every gate: anna halts the fleet on the admin host. */
export const annaHalts: RequestFacts & { readonly headers: AccessHeaders } = {
  method: 'POST',
  route: { route: 'POST /admin/lamps/halt', role: 'admin' },
  headers: {
    ...noHeaders,
    edgeSecret: SECRETS.edge,
    edgeAdminSecret: SECRETS.edgeAdmin,
    adminToken: SECRETS.adminToken,
    authorization: 'Bearer an.id.token',
    certificate: ANNAS_CERTIFICATE.base64,
    origin: ORIGIN,
    contentType: 'application/json',
  },
  token: tokenOf('anna@fleet.test'),
};

export const veraReads: RequestFacts & { readonly headers: AccessHeaders } = {
  method: 'GET',
  route: { route: 'GET /lamps/{id}', role: 'viewer' },
  headers: { ...noHeaders, edgeSecret: SECRETS.edge, authorization: 'Bearer an.id.token' },
  token: tokenOf('vera@fleet.test'),
};
