/**
 * Docker's json-file driver splits a line at 16 KiB, and a half of a JSON line is no JSON: neither its level nor its
 * request id is found again. 1 KiB is left for what a reader adds.
 */
export const LINE_BYTES_MAX = 15 * 1024;

interface Bounds {
  readonly characters: number;
  readonly entries: number;
}

/** Tried in this order: the first that makes the line short enough keeps the most. */
const STEPS: readonly Bounds[] = [
  { characters: 2_000, entries: 40 },
  { characters: 500, entries: 15 },
  { characters: 120, entries: 6 },
];

/** What a line is found by; kept when nothing else fits. */
const CORE = ['level', 'time', 'service', 'version', 'requestId', 'traceId', 'orderId', 'cycle', 'msg'];

/**
 * The line itself when it is short enough, otherwise one with its long texts, lists and stacks cut, which says so in
 * `truncated` (true) and `originalBytes`. `line` is one JSON object with its newline, as pino writes it.
 */
export function boundLine(line: string): string {
  // Three bytes a character at most, for what JSON leaves unescaped outside the surrogates.
  if (line.length * 3 <= LINE_BYTES_MAX) return line;
  const originalBytes = Buffer.byteLength(line);
  if (originalBytes <= LINE_BYTES_MAX) return line;
  const fields = JSON.parse(line) as Record<string, unknown>;
  for (const bounds of STEPS) {
    const shorter = written({ ...(shrink(fields, bounds) as object), truncated: true, originalBytes });
    if (Buffer.byteLength(shorter) <= LINE_BYTES_MAX) return shorter;
  }
  const core = Object.fromEntries(CORE.flatMap((name) => (name in fields ? [[name, fields[name]]] : [])));
  return written({
    ...(shrink(core, { characters: 200, entries: 4 }) as object),
    truncated: true,
    originalBytes,
  });
}

function written(fields: object): string {
  return `${JSON.stringify(fields)}\n`;
}

function shrink(value: unknown, bounds: Bounds): unknown {
  if (typeof value === 'string') return cut(value, bounds.characters);
  if (typeof value !== 'object' || value === null) return value;
  if (Array.isArray(value)) {
    const kept = value.slice(0, bounds.entries).map((entry) => shrink(entry, bounds));
    return kept.length === value.length ? kept : [...kept, `… ${value.length - kept.length} more`];
  }
  const entries = Object.entries(value);
  const kept = entries.slice(0, Math.max(bounds.entries, CORE.length));
  const shorter = Object.fromEntries(kept.map(([name, entry]) => [cut(name, 100), shrink(entry, bounds)]));
  return kept.length === entries.length ? shorter : { ...shorter, more: entries.length - kept.length };
}

function cut(text: string, charactersMax: number): string {
  return text.length <= charactersMax ? text : `${text.slice(0, charactersMax)}… (${text.length} characters)`;
}
