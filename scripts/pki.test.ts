import { execFileSync, spawnSync } from 'node:child_process';
import { X509Certificate } from 'node:crypto';
import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseOperators } from '@fleet/shared/access';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';

const SCRIPT = join(import.meta.dirname, 'pki');
/** Of digits alone: without quotes it would be a number of YAML. */
const OTHER = '1'.repeat(64);
const PEOPLE = `# the head stays
operators:
  - identity: anna@example.com  # boss
    role: admin
    certificates: []   # written by pki
  - role: operator
    identity: "olaf@example.com"
    certificates:
      - "${OTHER}" # an old laptop
# between
  - identity: vera@example.com
    role: viewer
`;

let made: string;
let home: string;
const path = (...parts: string[]): string => join(home, ...parts);
const read = (...parts: string[]): string => readFileSync(path(...parts), 'utf8');

function pki(...words: string[]): { code: number | null; text: string } {
  const { status, stdout, stderr } = spawnSync(SCRIPT, words, {
    cwd: '/',
    encoding: 'utf8',
    env: {
      PATH: process.env['PATH'],
      PKI_DIR: path('pki'),
      CONFIG_DIR: path('config'),
      CERTIFICATES_DIR: path('traefik'),
      DOMAIN: 'fleet.test',
    },
  });
  const text = stdout + stderr;
  expect(text).not.toContain('PRIVATE KEY');
  return { code: status, text };
}
function done(...words: string[]): string {
  const { code, text } = pki(...words);
  expect(text).toSatisfy(() => code === 0);
  return text;
}
const certificate = (name: string): X509Certificate =>
  new X509Certificate(read('pki/issued', name, 'cert.pem'));
const printOf = (name: string): string => certificate(name).fingerprint256.replaceAll(':', '').toLowerCase();
const person = (name: string) =>
  parseOperators(read('config/operators.yaml')).find(({ identity }) => identity === name);
const verify = (name: string): number | null =>
  spawnSync('openssl', [
    'verify',
    '-purpose',
    'sslclient',
    '-CAfile',
    path('traefik/ca/clients.pem'),
    path('pki/issued', name, 'cert.pem'),
  ]).status;

beforeAll(() => {
  made = mkdtempSync(join(tmpdir(), 'pki-made-'));
  home = made;
  mkdirSync(path('config'));
  writeFileSync(path('config/operators.yaml'), PEOPLE, { mode: 0o644 });
  writeFileSync(path('config/revoked-certificates.txt'), '# nobody yet\n');
  done('init');
});
afterAll(() => rmSync(made, { recursive: true }));
beforeEach(({ onTestFinished }) => {
  const folder = mkdtempSync(join(tmpdir(), 'pki-'));
  cpSync(made, folder, { recursive: true, preserveTimestamps: true });
  home = folder;
  onTestFinished(() => rmSync(folder, { recursive: true }));
});

describe('pki init', () => {
  it('makes an authority once', () => {
    const bundle = read('traefik/ca/clients.pem');
    const authority = new X509Certificate(bundle);
    expect(authority.ca).toBe(true);
    expect(done('init')).toContain('was there');
    expect(read('traefik/ca/clients.pem')).toBe(bundle);
    expect(statSync(path('pki')).mode & 0o777).toBe(0o700);
    expect(statSync(path('pki/ca.key')).mode & 0o777).toBe(0o600);
    expect(statSync(path('traefik/ca')).mode & 0o777).toBe(0o755);
  });

  it('does not make a second one beside one whose key is elsewhere', () => {
    rmSync(path('pki'), { recursive: true });
    expect(pki('init')).toMatchObject({ code: 1, text: expect.stringContaining('whose key is not in') });
  });
});

