import { redactSecrets, redactText } from './redact-text.ts';

const MASK = '[redacted]';
const DEPTH_MAX = 6;
const ENTRIES_MAX = 200;
const TEXT_CHARACTERS_MAX = 8_000;

/** Names whose value is never shown, whatever it is. Matched on the name without case, `-` and `_`. */
const SECRET_NAME =
  /(token|secret|password|passwd|passphrase|apikey|accesskey|privatekey|signingkey|authorization|cookie|credential|xmbxapikey|signature|databaseurl|redisurl)/;
/** Names that contain a secret's word but hold no secret. */
const HARMLESS_NAME =
  /(tokencount|tokensused|inputtokens|outputtokens|maxtokens|idempotencykey|publickey|tokenconfigured)/;

/**
 * Who did something: an audit line is worthless without it, so these fields alone keep an e-mail address. Everywhere
 * else people's addresses are masked: logs are read by more people and kept longer than they need to know.
 */
const PERSON_NAME = /^(identity|actor|by)$/;

/** True when a field, header or variable of this name must not be shown. */
export function isSecretName(name: string): boolean {
  const plain = name.toLowerCase().replaceAll(/[-_\s.]/g, '');
  return SECRET_NAME.test(plain) && !HARMLESS_NAME.test(plain);
}

/**
 * A copy that is safe to log: values under a secret's name are masked, text is scrubbed, depth (6), entries (200 an
 * object) and text (8,000 characters) are bounded, cycles end. Own enumerable properties only.
 */
export function redactValue(value: unknown, depth = 0, ancestors: readonly object[] = []): unknown {
  if (typeof value === 'string') return redactText(cut(value));
  if (typeof value === 'bigint') return value.toString();
  if (typeof value === 'function' || typeof value === 'symbol') return `[${typeof value}]`;
  if (typeof value !== 'object' || value === null) return value;
  if (ancestors.includes(value)) return '[circular]';
  if (depth >= DEPTH_MAX) return '[deeper]';
  return redactObject(value, depth, [...ancestors, value]);
}

function redactObject(value: object, depth: number, ancestors: readonly object[]): unknown {
  // An error nested in other data keeps its name and words; its own fields stay unread, as they may hold a request.
  if (value instanceof Error) return { name: value.name, message: redactText(value.message) };
  if (value instanceof Date) return Number.isNaN(value.getTime()) ? null : value.toISOString();
  if (ArrayBuffer.isView(value)) return `[${value.byteLength} bytes]`;
  if (value instanceof Map) return redactObject(Object.fromEntries(value), depth, ancestors);
  if (value instanceof Set) return redactObject([...value], depth, ancestors);
  if (value instanceof URL) return redactText(value.href);
  if (Array.isArray(value)) {
    return value.slice(0, ENTRIES_MAX).map((entry) => redactValue(entry, depth + 1, ancestors));
  }
  const json = readJson(value);
  if (json !== undefined) return redactValue(json, depth + 1, ancestors);
  return redactFields(value, depth, ancestors);
}

function redactFields(value: object, depth: number, ancestors: readonly object[]): Record<string, unknown> {
  const copy: Record<string, unknown> = {};
  for (const key of Object.keys(value).slice(0, ENTRIES_MAX)) {
    copy[key] = redactField(value, key, depth, ancestors);
  }
  return copy;
}

function redactField(value: object, key: string, depth: number, ancestors: readonly object[]): unknown {
  if (isSecretName(key)) return maskOf(value, key);
  const content = readField(value, key);
  if (PERSON_NAME.test(key) && typeof content === 'string') return redactSecrets(cut(content));
  return redactValue(content, depth + 1, ancestors);
}

/** An absent secret stays visible as absent: it is what an operator looks for. */
function maskOf(value: object, key: string): unknown {
  const secret = readField(value, key);
  return secret === undefined || secret === null || typeof secret === 'boolean' ? secret : MASK;
}

function readField(value: object, key: string): unknown {
  try {
    return (value as Record<string, unknown>)[key];
  } catch {
    return '[unreadable]';
  }
}

/** Decimals and ids of libraries say themselves how they look in JSON. */
function readJson(value: object): unknown {
  const toJSON = readField(value, 'toJSON');
  if (typeof toJSON !== 'function') return undefined;
  try {
    return toJSON.call(value) as unknown;
  } catch {
    return '[unreadable]';
  }
}

function cut(text: string): string {
  if (text.length <= TEXT_CHARACTERS_MAX) return text;
  return `${text.slice(0, TEXT_CHARACTERS_MAX)}… (${text.length} characters)`;
}
