/** A closed candle as numbers, for evaluation. Prices in quote units, volume in base units. */
export interface Bar {
  readonly symbol: string;
  /** Start of the bar, epoch ms UTC; the bar is complete at `openTime + interval`. */
  readonly openTime: number;
  readonly open: number;
  readonly high: number;
  readonly low: number;
  readonly close: number;
  readonly volume: number;
}

/** The same candle as the venue says it: exact decimals without exponent, which money is computed from. */
export interface BarText {
  openTime: number;
  open: string;
  high: string;
  low: string;
  close: string;
  volume: string;
}

/** The numbers of an exact bar; each is the double nearest to its decimal. */
export function toBar(symbol: string, text: BarText): Bar {
  return {
    symbol,
    openTime: text.openTime,
    open: Number(text.open),
    high: Number(text.high),
    low: Number(text.low),
    close: Number(text.close),
    volume: Number(text.volume),
  };
}
