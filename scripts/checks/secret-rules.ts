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
  {
    name: 'Slack token',
    pattern: /\bxox[abeoprs]-(?:\d+-){1,3}[A-Za-z0-9-]{10,}|\bxapp-\d-[A-Z0-9]{6,}-\d+-[A-Za-z0-9]{16,}/,
  },
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
    // With a user or without; eight letters, and digits among them.
    pattern:
      /\b(?:postgres(?:ql)?|rediss?|https?|amqps?):\/\/[^\s:@/"'`$<{]*:(?=[^\s@/"'`]*\d)[A-Za-z0-9_~.%+-]{8,}@/,
  },
  {
    name: 'dead man’s address',
    pattern: /\bhc-ping\.com\/[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}/i,
  },
  // A whole user of an ACL: `user x on >password`.
  { name: 'password of Redis', pattern: /\buser\s+\S+\s[^\n]*?>(?=\S*\d)[A-Za-z0-9+/_=-]{16,}/ },
];

const NAME = '(?:password|passwd|passphrase|secret|token|api_?key|private_?key|credential)[a-z0-9_-]*';
const VALUE = '([A-Za-z0-9+/_=-]{20,})';
/** `password = "…"`: a name of a secret, and behind it a value of the letters of chance. */
const ASSIGNMENT = new RegExp(`${NAME}["']?\\s*[:=]\\s*[|>]?-?\\s*["'\`]?${VALUE}["'\`]?`, 'gi');
/** The name of a secret ends the line, and its value is the next. */
const OPEN_NAME = new RegExp(`${NAME}["']?\\s*[:=]\\s*(?:[|>]-?|\\\\)?\\s*$`, 'i');
/** `name: password` on a line, `value: …` on the next. */
const NAMED = new RegExp(`\\b(?:name|key)["']?\\s*[:=]\\s*["']?[a-z0-9_-]*${NAME}["']?,?\\s*$`, 'i');
const NAMED_VALUE = new RegExp(`^\\s*["']?value["']?\\s*[:=]\\s*["']?${VALUE}`, 'i');
/** What people think up is short; in files that configure a program, not in code that names things. */
const SHORT = /(?:password|passwd|pwd)["']?\s*[:=]\s*["']?([^\s"',;#{}$<>/()[\]]{8,40})["']?,?\s*(?:#.*)?$/i;
const CONFIGURES =
  /\.(?:ya?ml|json|toml|ini|cfg|conf|properties|env|sh|sql|txt|acl)$|(?:^|\/)[^.]+$|(?:^|\/)\.env/;
const CREDENTIALS = /\b(?:Bearer|Basic)\s+([A-Za-z0-9+/_=-]{16,})/gi;
const HEX_BITS_MIN = 3;
const HEX_LENGTH_MIN = 24;
const BASE64_BITS_MIN = 4;
const WHOLE_FILE_LENGTH_MIN = 24;

/** Files whose very content is a secret, by their ending. */
const CONTAINERS = /\.(?:p12|pfx|jks|keystore|kdbx|key)$/i;
/** Where secrets and certificates of an installation lie; git ignores it all, unless it is forced. */
const PLACES = /^(?:secrets|pki|traefik\/(?:ca|certs))\/|(?:^|\/)\.env(?:\.[\w.-]+)?$/;
const OF_THE_REPOSITORY = /^secrets\/README\.md$|\/\.gitkeep$|\.env\.example$/;
/** PKCS #8, PKCS #1, SEC 1, PKCS #12 and encrypted PKCS #8, by how they begin, in hexadecimal. */
const DER =
  /^30(?:[0-7]\w|81\w{2}|82\w{4})(?:02010(?:0(?:30|02)|104)|02010330|30\w{2}06092a864886f70d01050d)/;
const BYTES_MAX = 2 * 1024 * 1024;
const BINARY_BYTES = 8_000;

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
  if (/^[0-9a-f]+$/i.test(value)) return value.length >= HEX_LENGTH_MIN && entropy(value) >= HEX_BITS_MIN;
  // Words of a program have no digits among them, or one at their end.
  const mixed = /[a-z]/.test(value) && /[A-Z]/.test(value) && (value.match(/\d/g) ?? []).length >= 2;
  return mixed && !/^[a-z]+(?:[A-Z_-][a-z]+)+\d{0,2}$/.test(value) && entropy(value) >= BASE64_BITS_MIN;
}

