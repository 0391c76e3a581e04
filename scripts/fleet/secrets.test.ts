import { createPrivateKey, createPublicKey, sign, verify } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { fleetHome } from './fleet-home.ts';
import { ensureSecrets, readSecret } from './secrets.ts';

const dir = mkdtempSync(join(tmpdir(), 'secrets-'));
afterAll(() => rmSync(dir, { recursive: true, force: true }));
const home = fleetHome(dir);

describe('secrets of a fleet', () => {
  it('are made once, for the owner alone, each its own', () => {
    const files = ensureSecrets(home);
    const all = [
      files.adminToken,
      files.mcpToken,
      files.riskSigningKey,
      files.riskPublicKey,
      ...Object.values(files.database),
    ];
    const values = all.map(readSecret);
    expect(new Set(values).size).toBe(all.length);
    for (const file of all) expect(statSync(file).mode & 0o777).toBe(0o600);
    expect(statSync(home.secrets).mode & 0o777).toBe(0o700);
    expect(ensureSecrets(home)).toEqual(files);
    expect(all.map(readSecret)).toEqual(values);
  });

  it('hold the two halves of one Ed25519 key', () => {
    const { riskSigningKey, riskPublicKey } = ensureSecrets(home);
    const signature = sign(null, Buffer.from('order'), createPrivateKey(readFileSync(riskSigningKey)));
    const key = createPublicKey(readFileSync(riskPublicKey));
    expect(verify(null, Buffer.from('order'), key, signature)).toBe(true);
    expect(readFileSync(riskPublicKey, 'utf8')).not.toContain('PRIVATE');
  });
});
