import { createPrivateKey, createPublicKey, sign, verify } from 'node:crypto';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { fleetHome } from './fleet-home.ts';
import { ensureSecrets, readSecret } from './secrets.ts';

const dir = mkdtempSync(join(tmpdir(), 'secrets-'));
afterAll(() => rmSync(dir, { recursive: true, force: true }));
const home = fleetHome(dir);
const STORES = {
  redisUrl: 'redis://127.0.0.1:6666',
  postgresUrl: 'postgres://postgres:word@127.0.0.1:5555/postgres',
  rolePrefix: 'mine',
};

describe('secrets of a fleet', () => {
  it('are made once, for the owner alone, each its own', () => {
    const files = ensureSecrets(home, STORES);
    const all = [
      files.adminToken,
      files.mcpToken,
      files.riskSigningKey,
      ...Object.values(files.databaseUrl),
      ...Object.values(files.redisUrl),
    ];
    const values = all.map(readSecret);
    expect(new Set(values).size).toBe(all.length);
    for (const file of all) expect(statSync(file).mode & 0o777).toBe(0o400);
    expect(statSync(home.secrets).mode & 0o777).toBe(0o700);
    expect(ensureSecrets(home, STORES)).toEqual(files);
    expect(all.map(readSecret)).toEqual(values);
  });

  it('name the stores of this fleet, and the runner comes in as it likes', () => {
    const files = ensureSecrets(home, STORES);
    const database = new URL(readSecret(files.databaseUrl['risk-manager']));
    expect([database.host, database.pathname, database.username]).toEqual([
      '127.0.0.1:5555',
      '/postgres',
      'mine_risk_a',
    ]);
    expect(new URL(readSecret(files.redisUrl.orchestrator)).host).toBe('127.0.0.1:6666');
    const users = readSecret(join(files.dir, 'redis/users.acl'));
    expect(users).toMatch(/^user default on nopass ~\* &\* \+@all$/m);
  });

  it('keep the keys of an earlier version', () => {
    const earlier = fleetHome(join(dir, 'earlier'));
    mkdirSync(earlier.secrets, { recursive: true });
    writeFileSync(join(earlier.secrets, 'admin-token'), 'a-token-from-before-123\n', { mode: 0o600 });
    expect(readSecret(ensureSecrets(earlier, STORES).adminToken)).toBe('a-token-from-before-123');
  });

  it('hold the two halves of one Ed25519 key', () => {
    const { riskSigningKey, riskPublicKeys } = ensureSecrets(home, STORES);
    const riskPublicKey = join(riskPublicKeys, readdirSync(riskPublicKeys)[0]!);
    const signature = sign(null, Buffer.from('order'), createPrivateKey(readFileSync(riskSigningKey)));
    const key = createPublicKey(readFileSync(riskPublicKey));
    expect(verify(null, Buffer.from('order'), key, signature)).toBe(true);
    expect(readFileSync(riskPublicKey, 'utf8')).not.toContain('PRIVATE');
  });
});
