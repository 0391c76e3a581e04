import { ADMIN_PAGES, page } from './pages.ts';
import type { CertificateName, EdgeCase } from './request-spec.ts';

/** All of our CA and in time: the handshake lets them in, and only a service knows what is wrong with them. */
const CERTIFICATES: readonly (readonly [CertificateName, string, string])[] = [
  ['revoked', 'a revoked certificate', 'CERTIFICATE_REVOKED'],
  ['unregistered', 'a certificate that is in nobody’s list', 'CERTIFICATE_UNKNOWN'],
  ['arno', 'another admin’s certificate', 'CERTIFICATE_OF_ANOTHER_PERSON'],
  ['vera', 'a viewer’s certificate with an admin’s sign-in', 'CERTIFICATE_OF_ANOTHER_PERSON'],
];

/** Programs that look at no certificate themselves. */
export const PAGE_CERTIFICATES: readonly EdgeCase[] = [
  ...ADMIN_PAGES.flatMap(([name, path]) =>
    CERTIFICATES.map(
      ([certificate, wrong, code]): EdgeCase => ({
        id: `page.${name}-certificate-${certificate}`,
        wrong: `${name} with ${wrong}`,
        base: page(path),
        change: { certificate },
        refused: { by: 'service', status: 403, code },
      }),
    ),
  ),
  {
    id: 'page.prometheus-api-certificate-revoked',
    wrong: 'Prometheus’s API with a revoked certificate',
    base: page('/prometheus/api/v1/status/buildinfo'),
    change: { certificate: 'revoked' },
    refused: { by: 'service', status: 403, code: 'CERTIFICATE_REVOKED' },
  },
  {
    id: 'page.silence-certificate-of-another-admin',
    wrong: 'a silence with another admin’s certificate',
    base: {
      ...page('/alertmanager/api/v2/silences'),
      method: 'POST',
      contentType: 'application/json',
      origin: 'https://admin.{domain}:{adminPort}',
      body: '{"matchers":[{"name":"alertname","value":"EdgeTest","isRegex":false,"isEqual":true}],"startsAt":"2030-01-01T00:00:00Z","endsAt":"2030-01-01T00:01:00Z","createdBy":"anna","comment":"edge test"}',
    },
    change: { certificate: 'arno' },
    refused: { by: 'service', status: 403, code: 'CERTIFICATE_OF_ANOTHER_PERSON' },
  },
  {
    id: 'page.certified-as-an-address',
    wrong: 'the question of the edge, asked by a person',
    base: page('/api/notification-manager/status'),
    change: { path: '/api/notification-manager/access/certified' },
    refused: { by: 'traefik', status: 404 },
  },
];
