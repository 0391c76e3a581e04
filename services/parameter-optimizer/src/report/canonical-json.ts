import { sha256Hex } from '@fleet/domain/ids';

/** JSON with the keys of every object in alphabetical order: equal content, equal text, wherever it was stored. */
export function canonicalJson(value: unknown): string {
  return JSON.stringify(value, (_key, entry: unknown) =>
    typeof entry === 'object' && entry !== null && !Array.isArray(entry)
      ? Object.fromEntries(Object.entries(entry).sort(([left], [right]) => (left < right ? -1 : 1)))
      : entry,
  );
}

export function contentHash(value: unknown): string {
  return sha256Hex(canonicalJson(value));
}
