import { execFileSync, spawnSync } from 'node:child_process';
import { createHash, createPublicKey } from 'node:crypto';
import {
  chmodSync,
  chownSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  unlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { SERVICES } from './fleet/services.ts';

const SCRIPT = join(import.meta.dirname, 'init-secrets');
const isRoot = process.getuid?.() === 0;
/** As an ordinary user without Docker, whoever runs the tests. */
const ORDINARY = isRoot ? ['setpriv', '--reuid=12345', '--regid=12345', '--clear-groups'] : [];

let folder: string;
let dir: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'init-secrets-'));
  dir = join(folder, 'secrets');
  mkdirSync(dir);
  if (!isRoot) return;
  chmodSync(folder, 0o755);
  chownSync(dir, 12_345, 12_345);
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

function run(...as: string[]): { status: number | null; said: string } {
  const [command, ...rest] = [...as, SCRIPT, '--dir', dir];
  const env = { ...process.env, DOCKER_HOST: 'unix:///nonexistent/docker.sock' };
  const { status, stdout, stderr } = spawnSync(command, rest, { env, encoding: 'utf8' });
  return { status, said: `${stdout}${stderr}` };
}

const text = (name: string): string => readFileSync(join(dir, name), 'utf8').trim();
const contents = (): Record<string, string> =>
  Object.fromEntries(readdirSync(dir).map((name) => [name, text(name)]));

describe('scripts/init-secrets', () => {
  it('makes every file that the compose file mounts, mode 0400', () => {
    run();
    const compose = readFileSync(join(import.meta.dirname, '../docker-compose.yml'), 'utf8');
    const mounted = [...compose.matchAll(/\$\{SECRETS_DIR:-\.\/secrets\}\/([^"]+)"/g)].map(
      ([, name]) => name,
    );
    expect(readdirSync(dir).sort()).toEqual(mounted.sort());
    expect(readdirSync(dir).map((name) => statSync(join(dir, name)).mode & 0o777)).toEqual(
      mounted.map(() => 0o400),
    );
  });

  it('gives each service addresses of its own, for the role and user that the stores know', () => {
    run();
    for (const { name, schema } of SERVICES) {
      const database = new URL(text(`${name}_database_url`));
      expect([database.username, database.host]).toEqual([`fleet_${schema}`, 'postgres:5432']);
      const redis = new URL(text(`${name}_redis_url`));
      const hash = createHash('sha256').update(redis.password).digest('hex');
      expect(text('redis_users.acl')).toContain(`user ${name} on #${hash} `);
    }
    const passwords = SERVICES.map(({ name }) => new URL(text(`${name}_database_url`)).password);
    expect(new Set(passwords).size).toBe(SERVICES.length);
    expect(new URL(text('postgres_admin_url')).password).toBe(text('postgres_password'));
    expect(text('redis_users.acl')).toMatch(/^user default off$/m);
  });

  it('makes a pair of keys', () => {
    run();
    const derived = createPublicKey(text('risk_signing_key'));
    expect(derived.asymmetricKeyType).toBe('ed25519');
    expect(derived.export({ type: 'spki', format: 'pem' }).toString().trim()).toBe(text('risk_public_key'));
  });

  it('makes the same without openssl, by node', () => {
    const bin = join(folder, 'bin');
    mkdirSync(bin);
    const tools = [
      'bash',
      'sh',
      'env',
      'dirname',
      'readlink',
      'sed',
      'sort',
      'mkdir',
      'chmod',
      'chown',
      'mv',
      'rm',
      'od',
    ];
    for (const tool of [...tools, 'tr', 'cut', 'cmp', 'stat', 'id', 'sha256sum', 'head'])
      symlinkSync(execFileSync('which', [tool], { encoding: 'utf8' }).trim(), join(bin, tool));
    symlinkSync(process.execPath, join(bin, 'node'));
    spawnSync(SCRIPT, ['--dir', dir], { env: { PATH: bin } });
    const derived = createPublicKey(text('risk_signing_key'));
    expect(derived.asymmetricKeyType).toBe('ed25519');
    expect(derived.export({ type: 'spki', format: 'pem' }).toString().trim()).toBe(text('risk_public_key'));
    expect(text('admin_token')).toMatch(/^[0-9a-f]{48}$/);
  });

  it('keeps what is there, and makes again what is not', () => {
    writeFileSync(join(dir, 'admin_token'), 'a-token-of-my-own-0123456789\n', { mode: 0o644 });
    run();
    const before = contents();
    expect(before['admin_token']).toBe('a-token-of-my-own-0123456789');
    unlinkSync(join(dir, 'mcp_token'));
    run();
    const { mcp_token: made, ...rest } = contents();
    const { mcp_token: earlier, ...kept } = before;
    expect(rest).toEqual(kept);
    expect(made).toMatch(/^[0-9a-f]{48}$/);
    expect(made).not.toBe(earlier);
  });

  it('follows a password that somebody changed', () => {
    run();
    const file = join(dir, 'risk-manager_redis_url');
    chmodSync(file, 0o600);
    writeFileSync(file, 'redis://risk-manager:changed@redis:6379/0\n');
    run();
    const hash = createHash('sha256').update('changed').digest('hex');
    expect(text('redis_users.acl')).toContain(`user risk-manager on #${hash} `);
  });

  it('prints no secret', () => {
    const said = `${run().said}${run().said}`;
    const values = Object.values(contents()).filter((value) => value.length > 0);
    expect(values.length).toBeGreaterThan(20);
    expect(values.filter((value) => said.includes(value))).toEqual([]);
  });

  it('tells an ordinary user what is left to do, and fails', () => {
    const { status, said } = run(...ORDINARY);
    expect(status).toBe(1);
    expect(said).toMatch(
      /cannot give these files to the users in the containers[\s\S]*999:postgres_password/,
    );
    expect(said).toMatch(/what to do: run it once more as root/);
    expect(text('admin_token')).toMatch(/^[0-9a-f]{48}$/);
  });

  it('refuses an argument that it does not know', () => {
    expect(spawnSync(SCRIPT, ['--folder', dir], { encoding: 'utf8' }).stderr).toMatch(
      /unknown argument --folder/,
    );
  });
});

describe.runIf(isRoot)('scripts/init-secrets as root', () => {
  it('gives each file to the user that reads it, also what an ordinary user made', () => {
    run(...ORDINARY);
    const { status, said } = run();
    expect([status, said]).toEqual([0, expect.stringContaining('owners and modes are right')]);
    const owners = Object.fromEntries(readdirSync(dir).map((name) => [name, statSync(join(dir, name)).uid]));
    expect(owners).toMatchObject({ admin_token: 1000, risk_signing_key: 1000, postgres_admin_url: 1000 });
    expect(owners).toMatchObject({
      postgres_password: 999,
      redis_operator_password: 999,
      'redis_users.acl': 999,
    });
  });

  it('says to an ordinary user that what others own cannot be read', () => {
    run();
    execFileSync('chown', ['12345', dir]);
    unlinkSync(join(dir, 'redis_users.acl'));
    const { status, said } = run(...ORDINARY);
    expect([status, said]).toEqual([1, expect.stringMatching(/redis_users\.acl cannot be made[\s\S]*sudo/)]);
  });
});
