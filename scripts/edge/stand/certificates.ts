import { execFileSync } from 'node:child_process';
import { X509Certificate } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { CertificateName } from '../cases/request-spec.ts';
import { PEOPLE, type Person } from '../provider/people.ts';

export interface KeyPair {
  /** PEM. */
  readonly cert: string;
  readonly key: string;
}

export interface Certificates {
  readonly clients: ReadonlyMap<CertificateName, KeyPair>;
  /** Of the right names, and of yesterday. */
  readonly expiredServer: KeyPair;
}

interface Wanted {
  readonly name: string;
  readonly authority: string;
  readonly usage: 'clientAuth' | 'serverAuth';
  /** Days from now. */
  readonly from?: number;
  readonly to?: number;
  readonly hosts?: readonly string[];
}

/** The command that operators use, with folders of the test. */
export type Pki = (...args: string[]) => void;

const DAY_MS = 86_400_000;
const HOLDERS: readonly Person[] = ['anna', 'arno', 'olaf', 'vera'];
/** Of the fleet's own authority, and wrong in one way each. */
const WRONG: readonly (readonly [CertificateName, Partial<Wanted>])[] = [
  ['unregistered', {}],
  ['expired', { from: -8, to: -1 }],
  ['not-yet-valid', { from: 1, to: 8 }],
  ['server-only', { usage: 'serverAuth' }],
  ['wrong-ca', { authority: 'other-ca' }],
];
/** Listed as Anna's, so that nothing but the one thing is wrong with them. */
const LISTED: readonly CertificateName[] = ['expired', 'not-yet-valid', 'server-only'];

/** The wrong ones, by openssl: what scripts/pki would not make. `folder` is that of the authority's key. */
export function wrongCertificates(folder: string, domain: string): Certificates {
  const openssl = (...args: string[]): void => {
    execFileSync('openssl', args, { cwd: folder, stdio: ['ignore', 'ignore', 'pipe'] });
  };
  selfSigned(openssl, 'other-ca', true);
  selfSigned(openssl, 'self-signed', false);
  const made = WRONG.map(
    ([name, different]) =>
      [name, issue(openssl, folder, { name, authority: 'ca', usage: 'clientAuth', ...different })] as const,
  );
  const expiredServer = issue(openssl, folder, {
    ...{ name: 'expired-server', authority: 'ca', usage: 'serverAuth', from: -8, to: -1 },
    hosts: ['app', 'admin', 'grafana'].map((host) => `${host}.${domain}`),
  });
  return { clients: new Map([...made, ['self-signed', pairOf(folder, 'self-signed')]]), expiredServer };
}

/** Fingerprints that operators.yaml lists for a person before scripts/pki adds the right ones. */
export function listedFor(person: Person, { clients }: Certificates): readonly string[] {
  if (person !== 'anna') return [];
  return LISTED.flatMap((name) => {
    const pair = clients.get(name);
    return pair === undefined ? [] : [fingerprint(pair)];
  });
}

/** The right ones, as an operator makes them; and one that was revoked since. */
export function issueCertificates(pki: Pki, folder: string, wrong: Certificates): Certificates {
  const issued = (person: Person): KeyPair => {
    pki('issue', PEOPLE[person].email);
    const read = (file: string): string =>
      readFileSync(join(folder, 'issued', PEOPLE[person].email, file), 'utf8');
    return { cert: read('cert.pem'), key: read('key.pem') };
  };
  const clients = new Map(wrong.clients);
  const revoked = issued('anna');
  clients.set('revoked', revoked);
  for (const person of HOLDERS) clients.set(person, issued(person));
  pki('revoke', fingerprint(revoked));
  return { ...wrong, clients };
}

/** SHA-256 of the DER form, as operators.yaml lists it. */
export function fingerprint({ cert }: KeyPair): string {
  return new X509Certificate(cert).fingerprint256.replaceAll(':', '').toLowerCase();
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
