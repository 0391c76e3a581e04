import { administered, lookedAt, viewed } from './bases.ts';
import type { EdgeCase, RequestSpec } from './request-spec.ts';

const pages = (status: number | readonly number[]) => ({ by: 'traefik', status }) as const;
const tls = (alert = '') => ({ by: 'tls', alert }) as const;
/** With everything that an admin has, so that only the name or the port is wrong. */
const publicly: RequestSpec = { ...viewed, person: 'anna', adminToken: 'right' };
const APP = 'app.{domain}:{httpsPort}';
const ADMIN = 'admin.{domain}:{adminPort}';
const TWO = 2;

/** Names, ports and versions that do not belong together. */
export const HOSTS: readonly EdgeCase[] = [
  {
    id: 'host.sni-app-host-admin-public-port',
    wrong: 'the TLS name is app., the Host header admin., on the public port',
    base: publicly,
    change: { host: 'admin.{domain}' },
    refused: pages(404),
  },
  {
    id: 'host.admin-on-public-port',
    wrong: 'the admin host is asked for at the public port',
    base: publicly,
    change: { sni: 'admin.{domain}', host: 'admin.{domain}' },
    gates: TWO,
    refused: tls(),
  },
  {
    id: 'host.admin-route-on-public-host',
    wrong: 'an admin’s question at the public host and port',
    base: administered,
    change: { entry: 'app' },
    refused: pages(404),
  },
  {
    id: 'host.app-on-admin-port',
    wrong: 'the public host is asked for at the admin port, with a certificate',
    base: lookedAt,
    change: { sni: 'app.{domain}', host: 'app.{domain}' },
    gates: TWO,
    refused: pages(404),
  },
  {
    id: 'host.sni-admin-host-app-admin-port',
    wrong: 'the TLS name is admin., the Host header app., on the admin port',
    base: lookedAt,
    change: { host: APP },
    refused: pages(404),
  },
  {
    id: 'host.sni-admin-host-app-public-port',
    wrong: 'the TLS name is admin., the Host header app., on the public port',
    base: publicly,
    change: { sni: 'admin.{domain}' },
    refused: tls('CERTIFICATE_REQUIRED'),
  },
  {
    id: 'host.sni-app-without-certificate-admin-port',
    // With a certificate the name changes nothing: every name of this port has the same strict options.
    wrong: 'the TLS name is app. to get round the client certificate of the admin port',
    base: lookedAt,
    change: { sni: 'app.{domain}', certificate: undefined },
    gates: TWO,
    refused: tls('CERTIFICATE_REQUIRED'),
  },
  {
    id: 'host.no-sni-admin-port',
    wrong: 'no TLS name at the admin port',
    base: lookedAt,
    change: { sni: null },
    refused: tls(),
  },
  {
    id: 'host.no-sni-public-port',
    wrong: 'no TLS name at the public port',
    base: publicly,
    change: { sni: null },
    refused: tls(),
  },
  {
    id: 'host.unknown-sni',
    wrong: 'a TLS name that nobody has',
    base: publicly,
    change: { sni: 'other.example.com' },
    refused: tls(),
  },
  {
    id: 'host.unknown-host',
    wrong: 'a Host header that nobody has',
    base: publicly,
    change: { host: 'other.example.com' },
    refused: pages(404),
  },
  {
    id: 'host.two-hosts',
    wrong: 'two Host headers',
    base: lookedAt,
    change: { host: [ADMIN, APP] },
    refused: pages(400),
  },
  {
    id: 'host.empty',
    wrong: 'an empty Host header',
    base: publicly,
    change: { host: '' },
    refused: pages(404),
  },
  {
    id: 'host.absolute-form',
    wrong: 'the request line names the admin host, the Host header the public one',
    base: publicly,
    change: { path: 'https://admin.{domain}/api/orchestrator/admin/streams/pending' },
    refused: pages(404),
  },
  {
    id: 'host.http-1.0-without-host',
    wrong: 'HTTP/1.0 without a Host header',
    base: publicly,
    change: { http: '1.0', host: [] },
    gates: TWO,
    refused: pages(404),
  },
  {
    id: 'tls.plain-http',
    wrong: 'HTTP without TLS at the HTTP port: sent to HTTPS and no further',
    base: publicly,
    change: { entry: 'http' },
    refused: pages(301),
  },
  {
    id: 'tls.none-at-public-port',
    wrong: 'HTTP without TLS at the HTTPS port',
    base: publicly,
    change: { tls: 'none' },
    refused: pages(404),
  },
  {
    id: 'tls.none-at-admin-port',
    wrong: 'HTTP without TLS at the admin port',
    base: lookedAt,
    change: { tls: 'none' },
    refused: pages(404),
  },
  ...(['TLSv1', 'TLSv1.1'] as const).flatMap((version): EdgeCase[] => [
    {
      id: `tls.${version}-public`,
      wrong: `${version} at the public port`,
      base: publicly,
      change: { tls: { version } },
      refused: tls('PROTOCOL_VERSION'),
    },
    {
      id: `tls.${version}-admin`,
      wrong: `${version} at the admin port`,
      base: lookedAt,
      change: { tls: { version } },
      refused: tls('PROTOCOL_VERSION'),
    },
  ]),
  {
    id: 'tls.old-cipher-admin',
    wrong: 'TLS 1.2 with a cipher without forward secrecy at the admin port',
    base: lookedAt,
    change: { tls: { ciphers: 'AES128-SHA' } },
    refused: tls('HANDSHAKE_FAILURE'),
  },
];
