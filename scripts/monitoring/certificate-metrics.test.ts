import { execFileSync, spawnSync } from 'node:child_process';
import {
  appendFileSync,
  copyFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { root } from '../checks/source-tree.ts';

/** Of the system, not of npm. */
const OPENSSL = 'openssl';
let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'certificates-'));
  for (const name of ['pki', 'textfile', 'ca']) mkdirSync(join(folder, name));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

function certificate(path: string, name: string, dates: string, usage: string): string {
  execFileSync(
    OPENSSL,
    [
      ...['req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes'],
      ...['-keyout', join(folder, 'key.pem'), '-out', path, '-subj', `/CN=${name}`, '-days', dates],
      ...['-addext', usage],
    ],
    { stdio: 'pipe' },
  );
  return readFileSync(path, 'utf8');
}

const run = (over: Readonly<Record<string, string>> = {}) =>
  spawnSync(join(root, 'scripts/certificate-metrics'), {
    encoding: 'utf8',
    env: {
      PATH: process.env['PATH'],
      CERTIFICATES_DIR: folder,
      PKI_DIR: join(folder, 'pki'),
      TEXTFILE_DIR: join(folder, 'textfile'),
      ...over,
    },
  });
const written = () => readFileSync(join(folder, 'textfile/certificates.prom'), 'utf8');
const endOf = (kind: string, name: string) =>
  Number(new RegExp(`\\{kind="${kind}",name="${name}"\\} (\\d+)$`, 'm').exec(written())?.[1]);

test('both CAs of an overlap, and of each person the newest certificate', () => {
  const ca = join(folder, 'ca/clients.pem');
  certificate(ca, 'old clients CA', '20', 'basicConstraints=critical,CA:TRUE');
  appendFileSync(
    ca,
    certificate(join(folder, 'new.pem'), 'new clients CA', '400', 'basicConstraints=critical,CA:TRUE'),
  );
  certificate(join(folder, 'pki/anna-1.crt'), 'anna', '3', 'extendedKeyUsage=clientAuth');
  certificate(join(folder, 'pki/anna-2.crt'), 'anna', '7', 'extendedKeyUsage=clientAuth');
  certificate(join(folder, 'pki/app.crt'), 'app.example.com', '90', 'extendedKeyUsage=serverAuth');
  writeFileSync(join(folder, 'pki/clients.key.pem'), 'no certificate');
  const { status, stdout, stderr } = run();
  expect(stderr).toBe('');
  expect(status).toBe(0);
  expect(stdout).toContain('3 certificates');
  expect(written()).not.toContain('app.example.com');
  const [day, checked] = [
    86_400,
    Number(/^pki_certificates_checked_timestamp_seconds (\d+)$/m.exec(written())?.[1]),
  ];
  expect((endOf('ca', 'old clients CA') - checked) / day).toBeCloseTo(20, 1);
  expect((endOf('ca', 'new clients CA') - checked) / day).toBeCloseTo(400, 1);
  expect((endOf('client', 'anna') - checked) / day).toBeCloseTo(7, 1);
});

test('without any certificate it fails and leaves the file that gets old', () => {
  const { status, stderr } = run();
  expect(status).toBe(1);
  expect(stderr).toMatch(
    /there is no certificate in .*ca\/clients[.]pem.*\n.*what to do: set CERTIFICATES_DIR/s,
  );
  expect(existsSync(join(folder, 'textfile/certificates.prom'))).toBe(false);
  writeFileSync(join(folder, 'textfile/certificates.prom'), 'of yesterday\n');
  expect(run().status).toBe(1);
  expect(written()).toBe('of yesterday\n');
});

test('folders of .env count as for Compose, from the checkout on', () => {
  const checkout = join(folder, 'checkout');
  for (const name of ['scripts', 'certificates/ca', 'keys', 'figures'])
    mkdirSync(join(checkout, name), { recursive: true });
  copyFileSync(join(root, 'scripts/certificate-metrics'), join(checkout, 'scripts/certificate-metrics'));
  certificate(
    join(checkout, 'certificates/ca/clients.pem'),
    'clients',
    '20',
    'basicConstraints=critical,CA:TRUE',
  );
  certificate(join(checkout, 'keys/anna.crt'), 'anna', '7', 'extendedKeyUsage=clientAuth');
  writeFileSync(
    join(checkout, '.env'),
    `CERTIFICATES_DIR=./certificates\nPKI_DIR="${join(checkout, 'keys')}"\nTEXTFILE_DIR=figures # of the host\n`,
  );
  const { status, stderr } = spawnSync(join(checkout, 'scripts/certificate-metrics'), {
    encoding: 'utf8',
    env: { PATH: process.env['PATH'] },
  });
  expect([stderr, status]).toEqual(['', 0]);
  const text = readFileSync(join(checkout, 'figures/certificates.prom'), 'utf8');
  expect(text).toContain('{kind="ca",name="clients"}');
  expect(text).toContain('{kind="client",name="anna"}');
});

test.each([
  [
    'a broken CA file',
    () => writeFileSync(join(folder, 'ca/clients.pem'), '-----BEGIN CERTIFICATE-----\nx\n'),
    {},
    /holds no certificate/,
  ],
  ['no folder to write to', () => undefined, { TEXTFILE_DIR: '/nowhere' }, /there is no folder \/nowhere/],
])('%s is said, with what to do', (_what, prepare, over, problem) => {
  prepare();
  const { status, stderr } = run(over);
  expect(status).toBe(1);
  expect(stderr).toMatch(problem);
  expect(stderr).toContain('what to do');
});
