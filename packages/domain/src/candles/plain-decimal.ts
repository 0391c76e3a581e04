/**
 * A non-negative number as a plain decimal, never with an exponent. It is the shortest decimal that reads back as
 * the same double, so a decimal of at most 15 significant digits comes back exactly, without trailing zeros.
 */
export function plainDecimal(value: number): string {
  const text = String(value);
  const exponentAt = text.indexOf('e');
  if (exponentAt < 0) return text;
  const exponent = Number(text.slice(exponentAt + 1));
  const [whole = '', fraction = ''] = text.slice(0, exponentAt).split('.');
  if (exponent < 0) return `0.${'0'.repeat(-exponent - 1)}${whole}${fraction}`;
  return `${whole}${fraction}${'0'.repeat(exponent - fraction.length)}`;
}
