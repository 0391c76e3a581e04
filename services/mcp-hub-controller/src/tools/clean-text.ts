/**
 * Characters that people do not see and models read: control characters but tab and newline, zero-width and
 * directional marks, tags (U+E0000), variation selectors' supplement, and unpaired surrogates.
 */
const INVISIBLE = /[\p{Cc}\p{Cf}\p{Cs}\p{Co}\u115f\u1160\u3164\uffa0\u{e0000}-\u{e0fff}]/gu;
const KEPT = new Set(['\t', '\n']);
const DEPTH_MAX = 32;

/** The same data with every invisible character taken out of its texts and names. */
export function cleaned(value: unknown, depth = 0): unknown {
  if (typeof value === 'string') return visible(value);
  if (typeof value !== 'object' || value === null) return value;
  if (depth >= DEPTH_MAX) return '[nested too deeply]';
  if (Array.isArray(value)) return value.map((entry) => cleaned(entry, depth + 1));
  return Object.fromEntries(
    Object.entries(value).map(([name, entry]) => [visible(name), cleaned(entry, depth + 1)]),
  );
}

function visible(text: string): string {
  return text.replaceAll(INVISIBLE, (character) => (KEPT.has(character) ? character : ''));
}
