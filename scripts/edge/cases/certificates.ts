import { administered, lookedAt, stolen } from './bases.ts';
import type { CertificateName, EdgeCase, Refusal } from './request-spec.ts';

const service = (code: string): Refusal => ({ by: 'service', status: 403, code });
const tls = (alert: string): Refusal => ({ by: 'tls', alert });

const OUTSIDE: readonly (readonly [CertificateName, string, Refusal])[] = [
  ['wrong-ca', 'a certificate of the same name by another CA', tls('UNKNOWN_CA')],
  ['self-signed', 'a certificate that signs itself', tls('UNKNOWN_CA')],
  ['expired', 'a certificate that ended yesterday', tls('CERTIFICATE_EXPIRED')],
  ['not-yet-valid', 'a certificate that begins tomorrow', tls('CERTIFICATE_EXPIRED')],
  ['server-only', 'a certificate for servers', tls('BAD_CERTIFICATE')],
  ['revoked', 'a revoked certificate', service('CERTIFICATE_REVOKED')],
  ['unregistered', 'a certificate of the CA that is in nobody’s list', service('CERTIFICATE_UNKNOWN')],
  ['arno', 'another admin’s certificate', service('CERTIFICATE_OF_ANOTHER_PERSON')],
  ['vera', 'a viewer’s certificate with an admin’s sign-in', service('CERTIFICATE_OF_ANOTHER_PERSON')],
];

/** A service judges again what it is handed, whoever hands it on. */
const AGENTS: readonly (readonly [CertificateName, string])[] = [
  ['revoked', 'CERTIFICATE_REVOKED'],
  ['unregistered', 'CERTIFICATE_UNKNOWN'],
  ['expired', 'CERTIFICATE_EXPIRED'],
  ['not-yet-valid', 'CERTIFICATE_NOT_YET_VALID'],
  ['arno', 'CERTIFICATE_OF_ANOTHER_PERSON'],
];

export const CERTIFICATES: readonly EdgeCase[] = [
  ...OUTSIDE.map(
    ([certificate, wrong, refused]): EdgeCase => ({
      id: `certificate.${certificate}`,
      wrong,
      base: refused.by === 'tls' ? lookedAt : administered,
      change: { certificate },
      refused,
    }),
  ),
  ...AGENTS.map(
    ([certificate, code]): EdgeCase => ({
      id: `container.certificate-${certificate}`,
      wrong: `the secrets of the edge and a certificate of kind ${certificate}`,
      base: stolen,
      change: { certificate },
      refused: service(code),
    }),
  ),
  {
    id: 'certificate.sign-in-of-another-admin',
    wrong: 'the sign-in of another admin',
    base: administered,
    change: { person: 'arno' },
    refused: service('CERTIFICATE_OF_ANOTHER_PERSON'),
  },
  {
    id: 'certificate.forged-header-beside-own',
    wrong: 'the header names the victim’s certificate, the handshake used another admin’s',
    base: { ...administered, headers: ['X-Forwarded-Tls-Client-Cert: {certificate:anna}'] },
    change: { certificate: 'arno' },
    refused: service('CERTIFICATE_OF_ANOTHER_PERSON'),
  },
];
