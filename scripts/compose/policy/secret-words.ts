const SECRET_NAME = /(TOKEN|SECRET|PASSWORD|PASS|PASSPHRASE|KEY|DATABASE_URL|REDIS_URL|WEBHOOK|DSN)$/;
const URL_WITH_PASSWORD = /:\/\/[^/\s:@]*:[^/\s@]+@/;
const KNOWN_SHAPES = /xox[abpr]-|-----BEGIN [A-Z ]*PRIVATE KEY|hooks\.slack\.com\/services\//;
const GIVEN = /(password|passwd|secret|token|api-?key)[= ](?!\$\$?\(|\/)["']?[^\s"'$/]{3,}/i;

/** Names of variables that hold a secret: by their name, or by what their value looks like. */
export function environmentSecrets(
  environment: Readonly<Record<string, string | null>> | null | undefined,
): string[] {
  return Object.entries(environment ?? {}).flatMap(([name, value]) => {
    if (value === null || value === '') return [];
    return SECRET_NAME.test(name) || isSecret(value) ? [name] : [];
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
  return URL_WITH_PASSWORD.test(text) || KNOWN_SHAPES.test(text);
}
