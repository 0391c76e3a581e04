import { execFileSync, spawnSync } from 'node:child_process';
import { generateKeyPairSync, randomBytes } from 'node:crypto';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { scanFile, scanText } from './checks/secret-rules.ts';

// Put together here, so that this file holds none.
const letters = 'q7Rz2LmXw9KfTb4VnYc8HdPs';
const pem = generateKeyPairSync('ed25519').privateKey.export({ type: 'pkcs8', format: 'pem' }).toString();
const hex = '4f9a1c7be2d8603f5a90'.repeat(3);
const [hex48, hex24] = [hex.slice(0, 48), hex.slice(0, 24)];
const base64 = (text: string): string => Buffer.from(text).toString('base64');
const PLANTED: readonly [kind: string, file: string, content: string][] = [
  ['private key', 'notes.md', pem],
  ['private key', 'config.ts', `const key = ${JSON.stringify(pem)};`],
  ['Slack token', 'config.yaml', `bot: ${['xoxb', '123456789012', '123456789012', letters].join('-')}`],
  ['Slack webhook', 'a.yml', `url: https://hooks.${'slack.com'}/services/T0A1B2C3D/B0A1B2C3D/${letters}`],
  ['Anthropic key', 'a.ts', `const k = '${['sk', 'ant', `api03-${letters}`].join('-')}';`],
  ['AWS key', 'a.env', `AWS_ID=${'AKIA'}ABCDEFGHIJKLMNOP`],
  ['GitHub token', 'a.sh', `export T=${'ghp'}_${letters}${letters}`],
  ['Google key', 'a.json', `{"k": "${'AIza'}Sy${letters}${letters.slice(0, 9)}"}`],
  ['JSON web token', 'a.txt', [`eyJ${letters}`, `eyJ${letters}`, letters].join('.')],
  ['password in an address', 'b.ts', `const url = 'postgres://fleet:${letters}@db:5432/fleet';`],
  ['random value', 'c.yaml', `admin_token: ${letters}${letters}`],
  ['random value', 'd.env', `DB_PASSWORD=${'4f9a1c7be2d860'.repeat(3)}`],
  ['file of a key', 'anna.p12', 'binary'],
  ['file of a key', 'server.key', 'anything'],
  ['nothing but a random value', 'admin_token', `${hex48}\n`],
  ['nothing but a random value', 'a.txt', hex24],
  ['nothing but a random value', 'b.txt', `${letters}${letters}=\n`],
  ['nothing but a random value', 'c.txt', `${base64(pem)}\n`.replace(/(.{64})/g, '$1\n')],
  ['password of Redis', 'users.acl', `user x on >${hex48} ~* +@all`],
  ['password of Redis', 'other.acl', `user x reset on ~trades:* >${letters}`],
  ['password in an address', 'e.yaml', `redis_url: redis://:${hex48}@redis:6379`],
  ['password in an address', 'f.yaml', `redis_url: redis://:${'hunter'}2x@redis:6379`],
  ['credentials of a header', 'g.sh', `curl -H 'Authorization: Bearer ${hex48}' http://x`],
  ['credentials of a header', 'h.md', `Authorization: bearer ${letters}`],
  ['credentials of a header', 'i.ts', `headers: { Authorization: 'Basic ${base64(`prometheus:${hex24}`)}' }`],
  ['credentials of a header', 'j.ts', `headers: { Authorization: 'Basic ${base64('anna:hunter2hunter')}' }`],
  ['Slack token', 'k.yaml', `app: ${['xapp', '1', 'A012345678', '1234567890123', hex48].join('-')}`],
  ['dead man’s address', 'l.yaml', `url: https://hc-ping.com/${'4f9a1c7b-e2d8-603f-5a90-4f9a1c7be2d8'}`],
  ['random value', 'm.json', `{"password":"${hex24}"}`],
  ['random value', 'n.yaml', `admin_token:\n  ${hex48}`],
  ['random value', 'o.yaml', `admin_token: >-\n  ${letters}`],
  ['random value', 'p.sh', `export ADMIN_TOKEN=\\\n${hex48}`],
  ['random value', 'q.yaml', `- name: ADMIN_TOKEN\n  value: ${hex48}`],
  ['random value', 'r.json', `{\n "key": "admin_token",\n "value": "${hex48}"\n}`],
  ['password', 's.env', `POSTGRES_PASSWORD=${'hunter'}2!`],
  ['password', 't.yaml', `  password: "${'Tr0ub4dor'}"`],
];

const HARMLESS = [
  "const token = readFileSync('/run/secrets/admin_token', 'utf8');",
  'ADMIN_TOKEN_FILE: /run/secrets/admin_token',
  `password: ${'$'}{POSTGRES_PASSWORD:-}`,
  'postgres://USER:PASSWORD@postgres:5432/fleet',
  `postgres://fleet_admin:${'$'}{password}@postgres:5432/fleet`,
  'secretName = "orchestrator-database-url-of-the-service"',
  '-----BEGIN PRIVATE KEY----- (what the file begins with)',
  "X-Admin-Token: 'a-token-of-my-own'",
  'Authorization: Bearer <id token>',
  "Authorization: 'Basic realm'",
  'redis://redis:6379',
  'redis://:PASSWORD@redis:6379',
  `redis://:${'$'}{password}@redis:6379`,
  'user fleet on >%s ~* +@all',
  'admin_token:\n  what it is for',
  '"password": "a word of yours"',
  'https://hc-ping.com/<uuid>',
];

