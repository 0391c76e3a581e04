import { execFileSync, spawnSync } from 'node:child_process';
import { generateKeyPairSync } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { scanText } from './checks/secret-rules.ts';

// Put together here, so that this file holds none.
const letters = 'q7Rz2LmXw9KfTb4VnYc8HdPs';
const pem = generateKeyPairSync('ed25519').privateKey.export({ type: 'pkcs8', format: 'pem' }).toString();
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
];

describe('what looks like a secret', () => {
  it.each(PLANTED)('%s in %s', (kind, file, content) => {
    expect(scanText(file, content).map(({ rule }) => rule)).toContain(kind);
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
