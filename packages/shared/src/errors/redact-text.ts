const MASK = '[redacted]';

/**
 * Secrets inside prose: PEM keys, credentials in URLs, header lines, bearer tokens and JWTs, tokens of Slack, Anthropic,
 * GitHub and Grafana, Slack's webhook addresses, `name=value` pairs with a secret's name. The second fence behind never
 * putting them there.
 */
const SECRETS: readonly (readonly [RegExp, string])[] = [
  [/-----BEGIN [A-Z ]*PRIVATE KEY-----[\s\S]*?(-----END [A-Z ]*PRIVATE KEY-----|$)/g, MASK],
  [/([a-z][a-z0-9+.-]*:\/\/)[^\s/@]+@/gi, `$1${MASK}@`],
  // A header line to its end: several cookies and an unknown scheme are part of the value. Quotes may be escaped: JSON
  // in JSON.
  [
    /\b((?:proxy-)?authorization|(?:set-)?cookie)((?:\\?["'])?\s*[:=]\s*(?:\\?["'])?)[^\s"'{}\\][^\r\n"'{}\\]*/gi,
    `$1$2${MASK}`,
  ],
  [/\b(Bearer|Basic)\s+[A-Za-z0-9._~+/=-]{6,}/gi, `$1 ${MASK}`],
  [/\beyJ[A-Za-z0-9_-]{8,}\.[A-Za-z0-9_-]{4,}(?:\.[A-Za-z0-9_-]*)?/g, MASK],
  [/\b(?:xox[a-z]|xapp)-[A-Za-z0-9-]+/g, MASK],
  [/(hooks\.slack\.com\/[a-z]+\/)[A-Za-z0-9/_-]+/gi, `$1${MASK}`],
  [/\bsk-[A-Za-z0-9_-]{8,}/g, MASK],
  [/\b(?:gh[opsur]_[A-Za-z0-9]{16,}|github_pat_[A-Za-z0-9_]{16,}|gl(?:sa|c)_[A-Za-z0-9_]{16,})/g, MASK],
  [
    /((?:x-mbx-apikey|x-admin-token|api[-_]?key|access[-_]?key|secret(?:[-_]?key)?|private[-_]?key|pass(?:word|wd)|token|signature)(?:\\?["'])?\s*[:=]\s*(?:\\?["'])?)(?!\[redacted\]|Bearer|Basic)[^\s"',;&}\\]+/gi,
    `$1${MASK}`,
  ],
];

/** Lengths as RFC 5321 and DNS have them, so that no text makes the search slow. */
const EMAIL = /(?<![\w.%+-])[\w.%+-]{1,64}@(?:[A-Za-z0-9-]{1,63}\.){1,8}[A-Za-z]{2,24}\b/g;

/** A mask may complete what another pattern knows (a URL whose password was a pair): then they look once more. */
const PASSES_MAX = 4;

/** The text with everything that looks like a credential masked; people's addresses stay. Idempotent. */
export function redactSecrets(text: string): string {
  let masked = text;
  for (let pass = 0; pass < PASSES_MAX; pass += 1) {
    const before = masked;
    for (const [pattern, replacement] of SECRETS) masked = masked.replace(pattern, replacement);
    if (masked === before) break;
  }
  return masked;
}

/** The text with everything that looks like a credential or an e-mail address masked. Idempotent. */
export function redactText(text: string): string {
  return redactSecrets(text).replace(EMAIL, '[email]');
}
