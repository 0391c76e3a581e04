import { execFileSync } from 'node:child_process';
import { createHash, X509Certificate } from 'node:crypto';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { CertificateName } from '../cases/request-spec.ts';

export interface KeyPair {
  /** PEM. */
  readonly cert: string;
  readonly key: string;
}

export interface Certificates {
  /** Of the client CA. */
  readonly authority: string;
  readonly server: KeyPair;
  readonly clients: ReadonlyMap<CertificateName, KeyPair>;
}

interface Wanted {
  readonly name: string;
  readonly authority: string;
  readonly usage: 'clientAuth' | 'serverAuth';
  readonly hosts?: readonly string[];
  /** Days from now. */
  readonly from?: number;
  readonly to?: number;
}

const DAY_MS = 86_400_000;
const CLIENTS: readonly (readonly [CertificateName, Partial<Wanted>])[] = [
  ['anna', {}],
  ['arno', {}],
  ['olaf', {}],
  ['vera', {}],
  ['stranger', {}],
  ['revoked', {}],
  ['unregistered', {}],
  ['expired', { from: -8, to: -1 }],
  ['not-yet-valid', { from: 1, to: 8 }],
  ['server-only', { usage: 'serverAuth' }],
  ['wrong-ca', { authority: 'other-ca' }],
];

/** All certificates of the test by openssl: right ones, and ones that are wrong in one way each. */
export function makeCertificates(folder: string, domain: string): Certificates {
  mkdirSync(folder, { recursive: true });
  const openssl = (...args: string[]): void => {
    execFileSync('openssl', args, { cwd: folder, stdio: ['ignore', 'ignore', 'pipe'] });
  };
  for (const authority of ['client-ca', 'other-ca', 'server-ca']) selfSigned(openssl, authority, true);
  selfSigned(openssl, 'self-signed', false);
  const issued = (wanted: Wanted): KeyPair => issue(openssl, folder, wanted);
  const server = issued({
    ...{ name: 'server', authority: 'server-ca', usage: 'serverAuth' },
    hosts: ['app', 'admin', 'grafana'].map((host) => `${host}.${domain}`),
  });
  const clients = new Map<CertificateName, KeyPair>(
    CLIENTS.map(([name, different]) => [
      name,
      issued({ name, authority: 'client-ca', usage: 'clientAuth', ...different }),
    ]),
  );
  clients.set('self-signed', pairOf(folder, 'self-signed'));
  return { authority: readFileSync(join(folder, 'client-ca.crt'), 'utf8'), server, clients };
}

/** SHA-256 of the DER form, as operators.yaml lists it. */
export function fingerprint({ cert }: KeyPair): string {
  return createHash('sha256').update(new X509Certificate(cert).raw).digest('hex');
}

function selfSigned(openssl: (...args: string[]) => void, name: string, isAuthority: boolean): void {
  const usage = isAuthority
    ? ['-addext', 'basicConstraints=critical,CA:TRUE', '-addext', 'keyUsage=critical,keyCertSign']
    : ['-addext', 'basicConstraints=critical,CA:FALSE', '-addext', 'extendedKeyUsage=clientAuth'];
  openssl(
    ...['req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes', '-days', '30'],
    ...['-subj', `/CN=${name}`, '-keyout', `${name}.key`, '-out', `${name}.crt`, ...usage],
  );
}

function issue(openssl: (...args: string[]) => void, folder: string, wanted: Wanted): KeyPair {
  const { name, authority, usage, hosts = [], from = -0.01, to = 7 } = wanted;
  const names = hosts.length === 0 ? '' : `subjectAltName=${hosts.map((host) => `DNS:${host}`).join(',')}\n`;
  writeFileSync(
    join(folder, `${name}.cnf`),
    `[ca]\ndefault_ca=own\n[own]\ndatabase=${name}.index\nnew_certs_dir=.\nrand_serial=yes\ndefault_md=sha256
policy=any\nx509_extensions=leaf\nunique_subject=no\n[any]\ncommonName=supplied\n[leaf]
basicConstraints=critical,CA:FALSE\nkeyUsage=critical,digitalSignature\nextendedKeyUsage=${usage}\n${names}`,
  );
  writeFileSync(join(folder, `${name}.index`), '');
  openssl(
    ...['req', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes', '-subj', `/CN=${name}`],
    ...['-keyout', `${name}.key`, '-out', `${name}.csr`],
  );
  openssl(
    ...['ca', '-batch', '-notext', '-config', `${name}.cnf`, '-cert', `${authority}.crt`],
    ...['-keyfile', `${authority}.key`, '-in', `${name}.csr`, '-out', `${name}.crt`],
    ...['-startdate', asn1Time(from), '-enddate', asn1Time(to)],
  );
  return pairOf(folder, name);
}

function pairOf(folder: string, name: string): KeyPair {
  const read = (ending: string): string => readFileSync(join(folder, `${name}.${ending}`), 'utf8');
  return { cert: read('crt'), key: read('key') };
}

/** `20261123101500Z`. */
function asn1Time(days: number): string {
  return new Date(Date.now() + days * DAY_MS).toISOString().replaceAll(/[-:T]|\.\d+/g, '');
}