/** As it lies on the disk: also what is no text. */
export function scanFile(path: string, content: Buffer): readonly Finding[] {
  if (content.length > BYTES_MAX) return byPath(path);
  const key = DER.test(content.subarray(0, 64).toString('hex'));
  if (key) return [...byPath(path), { path, line: 0, rule: 'key in DER' }];
  return scanText(path, content.subarray(0, BINARY_BYTES).includes(0) ? '' : content.toString('utf8'));
}

/** One finding a line and rule; never with the secret itself. */
export function scanText(path: string, text: string): readonly Finding[] {
  const lines = text.split('\n');
  return [
    ...byPath(path),
    ...(isSecretAlone(text) ? [{ path, line: 1, rule: 'nothing but a random value' }] : []),
    ...lines.flatMap((line, index) => scanLine(path, line, lines[index + 1] ?? '', index)),
  ];
}

function byPath(path: string): readonly Finding[] {
  return [
    ...(CONTAINERS.test(path) ? [{ path, line: 0, rule: 'file of a key' }] : []),
    ...(PLACES.test(path) && !OF_THE_REPOSITORY.test(path)
      ? [{ path, line: 0, rule: 'place of secrets' }]
      : []),
  ];
}

/** Hexadecimal or base64, perhaps over several lines, and nothing else. */
function isSecretAlone(text: string): boolean {
  const content = text.trim();
  if (content.length < WHOLE_FILE_LENGTH_MIN || !/^[A-Za-z0-9+/_=\n-]+$/.test(content)) return false;
  return looksRandom(content.replaceAll('\n', ''));
}

function scanLine(path: string, line: string, next: string, index: number): readonly Finding[] {
  // A key in PEM goes over several lines.
  const window = line.includes('PRIVATE KEY') ? `${line}\n${next}` : line;
  const rules = RULES.filter(({ pattern }) => pattern.test(window)).map(({ name }) => name);
  const random = assigned(line, next).some(looksRandom) ? ['random value'] : [];
  const short = CONFIGURES.test(path) && isThoughtUp(SHORT.exec(line)?.[1] ?? '') ? ['password'] : [];
  const shown = [...line.matchAll(CREDENTIALS)].some(([, value = '']) => isCredential(value));
  const header = shown ? ['credentials of a header'] : [];
  return [...rules, ...random, ...short, ...header].map((rule) => ({ path, line: index + 1, rule }));
}

/** Values behind names of secrets. */
function assigned(line: string, next: string): readonly string[] {
  const window = OPEN_NAME.test(line) ? `${line.replace(/\\\s*$/, '')} ${next.trim()}` : line;
  const named = NAMED.test(line) ? [NAMED_VALUE.exec(next)?.[1] ?? ''] : [];
  return [...[...window.matchAll(ASSIGNMENT)].map(([, value = '']) => value), ...named];
}

/** Letters and digits: a word of a program has none, and a figure no letters. */
function isThoughtUp(value: string): boolean {
  return /[A-Za-z]/.test(value) && /\d/.test(value) && !/^\w+\.\w+/.test(value);
}

/** Random, or `name:password` in base64. */
function isCredential(value: string): boolean {
  const pair = /^[\x20-\x7e]+:[\x20-\x7e]{6,}$/;
  return looksRandom(value) || pair.test(Buffer.from(value, 'base64').toString('latin1'));
}

export interface Allowed {
  readonly path: RegExp;
  readonly rule: string;
  readonly reason: string;
}

export function isAllowed(finding: Finding, allowed: readonly Allowed[]): boolean {
  return allowed.some(({ path, rule }) => rule === finding.rule && path.test(finding.path));
}
