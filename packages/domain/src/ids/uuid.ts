import { hash } from 'node:crypto';

/** Namespace of every id in this project (a random UUID, chosen once; changing it changes every id). */
const NAMESPACE = Buffer.from('6f1d3c5ab7a14f0e9c0b52d7a9e3c814', 'hex');

/**
 * Name-based UUID, version 5 (RFC 9562, section 5.5): the same name gives the same id, so whoever
 * produces an event twice produces the same event.
 */
export function uuidV5(name: string): string {
  const digest = hash('sha1', Buffer.concat([NAMESPACE, Buffer.from(name, 'utf8')]), 'buffer');
  digest[6] = ((digest[6] ?? 0) & 0x0f) | 0x50;
  digest[8] = ((digest[8] ?? 0) & 0x3f) | 0x80;
  const hex = digest.toString('hex', 0, 16);
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-${hex.slice(12, 16)}-${hex.slice(16, 20)}-${hex.slice(20, 32)}`;
}

/** SHA-256 of a text, as 64 lower-case hex digits. */
export function sha256Hex(text: string): string {
  return hash('sha256', text, 'hex');
}
