import { decimalText } from '@fleet/domain/money';
import { fieldFaults, ValidationFailed } from '@fleet/shared/http';
import { z } from 'zod';

export const symbolField = z
  .string()
  .regex(/^[A-Z0-9]{4,20}$/, 'must be a venue symbol such as BTCUSDT')
  .describe('Symbol at the venue');
export const openTimeField = z.int().nonnegative().describe('Start of the bar, epoch milliseconds UTC');

export const barFields = {
  symbol: symbolField,
  openTime: openTimeField,
  open: decimalText,
  high: decimalText,
  low: decimalText,
  close: decimalText,
  volume: decimalText,
};

/** @throws VALIDATION_FAILED naming the symbols that no strategy speaks for. */
export function assertAnalysed(
  where: 'query' | 'body',
  field: string,
  asked: readonly string[],
  analysed: readonly string[],
): void {
  const strangers = asked.filter((symbol) => !analysed.includes(symbol));
  if (strangers.length === 0) return;
  const message = `${strangers.join(', ')}: not analysed here; the symbols are ${analysed.join(', ')}`;
  throw new ValidationFailed(message, fieldFaults([{ in: where, field, message }]));
}
