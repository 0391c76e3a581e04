import { decimal, text } from '@fleet/domain/money';
import { BinanceError } from './binance-error.ts';

const DECIMAL = /^([0-9]{1,20})(\.[0-9]{1,20})?$/;
const INTEGER = /^[0-9]{1,16}$/;
const CLIENT_ID = /^[a-zA-Z0-9-_]{1,36}$/;
const PLACES_MAX = 8;

/** The parameters of a request, from its query and its form body; every fault is one of Binance's errors. */
export class Parameters {
  private readonly values = new Map<string, string>();

  constructor(...encoded: readonly string[]) {
    for (const part of encoded) {
      for (const [name, value] of new URLSearchParams(part)) {
        if (this.values.has(name)) throw new BinanceError('REPEATED_PARAMETER', name);
        this.values.set(name, value);
      }
    }
  }

  /** The value, or undefined when it is absent or empty. */
  optional(name: string): string | undefined {
    const value = this.values.get(name);
    return value === undefined || value === '' ? undefined : value;
  }

  text(name: string): string {
    const value = this.optional(name);
    if (value === undefined) throw new BinanceError('MANDATORY', name);
    return value;
  }

  optionalInteger(name: string): number | undefined {
    const value = this.optional(name);
    if (value === undefined) return undefined;
    if (!INTEGER.test(value))
      throw new BinanceError('ILLEGAL_CHARACTERS', `'${name}'; legal range is '^[0-9]{1,20}$'.`);
    return Number(value);
  }

  integer(name: string): number {
    const value = this.optionalInteger(name);
    if (value === undefined) throw new BinanceError('MANDATORY', name);
    return value;
  }

  /** A number of rows: `fallback` when absent, never above `max`. */
  limit(fallback: number, max: number): number {
    const value = this.optionalInteger('limit') ?? fallback;
    if (value < 1) throw new BinanceError('PARAMETER', 'limit');
    return Math.min(value, max);
  }

  /** A plain decimal of at most eight places. */
  amount(name: string): string {
    const value = this.text(name);
    if (!DECIMAL.test(value))
      throw new BinanceError(
        'ILLEGAL_CHARACTERS',
        `'${name}'; legal range is '^([0-9]{1,20})(\\.[0-9]{1,20})?$'.`,
      );
    const exact = decimal(value);
    if (exact.decimalPlaces() > PLACES_MAX) throw new BinanceError('PRECISION', name);
    return text(exact);
  }

  clientId(name: string): string | undefined {
    const value = this.optional(name);
    if (value !== undefined && !CLIENT_ID.test(value))
      throw new BinanceError('ILLEGAL_CHARACTERS', `'${name}'; legal range is '^[a-zA-Z0-9-_]{1,36}$'.`);
    return value;
  }

  /** Refuses parameters that the kind of request does not take. */
  refuse(...names: readonly string[]): void {
    for (const name of names)
      if (this.optional(name) !== undefined) throw new BinanceError('NOT_REQUIRED', name);
  }
}
