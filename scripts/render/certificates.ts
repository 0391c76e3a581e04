import { createHash, X509Certificate } from 'node:crypto';
import { readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import type { ConfigFault } from '@fleet/shared/config';

const CERTIFICATE = /-----BEGIN CERTIFICATE-----[\s\S]+?-----END CERTIFICATE-----/g;
const DAY_MS = 86_400_000;
const WARNING_DAYS = 14;

export interface Checked {
  readonly faults: ConfigFault[];
  /** What does not stop the rendering: somebody may have to be locked out while a certificate has expired. */
  readonly warnings: string[];
  readonly now: Date;
}

/** The certificate authorities of people's certificates, as text for Traefik: one, or two while they change. */
export function clientAuthorities(sourceDir: string, checked: Checked): readonly string[] {
  const path = join(sourceDir, 'traefik/ca/clients.pem');
  const action = 'run scripts/pki init (or copy clients.pem from the machine that has the CA)';
  const found = readCertificates(path, action, checked.faults);
  for (const { certificate } of found) {
    if (!certificate.ca)
      checked.faults.push({
        name: path,
        problem: `holds ${name(certificate)}, which is not a certificate authority`,
        action,
      });
    warnAboutEnd(path, certificate, 'scripts/pki rotate-ca', checked);
  }
  return found.map(({ pem }) => `${pem}\n`);
}

/**
 * traefik/certs/server.crt, which must be made for the three hosts. Its key is Traefik's alone and is not read. The text
 * is another one as soon as one of the two files is: Traefik watches its own file, and reads them again when it changes.
 */
export function serverCertificate(sourceDir: string, hosts: readonly string[], checked: Checked): string {
  const path = join(sourceDir, 'traefik/certs/server.crt');
  const action = 'run scripts/pki server, or put your own server.crt and server.key there';
  const found = readCertificates(path, action, checked.faults);
  const keyAt = changedAt(join(sourceDir, 'traefik/certs/server.key'), action, checked.faults);
  const leaf = found[0]?.certificate;
  if (leaf === undefined) return '';
  const missing = hosts.filter((host) => leaf.checkHost(host) === undefined);
  if (missing.length > 0)
    checked.faults.push({ name: path, problem: `is not made for ${missing.join(', ')}`, action });
  warnAboutEnd(path, leaf, 'scripts/pki server', checked);
  const digest = createHash('sha256').update(found.map(({ pem }) => pem).join());
  return `server.crt ${digest.digest('hex')}, server.key of ${keyAt}`;
}

/** Of a file that this user may not read. */
function changedAt(path: string, action: string, faults: ConfigFault[]): string {
  const status = statSync(path, { throwIfNoEntry: false });
  if (status !== undefined) return status.mtime.toISOString();
  faults.push({ name: path, problem: 'does not exist', action });
  return '';
}

interface Found {
  readonly pem: string;
  readonly certificate: X509Certificate;
}

function readCertificates(path: string, action: string, faults: ConfigFault[]): readonly Found[] {
  const fault = (problem: string): readonly Found[] => {
    faults.push({ name: path, problem, action });
    return [];
  };
  let text: string;
  try {
    text = readFileSync(path, 'utf8');
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    return fault(code === 'ENOENT' ? 'does not exist' : `cannot be read (${code ?? 'unknown error'})`);
  }
  if (text.includes('PRIVATE KEY')) return fault('holds a private key, which must not be here');
  const blocks = text.match(CERTIFICATE) ?? [];
  if (blocks.length === 0) return fault('holds no certificate in PEM');
  try {
    return blocks.map((pem) => ({ pem, certificate: new X509Certificate(pem) }));
  } catch {
    return fault('holds a certificate that cannot be parsed');
  }
}

function warnAboutEnd(path: string, certificate: X509Certificate, how: string, checked: Checked): void {
  const days = Math.floor((certificate.validToDate.getTime() - checked.now.getTime()) / DAY_MS);
  if (certificate.validFromDate > checked.now)
    checked.warnings.push(`${path}: ${name(certificate)} is not valid yet: compare this machine's clock`);
  else if (days < 0) checked.warnings.push(`${path}: ${name(certificate)} has expired: run ${how}`);
  else if (days < WARNING_DAYS)
    checked.warnings.push(`${path}: ${name(certificate)} ends in ${days} days: run ${how}`);
}

function name(certificate: X509Certificate): string {
  return certificate.subject.replaceAll('\n', ', ');
}
