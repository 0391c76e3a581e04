import { createPublicKey, type KeyObject } from 'node:crypto';
import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { signingKeyId } from '@fleet/domain/ids';
import { FleetError } from '@fleet/shared/errors';

/** Whose signatures count: the risk manager's key, and during a rotation the old and the new one. */
export interface RiskKeys {
  /** The keys that a signature under this id may be of; none when the id is unknown. */
  named(keyId: string): readonly KeyObject[];
  ids(): readonly string[];
}

export interface RiskKeySource {
  /** Folder of `*.pem`; each key in it counts. Read again when it changes. */
  readonly dir?: string | undefined;
  /** One key, for good. */
  readonly pem?: string | undefined;
  /** The id under which keys signed that had none of their own: it may mean any of them. */
  readonly alias: string;
  readonly now?: () => number;
  /** A folder that can no longer be read: the keys known before go on counting. */
  readonly onFault?: (error: Error) => void;
}

/** A change of the folder is seen after at most this time, or at once by a signature under an id that is not known. */
const LOOK_EVERY_MS = 1_000;

/** @throws FleetError SIGNATURE_KEY_INVALID naming what is no Ed25519 public key, or that there is none at all. */
export function openRiskKeys(source: RiskKeySource): RiskKeys {
  if (source.dir === undefined) {
    if (source.pem === undefined) throw invalid('RISK_PUBLIC_KEY', 'it is not set');
    return fixedRiskKeys(keyed([readKey(source.pem, 'RISK_PUBLIC_KEY')]), source.alias);
  }
  return new RiskKeyFolder(source.dir, source);
}

/** These and no others. */
export function fixedRiskKeys(keys: ReadonlyMap<string, KeyObject>, alias: string): RiskKeys {
  return { named: (keyId) => pick(keys, keyId, alias), ids: () => [...keys.keys()] };
}

class RiskKeyFolder implements RiskKeys {
  readonly #dir: string;
  readonly #source: RiskKeySource;
  readonly #now: () => number;
  #keys: ReadonlyMap<string, KeyObject>;
  #version: string;
  #lookedAt: number;

  constructor(dir: string, source: RiskKeySource) {
    this.#dir = dir;
    this.#source = source;
    this.#now = source.now ?? (() => performance.now());
    this.#version = versionOf(dir);
    this.#keys = readFolder(dir);
    this.#lookedAt = this.#now();
  }

  named(keyId: string): readonly KeyObject[] {
    const known = this.#keys.has(keyId);
    if (!known || this.#now() - this.#lookedAt >= LOOK_EVERY_MS) this.#look();
    return pick(this.#keys, keyId, this.#source.alias);
  }

  ids(): readonly string[] {
    return [...this.#keys.keys()];
  }

  #look(): void {
    this.#lookedAt = this.#now();
    try {
      const version = versionOf(this.#dir);
      if (version === this.#version) return;
      this.#keys = readFolder(this.#dir);
      this.#version = version;
    } catch (error) {
      this.#source.onFault?.(error as Error);
    }
  }
}

function pick(keys: ReadonlyMap<string, KeyObject>, keyId: string, alias: string): readonly KeyObject[] {
  const key = keys.get(keyId);
  if (key !== undefined) return [key];
  return keyId === alias ? [...keys.values()] : [];
}

/** Differs after a file came, went or was replaced. */
function versionOf(dir: string): string {
  const names = namesIn(dir);
  return names.map((name) => `${name} ${statSync(join(dir, name)).mtimeMs}`).join('\n');
}

function readFolder(dir: string): ReadonlyMap<string, KeyObject> {
  const names = namesIn(dir);
  if (names.length === 0) throw invalid(`RISK_PUBLIC_KEYS_DIR ${dir}`, 'it holds no *.pem');
  return keyed(names.map((name) => readKey(readFileSync(join(dir, name), 'utf8'), join(dir, name))));
}

function namesIn(dir: string): readonly string[] {
  try {
    return readdirSync(dir)
      .filter((name) => name.endsWith('.pem') && !name.startsWith('.'))
      .sort();
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code ?? 'unknown error';
    throw invalid(`RISK_PUBLIC_KEYS_DIR ${dir}`, `the folder cannot be read (${code})`);
  }
}

function keyed(keys: readonly KeyObject[]): ReadonlyMap<string, KeyObject> {
  return new Map(keys.map((key) => [signingKeyId(key), key]));
}

function readKey(pem: string, from: string): KeyObject {
  let key: KeyObject;
  try {
    key = createPublicKey(pem);
  } catch {
    throw invalid(from, 'it cannot be read as one');
  }
  if (key.asymmetricKeyType !== 'ed25519') throw invalid(from, `it is of type ${key.asymmetricKeyType}`);
  return key;
}

function invalid(from: string, why: string): FleetError {
  return new FleetError(`${from} gives no Ed25519 public key: ${why}`, {
    code: 'SIGNATURE_KEY_INVALID',
    retry: 'crash',
    action:
      'Run scripts/init-secrets, or give the public half of the risk manager’s key: openssl pkey -in KEY -pubout',
  });
}