/** Under git's own ignorance, unless somebody forces it: whatever they hold. */
const FORCED = [
  ...['secrets/admin_token', 'secrets/render/edge_admin_secret', 'pki/ca.txt', 'pki/anna/notes.md', '.env'],
  ...['.env.production', 'bench/.env', 'traefik/ca/clients.txt', 'traefik/certs/server.crt'],
];
const OPEN = [
  'secrets/README.md',
  'secrets/.gitkeep',
  'traefik/ca/.gitkeep',
  '.env.example',
  'docs/secrets/a.md',
];

const der = (type: 'pkcs8' | 'pkcs1' | 'sec1'): Buffer => {
  if (type === 'pkcs1')
    return generateKeyPairSync('rsa', { modulusLength: 2048 }).privateKey.export({ type, format: 'der' });
  if (type === 'sec1')
    return generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey.export({ type, format: 'der' });
  return generateKeyPairSync('ed25519').privateKey.export({ type, format: 'der' });
};
const sealed = generateKeyPairSync('ed25519').privateKey.export({
  type: 'pkcs8',
  format: 'der',
  cipher: 'aes-256-cbc',
  passphrase: randomBytes(16).toString('hex'),
});

describe('what looks like a secret', () => {
  it.each(PLANTED)('%s in %s', (kind, file, content) => {
    expect(scanText(file, content).map(({ rule }) => rule)).toContain(kind);
  });

  it.each(FORCED)('by its place: %s', (path) => {
    expect(scanText(path, 'nothing here\n').map(({ rule }) => rule)).toEqual(['place of secrets']);
  });

  it.each(OPEN)('and not by its place: %s', (path) => {
    expect(scanText(path, 'nothing here\n')).toEqual([]);
  });

  it.each([
    ['PKCS #8', der('pkcs8')],
    ['PKCS #1', der('pkcs1')],
    ['SEC 1', der('sec1')],
    ['PKCS #8 under a passphrase', sealed],
  ])('a key in DER: %s', (_what, content) => {
    expect(scanFile('a.bin', content).map(({ rule }) => rule)).toEqual(['key in DER']);
  });

  it('and no public key, nor other bytes', () => {
    const { publicKey } = generateKeyPairSync('ed25519');
    expect(scanFile('a.bin', publicKey.export({ type: 'spki', format: 'der' }))).toEqual([]);
    expect(scanFile('a.bin', Buffer.from([0x30, 0, 1, 2, 3]))).toEqual([]);
  });

  it.each(HARMLESS)('and what does not: %s', (line) => {
    expect(scanText('a.ts', line)).toEqual([]);
  });
});

describe('scripts/secret-scan.ts', () => {
  let dir: string;
  beforeEach(() => {
    dir = mkdtempSync(join(tmpdir(), 'secret-scan-'));
    git('init', '--quiet');
    writeFileSync(join(dir, 'README.md'), 'nothing here\n');
  });
  afterEach(() => rmSync(dir, { recursive: true, force: true }));

  const git = (...args: string[]) =>
    execFileSync('git', ['-c', 'user.name=test', '-c', 'user.email=test@localhost', ...args], { cwd: dir });
  const commit = (message: string) => {
    git('add', '--all');
    git('commit', '--quiet', '--message', message);
  };
  const scan = (...args: string[]) => {
    const script = join(import.meta.dirname, 'secret-scan.ts');
    const { status, stdout, stderr } = spawnSync(process.execPath, [script, '--dir', dir, ...args], {
      encoding: 'utf8',
    });
    return { status, said: `${stdout}${stderr}` };
  };

  it('says how many files it read, also when none has a secret', () => {
    commit('first');
    expect(scan()).toEqual({ status: 0, said: 'secret scan: 1 files read, 0 findings\n' });
  });

  it('finds each kind, says where, and not what', () => {
    for (const [index, [, file, content]] of PLANTED.entries())
      writeFileSync(join(dir, `${index}-${file}`), content);
    commit('planted');
    const { status, said } = scan();
    expect(status).toBe(1);
    PLANTED.forEach(([kind, file], index) => {
      expect(said).toMatch(new RegExp(`^${index}-${file.replace('.', '\\.')}:\\d+: ${kind}$`, 'm'));
    });
    expect(said).not.toContain(letters);
  });

  it('finds what is forced past .gitignore', () => {
    writeFileSync(join(dir, '.gitignore'), 'secrets/*\n.env\npki/\n');
    for (const path of ['secrets/admin_token', '.env', 'pki/ca.der']) {
      mkdirSync(dirname(join(dir, path)), { recursive: true });
      writeFileSync(join(dir, path), path.endsWith('der') ? der('pkcs8') : 'short\n');
    }
    expect(scan().status).toBe(0);
    git('add', '--force', '.');
    const { status, said } = scan();
    expect(status).toBe(1);
    for (const path of ['secrets/admin_token', '.env', 'pki/ca.der'])
      expect(said).toContain(`${path}:0: place of secrets`);
    expect(said).toContain('pki/ca.der:0: key in DER');
  });

  it('sees what is not committed yet, and not what git ignores', () => {
    writeFileSync(join(dir, '.gitignore'), 'ignored\n');
    commit('first');
    writeFileSync(join(dir, 'ignored'), pem);
    expect(scan().status).toBe(0);
    writeFileSync(join(dir, 'new.md'), pem);
    expect(scan()).toMatchObject({
      status: 1,
      said: expect.stringContaining('new.md:1: private key') as string,
    });
  });

  it('finds with --history what was taken out again', () => {
    writeFileSync(join(dir, 'key.md'), pem);
    commit('by mistake');
    rmSync(join(dir, 'key.md'));
    commit('taken out');
    expect(scan().status).toBe(0);
    expect(scan('--history')).toMatchObject({
      status: 1,
      said: expect.stringContaining('key.md:1: private key') as string,
    });
  });
});