describe('pki issue', () => {
  it('gives a person a key, a certificate and a file for browsers', () => {
    done('issue', 'anna@example.com', '--days', '3');
    const leaf = certificate('anna@example.com');
    expect(leaf.subject).toContain('CN=anna@example.com');
    expect(leaf.subjectAltName).toBe('email:anna@example.com');
    expect(leaf.keyUsage).toEqual(['1.3.6.1.5.5.7.3.2']); // id-kp-clientAuth, RFC 5280 section 4.2.1.12
    expect(leaf.publicKey.asymmetricKeyDetails?.namedCurve).toBe('prime256v1');
    const days = (leaf.validToDate.getTime() - leaf.validFromDate.getTime()) / 86_400_000;
    expect(days).toBe(3);
    expect(verify('anna@example.com')).toBe(0);
    for (const file of readdirSync(path('pki/issued/anna@example.com')))
      expect(statSync(path('pki/issued/anna@example.com', file)).mode & 0o777).toBe(0o600);
    const folder = path('pki/issued/anna@example.com');
    const password = `file:${folder}/p12-password`;
    const held = execFileSync('openssl', [
      ...['pkcs12', '-in', `${folder}/browser.p12`, '-passin', password, '-nodes'],
    ]).toString();
    expect(held).toContain('BEGIN PRIVATE KEY');
  });

  it('writes the fingerprint beside the person and leaves the rest of the file as it was', () => {
    done('issue', 'anna@example.com');
    done('issue', 'olaf@example.com');
    done('issue', 'vera@example.com');
    expect(person('anna@example.com')?.certificates).toEqual([printOf('anna@example.com')]);
    expect(person('olaf@example.com')?.certificates).toEqual([OTHER, printOf('olaf@example.com')]);
    expect(person('vera@example.com')?.certificates).toEqual([printOf('vera@example.com')]);
    const text = read('config/operators.yaml');
    for (const line of PEOPLE.split('\n').filter((each) => each.includes('#')))
      expect(text).toContain(line.includes('[]') ? '# written by pki' : line);
    expect(statSync(path('config/operators.yaml')).mode & 0o777).toBe(0o644);
  });

  it.each([
    ['a person who is not in the list', ['issue', 'eve@example.com'], 'eve@example.com is not in'],
    ['a name that is no address', ['issue', 'Anna'], 'is not an e-mail address in lower case'],
    ['a path', ['issue', '../x@example.com'], 'is not an e-mail address'],
    ['too long a life', ['issue', 'anna@example.com', '--days', '91'], 'is not between 1 and 90'],
    ['nobody', ['issue'], "needs the person's e-mail"],
    ['a renewal of nothing', ['renew', 'anna@example.com'], 'has no certificate in'],
    ['a revocation of nothing', ['revoke', 'anna@example.com'], 'no certificate that still counts'],
    ['another command', ['isue', 'anna@example.com'], 'unknown command'],
  ])('refuses %s and changes nothing', (_name, words, reason) => {
    const { code, text } = pki(...words);
    expect(code).toBe(1);
    expect(text).toContain(reason);
    expect(text).toContain('what to do:');
    expect(read('config/operators.yaml')).toBe(PEOPLE);
    expect(existsSync(path('pki/issued'))).toBe(false);
  });

  it('refuses without an authority', () => {
    rmSync(path('pki'), { recursive: true });
    expect(pki('issue', 'anna@example.com').text).toContain('scripts/pki init');
  });

  it('refuses a list that it cannot change', () => {
    const flow = 'operators: \n  - { identity: anna@example.com, role: admin }\n';
    writeFileSync(path('config/operators.yaml'), flow);
    expect(pki('issue', 'anna@example.com').text).toContain('in a way this script cannot change');
    expect(read('config/operators.yaml')).toBe(flow);
  });
});

describe('pki revoke and renew', () => {
  it('renews with an overlap', () => {
    done('issue', 'anna@example.com');
    const first = printOf('anna@example.com');
    const key = read('pki/issued/anna@example.com/key.pem');
    expect(done('renew', 'anna@example.com')).toContain(`${first}, counts until`);
    expect(read('pki/issued/anna@example.com/key.pem')).not.toBe(key);
    expect(person('anna@example.com')?.certificates).toEqual([first, printOf('anna@example.com')]);
  });

  it('revokes all of a person, once', () => {
    done('issue', 'anna@example.com');
    const first = printOf('anna@example.com');
    done('renew', 'anna@example.com');
    done('revoke', 'anna@example.com');
    const list = read('config/revoked-certificates.txt');
    expect(list).toContain('# nobody yet\n');
    expect(list).toContain(`${first} # anna@example.com, `);
    expect(list).toContain(printOf('anna@example.com'));
    expect(person('anna@example.com')?.certificates).toEqual([]);
    expect(done('revoke', 'anna@example.com')).toContain('was revoked already');
    expect(read('config/revoked-certificates.txt')).toBe(list);
    expect(done('list')).toMatch(new RegExp(`anna@example.com .* revoked, ${first}`));
  });

  it('revokes by name also what the list of people counts as theirs and another machine issued', () => {
    done('issue', 'olaf@example.com');
    const own = printOf('olaf@example.com');
    done('revoke', 'olaf@example.com');
    const list = read('config/revoked-certificates.txt').split('\n');
    for (const print of [own, OTHER])
      expect(list.filter((line) => line.startsWith(`${print} # `))).toHaveLength(1);
    expect(person('olaf@example.com')?.certificates).toEqual([]);
  });

  it('begins a line of its own where somebody left the last one without an end', () => {
    writeFileSync(path('config/revoked-certificates.txt'), '# a note by hand');
    done('revoke', OTHER);
    const text = read('config/revoked-certificates.txt');
    expect(text).toMatch(new RegExp(`^# a note by hand\\n${OTHER} # unknown, [-0-9]+\\n$`));
  });

  it('revokes a fingerprint that it did not issue, in any spelling', () => {
    const spelt = OTHER.replaceAll(/..(?=.)/g, '$&:').toUpperCase();
    done('revoke', spelt);
    expect(read('config/revoked-certificates.txt')).toContain(OTHER);
    expect(person('olaf@example.com')?.certificates).toEqual([]);
  });

  it('lists what is there, with an expired certificate named so and taken from the list at the next one', () => {
    done('issue', 'vera@example.com');
    const [key, ca] = [path('pki/ca.key'), path('pki/ca.crt')];
    const old = path('pki/old');
    const run = (...words: string[]): void => void execFileSync('openssl', words, { stdio: 'ignore' });
    run('req', '-new', '-key', key, '-subj', '/CN=vera@example.com', '-out', `${old}.csr`);
    run(
      'x509',
      '-req',
      '-in',
      `${old}.csr`,
      '-CA',
      ca,
      '-CAkey',
      key,
      '-set_serial',
      '7',
      '-days',
      '-1',
      '-out',
      old,
    );
    const print = new X509Certificate(readFileSync(old)).fingerprint256.replaceAll(':', '').toLowerCase();
    cpSync(old, path('pki/certificates', `${print}.crt`));
    const text = read('config/operators.yaml');
    writeFileSync(
      path('config/operators.yaml'),
      text.replace(`"${printOf('vera@example.com')}"`, `"${print}", "${printOf('vera@example.com')}"`),
    );
    expect(done('list')).toMatch(new RegExp(`vera@example.com .* expired, ${print}`));
    done('renew', 'vera@example.com');
    expect(person('vera@example.com')?.certificates).toHaveLength(2);
    expect(person('vera@example.com')?.certificates).not.toContain(print);
  });
});

