import { type CandleFault, CandleFormatError } from './candle-format-error.ts';
import type { CandleLayout } from './candle-layout.ts';

const ZERO = 48;
const NINE = 57;
const DOT = 46;
const COMMA = 44;
const LINE_FEED = 10;
const CARRIAGE_RETURN = 13;

/** Up to here a whole number and its power of ten are exact, so one division rounds as Number(text) does. */
const EXACT_DIGITS = 15;
const POWERS = Float64Array.from({ length: EXACT_DIGITS + 1 }, (_, exponent) => Number(`1e${exponent}`));

/** Open times above are microseconds (the dumps' unit since 2025): as milliseconds they lie past the year 5000. */
const MICROSECONDS_FROM = 1e14;

const NAMES = ['open_time', 'open', 'high', 'low', 'close', 'volume'] as const;

/**
 * Walks over the candles of a text, one `next()` a line, without making a string or an object for any of them:
 * `values` holds the six numbers (open time in ms), `starts` and `ends` where their texts are. Every line is
 * checked for columns, numbers, order and price range; the first fault is thrown with its line number.
 */
export class CandleScanner {
  readonly values: Float64Array = new Float64Array(6);
  readonly starts: Int32Array = new Int32Array(6);
  readonly ends: Int32Array = new Int32Array(6);
  /** Line of the current candle, the first of the text being 1. */
  line: number;
  /** A price of the current candle has more digits than a number holds. */
  imprecise = false;
  readonly #text: string;
  readonly #columns: number;
  #at: number;
  #previous = -1;

  constructor(text: string, layout: CandleLayout) {
    this.#text = text;
    this.#columns = layout.columns;
    this.#at = layout.bodyAt;
    this.line = layout.bodyAt === 0 ? 0 : 1;
  }

  /** Reads the next line; false at the end of the text. */
  next(): boolean {
    if (this.#at >= this.#text.length) return false;
    this.line += 1;
    this.imprecise = false;
    for (let column = 0; column < 6; column += 1) this.#field(column);
    if (this.#columns > 6) this.#skipRest();
    this.#endLine();
    this.#checkTime();
    this.#checkRange();
    return true;
  }

  /** The text of a column of the current candle, as it stands in the file. */
  text(column: number): string {
    return this.#text.slice(this.starts[column] ?? 0, this.ends[column] ?? 0);
  }

  #field(column: number): void {
    const text = this.#text;
    const start = this.#at;
    let at = start;
    let mantissa = 0;
    let digits = 0;
    let decimals = -1;
    for (; at < text.length; at += 1) {
      const code = text.charCodeAt(at);
      if (code >= ZERO && code <= NINE) {
        mantissa = mantissa * 10 + (code - ZERO);
        if (mantissa > 0) digits += 1;
        if (decimals >= 0) decimals += 1;
      } else if (code === DOT && decimals < 0 && at > start) decimals = 0;
      else break;
    }
    this.#checkEnd(column, start, at, decimals);
    this.starts[column] = start;
    this.ends[column] = at;
    this.#at = at;
    if (digits > EXACT_DIGITS || decimals > EXACT_DIGITS) this.values[column] = this.#long(column);
    else this.values[column] = decimals > 0 ? mantissa / (POWERS[decimals] ?? 1) : mantissa;
    if (column < 5 || this.#columns > 6) this.#at += 1;
  }

  /** The number of a text that is too long for the fast path; notes prices that it cannot hold. */
  #long(column: number): number {
    const text = this.text(column);
    const significant = text
      .replace('.', '')
      .replace(/^0+/, '')
      .replace(text.includes('.') ? /0+$/ : '', '');
    if (column > 0 && column < 5 && significant.length > EXACT_DIGITS) this.imprecise = true;
    return Number(text);
  }

  #checkEnd(column: number, start: number, at: number, decimals: number): void {
    const code = at < this.#text.length ? this.#text.charCodeAt(at) : LINE_FEED;
    const atLineEnd = code === LINE_FEED || code === CARRIAGE_RETURN;
    if (at > start && decimals !== 0) {
      if (column < 5 || this.#columns > 6 ? code === COMMA : atLineEnd) return;
    }
    if (at === start && column === 0 && atLineEnd) this.#fail('columns', 'the line is empty.');
    if ((at > start && code === COMMA && decimals !== 0) || (atLineEnd && (at > start || column < 5))) {
      this.#fail('columns', `expected ${this.#columns} columns separated by commas.`);
    }
    const end = this.#fieldEnd(start);
    this.#fail(
      'number',
      `${NAMES[column]} "${this.#text.slice(start, Math.min(end, start + 40))}" is no plain decimal.`,
    );
  }

  #fieldEnd(start: number): number {
    const found = this.#text.slice(start, start + 200).search(/[,\r\n]/);
    return found < 0 ? this.#text.length : start + found;
  }

  /** The further columns of a dump are counted, not read. */
  #skipRest(): void {
    const end = this.#text.indexOf('\n', this.#at);
    const stop = end < 0 ? this.#text.length : end;
    let commas = 6;
    for (let at = this.#at; at < stop; at += 1) if (this.#text.charCodeAt(at) === COMMA) commas += 1;
    if (commas !== this.#columns - 1)
      this.#fail('columns', `expected ${this.#columns} columns, found ${commas + 1}.`);
    this.#at = stop;
  }

  #endLine(): void {
    if (this.#text.charCodeAt(this.#at) === CARRIAGE_RETURN) this.#at += 1;
    if (this.#at < this.#text.length && this.#text.charCodeAt(this.#at) !== LINE_FEED) {
      this.#fail('columns', 'a carriage return stands inside the line.');
    }
    this.#at += 1;
  }

  #checkTime(): void {
    let time = this.values[0] ?? 0;
    if (time >= MICROSECONDS_FROM) {
      if (time % 1000 !== 0) this.#fail('misaligned', `open_time ${time} µs is no whole millisecond.`);
      time /= 1000;
      this.values[0] = time;
    }
    if (!Number.isSafeInteger(time))
      this.#fail('number', `open_time "${this.text(0)}" is no whole number of ms.`);
    if (time <= this.#previous) {
      this.#fail('not-ascending', `open_time ${time} is not after ${this.#previous} of the line before.`);
    }
    this.#previous = time;
  }

  #checkRange(): void {
    const open = this.values[1] ?? 0;
    const high = this.values[2] ?? 0;
    const low = this.values[3] ?? 0;
    const close = this.values[4] ?? 0;
    if (low > 0 && high >= open && high >= close && low <= open && low <= close) return;
    const prices = `open ${open} high ${high} low ${low} close ${close}`;
    this.#fail(
      'range',
      low > 0 && open > 0 && close > 0 && high > 0
        ? `impossible candle: ${prices}.`
        : `a price is 0: ${prices}.`,
    );
  }

  #fail(fault: CandleFault, message: string): never {
    throw new CandleFormatError(fault, this.line, message);
  }
}
