import { createPublicKey, generateKeyPairSync, randomBytes } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { FleetHome } from './fleet-home.ts';
import { SERVICES, type ServiceName } from './services.ts';

/** Files with the secrets of this fleet, mode 0600; made once and kept, so that a cut run goes on with them. */
export interface SecretFiles {
  readonly adminToken: string;
  readonly mcpToken: string;
  readonly riskSigningKey: string;
  readonly riskPublicKey: string;
  /** Password of the service's database role. */
  readonly database: Readonly<Record<ServiceName, string>>;
}

const TOKEN_BYTES = 24;

export function ensureSecrets(home: FleetHome): SecretFiles {
  mkdirSync(home.secrets, { recursive: true, mode: 0o700 });
  const file = (name: string) => join(home.secrets, name);
  const token = (name: string) =>
    writtenOnce(file(name), () => randomBytes(TOKEN_BYTES).toString('base64url'));
  const riskSigningKey = writtenOnce(file('risk-signing-key.pem'), newSigningKey);
  return {
    adminToken: token('admin-token'),
    mcpToken: token('mcp-token'),
    riskSigningKey,
    riskPublicKey: writtenOnce(file('risk-public-key.pem'), () => publicKeyOf(riskSigningKey)),
    database: Object.fromEntries(SERVICES.map(({ name }) => [name, token(`database-${name}`)])) as Record<
      ServiceName,
      string
    >,
  };
}

export function readSecret(file: string): string {
  return readFileSync(file, 'utf8').trim();
}

function newSigningKey(): string {
  const { privateKey } = generateKeyPairSync('ed25519');
  return privateKey.export({ type: 'pkcs8', format: 'pem' }).toString();
}

function publicKeyOf(privateKeyFile: string): string {
  const key = createPublicKey(readFileSync(privateKeyFile, 'utf8'));
  return key.export({ type: 'spki', format: 'pem' }).toString();
}

/** Whole or not at all: a cut while writing must not leave an empty secret behind. */
function writtenOnce(file: string, make: () => string): string {
  if (existsSync(file)) return file;
  const next = `${file}.next`;
  writeFileSync(next, `${make().trimEnd()}\n`, { mode: 0o600 });
  renameSync(next, file);
  return file;
}
