/**
 * The one way in which a person is written: lower case. Undefined for what is not printable ASCII: other characters are
 * folded onto letters, so that U+212A (the Kelvin sign) would be a k and its owner somebody else.
 */
export function identityOf(email: string): string | undefined {
  return /^[\x21-\x7e]+$/.test(email) ? email.toLowerCase() : undefined;
}