describe('pki rotate-ca', () => {
  it('lets both count until it is finished, and does not forget anybody', () => {
    done('issue', 'anna@example.com');
    const before = read('pki/issued/anna@example.com/cert.pem');
    done('rotate-ca');
    expect(read('traefik/ca/clients.pem').match(/BEGIN CERTIFICATE/g)).toHaveLength(2);
    expect(verify('anna@example.com')).toBe(0);
    expect(pki('rotate-ca').text).toContain('a rotation is under way');
    expect(pki('rotate-ca', '--finish')).toMatchObject({
      code: 1,
      text: expect.stringContaining('anna@example.com'),
    });
    done('renew', 'anna@example.com');
    expect(verify('anna@example.com')).toBe(0);
    done('rotate-ca', '--finish');
    expect(read('traefik/ca/clients.pem').match(/BEGIN CERTIFICATE/g)).toHaveLength(1);
    expect(verify('anna@example.com')).toBe(0);
    writeFileSync(path('pki/issued/anna@example.com/cert.pem'), before);
    expect(verify('anna@example.com')).not.toBe(0);
    expect(pki('rotate-ca', '--finish').text).toContain('no rotation is under way');
  });

  it('locks out the rest when told to', () => {
    done('issue', 'anna@example.com');
    done('rotate-ca');
    done('rotate-ca', '--finish', '--now');
    expect(verify('anna@example.com')).not.toBe(0);
  });
});

describe('pki server', () => {
  it('makes a certificate for the three hosts once, by an authority of its own', () => {
    // Without root and without Docker the key's owner cannot be changed, which it says: that is not what is tested here.
    pki('server');
    const leaf = new X509Certificate(read('traefik/certs/server.crt'));
    for (const host of ['app.fleet.test', 'admin.fleet.test', 'grafana.fleet.test'])
      expect(leaf.checkHost(host)).toBe(host);
    expect(leaf.checkHost('fleet.test')).toBeUndefined();
    expect(leaf.keyUsage).toEqual(['1.3.6.1.5.5.7.3.1']); // id-kp-serverAuth
    const status = (bundle: string): number | null =>
      spawnSync('openssl', ['verify', '-CAfile', path(bundle), path('traefik/certs/server.crt')]).status;
    expect(status('traefik/certs/server-ca.crt')).toBe(0);
    expect(status('traefik/ca/clients.pem')).not.toBe(0);
    const first = read('traefik/certs/server.crt');
    expect(pki('server').text).toContain('was there');
    expect(read('traefik/certs/server.crt')).toBe(first);
    expect(pki('server', '--renew').text).toContain('--no-deps render, and Traefik shows it');
    expect(read('traefik/certs/server.crt')).not.toBe(first);
    expect(statSync(path('traefik/certs/server.key')).mode & 0o777).toBe(0o400);
  });
});

it('folders of .env count as for Compose, from the checkout on', () => {
  mkdirSync(path('checkout/scripts'), { recursive: true });
  cpSync(SCRIPT, path('checkout/scripts/pki'));
  writeFileSync(path('checkout/.env'), 'CERTIFICATES_DIR=./certificates\nPKI_DIR="keys" # of the host\n');
  const env = { PATH: process.env['PATH'], CONFIG_DIR: path('config') };
  const { status } = spawnSync(path('checkout/scripts/pki'), ['init'], { env });
  expect(status).toBe(0);
  expect(read('checkout/certificates/ca/clients.pem')).toBe(read('checkout/keys/ca.crt'));
});
