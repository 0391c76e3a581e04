const MASK = '[redacted]';

/**
 * Secrets inside prose: credentials in URLs, bearer tokens, `name=value` pairs with a secret's name, Slack and
 * Anthropic tokens, PEM keys. The second fence behind never putting them there.
 */
const PATTERNS: readonly (readonly [RegExp, string])[] = [
  [/-----BEGIN [A-Z ]*PRIVATE KEY-----[\s\S]*?(-----END [A-Z ]*PRIVATE KEY-----|$)/g, MASK],
  [/([a-z][a-z0-9+.-]*:\/\/)[^\s/@]+@/gi, `$1${MASK}@`],
  [/\b(Bearer|Basic)\s+[A-Za-z0-9._~+/=-]{6,}/gi, `$1 ${MASK}`],
  [/\b(?:xox[a-z]|xapp)-[A-Za-z0-9-]+/g, MASK],
  [/\bsk-[A-Za-z0-9_-]{8,}/g, MASK],
  [
    /((?:x-mbx-apikey|x-admin-token|api[-_]?key|access[-_]?key|secret(?:[-_]?key)?|private[-_]?key|pass(?:word|wd)|token|signature|authorization|cookie)["']?\s*[:=]\s*["']?)(?!\[redacted\]|Bearer|Basic)[^\s"',;&}]+/gi,
    `$1${MASK}`,
  ],
];

/** The text with everything that looks like a credential masked. Idempotent. */
export function redactText(text: string): string {
  return PATTERNS.reduce((current, [pattern, replacement]) => current.replace(pattern, replacement), text);
}
