import { scanText } from '../../checks/secret-rules.ts';

/** A word of the name says so, whatever stands around it: `ADMIN_TOKEN_1`, `db_password`, `SLACK_CREDENTIALS`. */
const SECRET_NAME =
  /(^|[_-])(TOKENS?|SECRETS?|PASSWORDS?|PASSWD|PWD|PASS|PASSPHRASE|KEYS?|CREDENTIALS?|CREDS?|AUTH|AUTHORIZATION|BEARER|COOKIE|WEBHOOK|DSN|(DATABASE|REDIS|POSTGRES|DB)_URL)([_-]|$)/i;
/** Where it lies, not what it is. */
const PLACE = /_(FILE|DIR)$/;
const URL_WITH_PASSWORD = /:\/\/[^/\s:@]*:[^/\s@]+@/;
const KNOWN_SHAPES =
  /xox[abeoprs]-|xapp-|sk-ant-|gh[opsur]_|-----BEGIN [A-Z ]*PRIVATE KEY|hooks\.slack\.com\/services\/|hc-ping\.com\/|\b(Bearer|Basic)\s+\S{8,}|(?<![0-9a-f])[0-9a-f]{32,}(?![0-9a-f])/i;
const GIVEN = /(password|passwd|secret|token|api-?key)[= ](?!\$\$?\(|\/)["']?[^\s"'$/]{3,}/i;

/** Names of variables that hold a secret: by their name, or by what their value looks like. */
export function environmentSecrets(
  environment: Readonly<Record<string, string | null>> | null | undefined,
): string[] {
  return Object.entries(environment ?? {}).flatMap(([name, value]) => {
    if (value === null || value === '') return [];
    return (SECRET_NAME.test(name) && !PLACE.test(name)) || isSecret(value) ? [name] : [];
  });
}

/** Words of a command that hold a secret. One that is read from a file when the process starts is none. */
export function commandSecrets(words: readonly string[]): string[] {
  return words.filter((word, i) => {
    // An option and its value are two words.
    const text = /^--?[^=\s]+$/.test(word) ? `${word} ${words[i + 1] ?? ''}` : word;
    return isSecret(word) || GIVEN.test(text);
  });
}

function isSecret(text: string): boolean {
  return URL_WITH_PASSWORD.test(text) || KNOWN_SHAPES.test(text) || scanText('', text).length > 0;
}
