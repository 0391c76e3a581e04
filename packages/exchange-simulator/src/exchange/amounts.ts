import { decimal, text } from '@fleet/domain/money';

const PLACES = 8;

/** An amount as Binance writes it: at least eight decimals, none lost. */
export function fixed(value: string | number): string {
  const exact = decimal(value);
  return exact.decimalPlaces() > PLACES ? text(exact) : exact.toFixed(PLACES);
}
