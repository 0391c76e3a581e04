import { createHash, timingSafeEqual } from 'node:crypto';
import { ConfigError } from '../config/index.ts';
import { covers, type PersonRole } from './roles.ts';

/** SHA-256 of the secrets that are right at the moment: one, or the old and the new one while a rotation lasts. */
export type Hashes = readonly Buffer[];

export interface ServiceSecret {
  readonly hash: Buffer;
  readonly caller: string;
  readonly role: Exclude<PersonRole, 'admin'>;
}

const HASHES_MAX = 4;
const CALLERS_MAX = 64;
const HASH = /^[0-9a-f]{64}$/;
const CALLER = /^[a-z][a-z0-9-]{0,62}$/;

/** Lines without comments (`#`) and empty ones, with their numbers. */
export function contentLines(text: string): readonly { readonly line: number; readonly text: string }[] {
  return text
    .split('\n')
    .map((content, index) => ({ line: index + 1, text: (content.split('#')[0] ?? '').trim() }))
    .filter(({ text: content }) => content !== '');
}

/** One hash a line. @throws ConfigError naming the line, without what it holds. */
export function parseHashes(text: string, source: string): Hashes {
  const lines = contentLines(text);
  for (const { line, text: hash } of lines)
    if (!HASH.test(hash)) throw fault(`${source}:${line}`, 'is no SHA-256 in 64 lower-case hex digits');
  if (lines.length > HASHES_MAX)
    throw fault(source, `has ${lines.length} hashes, more than the ${HASHES_MAX} of a rotation`);
  return lines.map(({ text: hash }) => Buffer.from(hash, 'hex'));
}

/** `<sha256> <caller> <role>` a line; the role is viewer or operator. @throws ConfigError naming the line. */
export function parseServiceSecrets(text: string, source: string): readonly ServiceSecret[] {
  const lines = contentLines(text);
  if (lines.length > CALLERS_MAX) throw fault(source, `has ${lines.length} lines, more than ${CALLERS_MAX}`);
  return lines.map(({ line, text: content }) => {
    const [hash = '', caller = '', role = '', ...more] = content.split(/\s+/);
    if (!HASH.test(hash) || !CALLER.test(caller) || more.length > 0)
      throw fault(`${source}:${line}`, 'is not "<sha256> <caller> <role>"');
    if (role !== 'viewer' && role !== 'operator')
      throw fault(`${source}:${line}`, 'gives a service a role other than viewer or operator');
    return { hash: Buffer.from(hash, 'hex'), caller, role };
  });
}

/** True when `sent` is one of the secrets. Takes the same time whichever of them it is, or is near to. */
export function isOneOf(sent: string, hashes: Hashes): boolean {
  const given = digest(sent);
  return hashes.map((hash) => timingSafeEqual(given, hash)).includes(true);
}

/** The caller whose secret was sent; of two roles under one secret the smaller one. */
export function callerOf(sent: string, secrets: readonly ServiceSecret[]): ServiceSecret | undefined {
  const given = digest(sent);
  const matching = secrets.filter(({ hash }) => timingSafeEqual(given, hash));
  return matching.toSorted((left, right) => Number(covers(left.role, right.role)) - 1)[0];
}

/** Of the bytes as they came: Node reads headers as Latin-1, one character a byte. */
export function digest(secret: string): Buffer {
  return createHash('sha256').update(secret, 'latin1').digest();
}

function fault(name: string, problem: string): ConfigError {
  const action = 'write the file anew with scripts/init-secrets or scripts/rotate-secret';
  return new ConfigError(name, [{ name, problem, action }]);
}
