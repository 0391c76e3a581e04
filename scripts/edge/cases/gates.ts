import { administered, changed, stolen, viewed } from './bases.ts';
import type { EdgeCase, Refusal, RequestSpec } from './request-spec.ts';

interface Gate {
  readonly name: string;
  readonly missing: Partial<RequestSpec>;
  readonly refused: Refusal;
}

const service = (status: number, code: string): Refusal => ({ by: 'service', status, code });
const NO_CERTIFICATE: Refusal = { by: 'tls', alert: 'CERTIFICATE_REQUIRED' };
const NOBODY: Refusal = { by: 'oauth2-proxy', status: 401 };

/** In the order in which a request comes to them: of two that are missing the first one refuses. */
const OUTSIDE: readonly Gate[] = [
  { name: 'certificate', missing: { certificate: undefined }, refused: NO_CERTIFICATE },
  { name: 'identity', missing: { signedIn: undefined }, refused: NOBODY },
  { name: 'role', missing: { person: 'olaf' }, refused: { by: 'oauth2-proxy', status: 403 } },
  { name: 'admin-token', missing: { adminToken: undefined }, refused: service(401, 'ADMIN_TOKEN_MISSING') },
];

const AGENTS: readonly Gate[] = [
  { name: 'edge-secret', missing: { edgeSecret: undefined }, refused: service(401, 'EDGE_SECRET_MISSING') },
  { name: 'identity', missing: { signedIn: undefined }, refused: service(401, 'ID_TOKEN_MISSING') },
  { name: 'role', missing: { person: 'olaf' }, refused: service(403, 'ROLE_INSUFFICIENT') },
  {
    name: 'admin-entry',
    missing: { edgeAdminSecret: undefined },
    refused: service(403, 'EDGE_ADMIN_SECRET_MISSING'),
  },
  {
    name: 'certificate',
    missing: { certificate: undefined },
    refused: service(403, 'CERTIFICATE_MISSING'),
  },
  { name: 'admin-token', missing: { adminToken: undefined }, refused: service(401, 'ADMIN_TOKEN_MISSING') },
];

function missing(prefix: string, base: RequestSpec, gates: readonly Gate[]): EdgeCase[] {
  const alone = gates.map(
    (gate): EdgeCase => ({
      id: `${prefix}.without-${gate.name}`,
      wrong: `${gate.name} is missing, everything else is there`,
      base,
      change: gate.missing,
      refused: gate.refused,
    }),
  );
  const pairs = gates.flatMap((first, index) =>
    gates.slice(index + 1).map(
      (second): EdgeCase => ({
        id: `${prefix}.without-${first.name}-and-${second.name}`,
        wrong: `${first.name} and ${second.name} are missing`,
        base,
        change: { ...first.missing, ...second.missing },
        gates: 2,
        refused: first.refused,
      }),
    ),
  );
  return [...alone, ...pairs];
}

/** Each gate missing alone and in pairs, from outside and from a container beside the service. */
export const GATES: readonly EdgeCase[] = [
  ...missing('edge', administered, OUTSIDE),
  ...missing('container', stolen, AGENTS),
  {
    id: 'role.viewer-changes',
    wrong: 'a viewer gives an operator’s order',
    base: changed,
    change: { person: 'vera' },
    refused: service(403, 'ROLE_INSUFFICIENT'),
    passes: 202,
  },
  {
    id: 'role.operator-on-admin-host',
    wrong: 'an operator with a certificate asks on the admin host',
    base: administered,
    change: { person: 'olaf', certificate: 'olaf' },
    gates: 2,
    refused: { by: 'oauth2-proxy', status: 403 },
  },
  {
    id: 'app.without-session',
    wrong: 'nobody is signed in',
    base: viewed,
    change: { signedIn: undefined },
    refused: NOBODY,
  },
  {
    id: 'edge.wrong-admin-token',
    wrong: 'the admin token is wrong',
    base: administered,
    change: { adminToken: 'wrong' },
    refused: service(401, 'ADMIN_TOKEN_WRONG'),
  },
  {
    id: 'container.wrong-edge-secret',
    wrong: 'a guessed edge secret',
    base: stolen,
    change: { edgeSecret: 'wrong' },
    refused: service(401, 'EDGE_SECRET_WRONG'),
  },
  {
    id: 'container.other-services-edge-secret',
    wrong: 'the edge secret of another service',
    base: stolen,
    change: { edgeSecret: 'other' },
    refused: service(401, 'EDGE_SECRET_WRONG'),
  },
  {
    id: 'container.wrong-admin-entry-secret',
    wrong: 'a guessed secret of the admin entry point',
    base: stolen,
    change: { edgeAdminSecret: 'wrong' },
    refused: service(403, 'EDGE_ADMIN_SECRET_WRONG'),
  },
  {
    id: 'container.second-certificate-counts-not',
    wrong: 'the right certificate comes second in the header',
    base: { ...stolen, certificate: undefined, headers: ['X-Forwarded-Tls-Client-Cert: {certificate:anna}'] },
    change: { headers: ['X-Forwarded-Tls-Client-Cert: {certificate:arno},{certificate:anna}'] },
    refused: service(403, 'CERTIFICATE_OF_ANOTHER_PERSON'),
  },
  {
    id: 'container.two-tokens',
    wrong: 'two Authorization headers',
    base: { ...stolen, signedIn: undefined, headers: ['Authorization: Bearer {token:anna}'] },
    change: { headers: ['Authorization: Bearer {token:anna}', 'Authorization: Bearer {token:vera}'] },
    refused: service(400, 'HEADER_DUPLICATED'),
  },
];
