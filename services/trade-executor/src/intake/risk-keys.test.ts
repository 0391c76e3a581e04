import { generateKeyPairSync, type KeyObject } from 'node:crypto';
import { mkdtempSync, renameSync, rmSync, unlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { signingKeyId } from '@fleet/domain/ids';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { openRiskKeys } from './risk-keys.ts';

const newKey = () => generateKeyPairSync('ed25519').publicKey;
const pemOf = (key: KeyObject) => key.export({ type: 'spki', format: 'pem' }).toString();

let dir: string;
let now: number;
let faults: string[];
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'risk-keys-'));
  now = 0;
  faults = [];
});
afterEach(() => rmSync(dir, { recursive: true, force: true }));

/** By rename, as scripts/init-secrets puts it there. */
function put(key: KeyObject): string {
  const id = signingKeyId(key);
  writeFileSync(join(dir, '.next'), pemOf(key));
  renameSync(join(dir, '.next'), join(dir, `${id}.pem`));
  return id;
}

const open = () =>
  openRiskKeys({ dir, alias: 'risk-1', now: () => now, onFault: (error) => faults.push(error.message) });

describe('the folder of the risk manager’s keys', () => {
  it('lets each key in it count, under its own id', () => {
    const [old, next] = [newKey(), newKey()];
    const [oldId, nextId] = [put(old), put(next)];
    const keys = open();
    expect(keys.named(oldId).map(pemOf)).toEqual([pemOf(old)]);
    expect(keys.named(nextId).map(pemOf)).toEqual([pemOf(next)]);
    expect(keys.named('0000000000000000')).toEqual([]);
    expect(keys.named('risk-1')).toHaveLength(2);
  });

  it('sees a new key at once, and one that was taken away within a second', () => {
    const oldId = put(newKey());
    const keys = open();
    const nextId = put(newKey());
    expect(keys.named(nextId)).toHaveLength(1);
    unlinkSync(join(dir, `${oldId}.pem`));
    now += 1_000;
    expect(keys.named(oldId)).toEqual([]);
    expect(keys.ids()).toEqual([nextId]);
  });

  it('goes on with the keys it knows when the folder cannot be read any more, and says so', () => {
    const id = put(newKey());
    const keys = open();
    writeFileSync(join(dir, 'broken.pem'), 'no key');
    now += 1_000;
    expect(keys.named(id)).toHaveLength(1);
    expect(faults).toEqual([expect.stringContaining('broken.pem gives no Ed25519 public key')]);
  });

  it.each([
    ['an empty folder', () => open(), /holds no \*\.pem/],
    ['no folder', () => openRiskKeys({ dir: join(dir, 'none'), alias: 'a' }), /cannot be read \(ENOENT\)/],
    ['no key at all', () => openRiskKeys({ alias: 'a' }), /RISK_PUBLIC_KEY gives no .*: it is not set/],
    [
      'a key of another kind',
      () => openRiskKeys({ pem: pemOf(generateKeyPairSync('x25519').publicKey), alias: 'a' }),
      /it is of type x25519/,
    ],
  ])('refuses %s', (_, act, words) => {
    expect(act).toThrow(words);
  });
});
