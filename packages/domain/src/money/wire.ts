import { z } from 'zod';

const PLAIN = /^-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?$/;

/** Decimal text on the wire: plain digits, no exponent, at most 60 characters. */
export const decimalText = z.string().max(60).regex(PLAIN, 'must be a plain decimal number such as "12.5"');

/** Decimal text above zero. */
export const positiveDecimalText = decimalText.refine((value) => Number(value) > 0, 'must be above zero');

/** Decimal text of zero or more. */
export const unsignedDecimalText = decimalText.refine(
  (value) => !value.startsWith('-'),
  'must not be negative',
);
