/** What a secret looks like in a text, and what is allowed to look like one. */

export interface Finding {
  readonly path: string;
  readonly line: number;
  readonly rule: string;
}

interface Rule {
  readonly name: string;
  readonly pattern: RegExp;
}

const RULES: readonly Rule[] = [
  {
    name: 'private key',
    pattern: /-----BEGIN (?:[A-Z]+ )*PRIVATE KEY(?: BLOCK)?-----\s*(?:\\n)?["'`+\s]*[A-Za-z0-9+/]{16}/,
  },
  { name: 'Slack token', pattern: /\bxox[abeoprs]-(?:\d+-){1,3}[A-Za-z0-9-]{10,}/ },
  {
    name: 'Slack webhook',
    pattern: /hooks\.slack\.com\/services\/T[A-Z0-9]{6,}\/B[A-Z0-9]{6,}\/[A-Za-z0-9]{16,}/,
  },
  { name: 'Anthropic key', pattern: /\bsk-ant-[A-Za-z0-9_-]{20,}/ },
  { name: 'AWS key', pattern: /\b(?:AKIA|ASIA)[A-Z0-9]{16}\b/ },
  { name: 'GitHub token', pattern: /\b(?:gh[opsur]_[A-Za-z0-9]{30,}|github_pat_[A-Za-z0-9_]{50,})/ },
  { name: 'Google key', pattern: /\bAIza[A-Za-z0-9_-]{35}\b/ },
  { name: 'JSON web token', pattern: /\beyJ[A-Za-z0-9_-]{15,}\.eyJ[A-Za-z0-9_-]{15,}\.[A-Za-z0-9_-]{20,}/ },
  {
    name: 'password in an address',
    pattern:
      /\b(?:postgres(?:ql)?|rediss?|https?):\/\/[^\s:@/"'`$<{]+:(?=[^\s@/"'`]*\d)[A-Za-z0-9_~.%+-]{16,}@/,
  },
];

/** `password = "…"`: a name of a secret, and behind it a value of the letters of chance. */
const ASSIGNMENT =
  /(?:password|passwd|secret|token|api_?key|private_?key|credential)[a-z0-9_-]*["']?\s*[:=]\s*["'`]?([A-Za-z0-9+/_=-]{20,})["'`]?/gi;
const HEX_BITS_MIN = 3;
const BASE64_BITS_MIN = 4;

/** Files whose very content is a secret, by their ending. */
const CONTAINERS = /\.(?:p12|pfx|jks|keystore|kdbx|key)$/i;

/** Bits a character by the frequency of its characters. */
export function entropy(text: string): number {
  const counts = new Map<string, number>();
  for (const character of text) counts.set(character, (counts.get(character) ?? 0) + 1);
  return [...counts.values()].reduce(
    (sum, count) => sum - (count / text.length) * Math.log2(count / text.length),
    0,
  );
}

function looksRandom(value: string): boolean {
  if (/^[0-9a-f]+$/i.test(value)) return value.length >= 32 && entropy(value) >= HEX_BITS_MIN;
  // Words of a program have no digits among them, or one at their end.
  const mixed = /[a-z]/.test(value) && /[A-Z]/.test(value) && (value.match(/\d/g) ?? []).length >= 2;
  return mixed && !/^[a-z]+(?:[A-Z_-][a-z]+)+\d{0,2}$/.test(value) && entropy(value) >= BASE64_BITS_MIN;
}

/** One finding a line and rule; never with the secret itself. */
export function scanText(path: string, text: string): readonly Finding[] {
  return [...byPath(path), ...text.split('\n').flatMap((line, index) => scanLine(path, line, text, index))];
}

function byPath(path: string): readonly Finding[] {
  return CONTAINERS.test(path) ? [{ path, line: 0, rule: 'file of a key' }] : [];
}

function scanLine(path: string, line: string, text: string, index: number): readonly Finding[] {
  // A key in PEM goes over several lines.
  const window = line.includes('PRIVATE KEY') ? `${line}\n${nextLine(text, index)}` : line;
  const rules = RULES.filter(({ pattern }) => pattern.test(window)).map(({ name }) => name);
  const assigned = [...line.matchAll(ASSIGNMENT)].some(([, value = '']) => looksRandom(value));
  return [...rules, ...(assigned ? ['random value'] : [])].map((rule) => ({ path, line: index + 1, rule }));
}

function nextLine(text: string, index: number): string {
  return text.split('\n', index + 2)[index + 1] ?? '';
}

export interface Allowed {
  readonly path: RegExp;
  readonly rule: string;
  readonly reason: string;
}

export function isAllowed(finding: Finding, allowed: readonly Allowed[]): boolean {
  return allowed.some(({ path, rule }) => rule === finding.rule && path.test(finding.path));
}
