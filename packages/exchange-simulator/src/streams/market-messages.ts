import type { BarText } from '@fleet/domain/bars';
import type { Instrument } from '@fleet/domain/instruments';
import { fixed } from '../exchange/amounts.ts';
import type { ApiContext } from '../rest/endpoint.ts';
import { quoteVolume } from '../rest/klines.ts';
import { dayStatistics } from '../rest/tickers.ts';

/** What the close of a candle says to a stream: its messages are made only for names that somebody reads. */
export interface ClosedBar {
  readonly instrument: Instrument;
  readonly bar: BarText;
  readonly interval: string;
  readonly intervalMs: number;
  /** Market time of the close. */
  readonly time: number;
}

type Message = Readonly<Record<string, unknown>>;

const CHANNELS = ['trade', 'bookTicker', 'miniTicker', 'ticker'] as const;
type Channel = (typeof CHANNELS)[number];

/** A stream's name split up, or null when the simulator has no such stream. */
export function parseStream(
  name: string,
  symbols: readonly string[],
  interval: string,
): { readonly symbol: string; readonly channel: string } | null {
  const at = name.indexOf('@');
  const symbol = name.slice(0, at).toUpperCase();
  const channel = name.slice(at + 1);
  const known = channel === `kline_${interval}` || CHANNELS.some((one) => one === channel);
  return at > 0 && symbols.includes(symbol) && known ? { symbol, channel } : null;
}

export function streamName(symbol: string, channel: string): string {
  return `${symbol.toLowerCase()}@${channel}`;
}

/** The messages of one closed candle, by channel, in the order in which they are sent. */
export function closedBarMessages(
  closed: ClosedBar,
  context: ApiContext,
): readonly { readonly channel: string; readonly message: () => Message }[] {
  const makers: Readonly<Record<Channel, () => Message>> = {
    trade: () => tradeMessage(closed),
    bookTicker: () => bookTickerMessage(closed),
    miniTicker: () => miniTickerMessage(closed, dayStatistics(closed.instrument, context)),
    ticker: () => tickerMessage(closed, dayStatistics(closed.instrument, context)),
  };
  return [
    ...CHANNELS.map((channel) => ({ channel, message: makers[channel] })),
    { channel: `kline_${closed.interval}`, message: () => klineMessage(closed) },
  ];
}

/** A closed candle (`x` is true), prices as the source writes them. */
export function klineMessage({ instrument, bar, interval, intervalMs, time }: ClosedBar): Message {
  const { symbol } = instrument;
  return {
    e: 'kline',
    E: time,
    s: symbol,
    k: {
      t: bar.openTime,
      T: bar.openTime + intervalMs - 1,
      s: symbol,
      i: interval,
      f: -1,
      L: -1,
      o: bar.open,
      c: bar.close,
      h: bar.high,
      l: bar.low,
      v: bar.volume,
      n: 0,
      x: true,
      q: quoteVolume(bar),
      V: '0',
      Q: '0',
      B: '0',
    },
  };
}

/** One made-up trade a candle: its close and its whole volume. */
function tradeMessage({ instrument, bar, intervalMs, time }: ClosedBar): Message {
  return {
    e: 'trade',
    E: time,
    s: instrument.symbol,
    t: Math.floor(bar.openTime / intervalMs),
    p: fixed(bar.close),
    q: fixed(bar.volume),
    T: time - 1,
    m: false,
    M: true,
  };
}

function bookTickerMessage({ instrument, bar, time }: ClosedBar): Message {
  const quantity = fixed(instrument.quantityMax);
  const ask = (Number(bar.close) + Number(instrument.tickSize)).toFixed(8);
  return { u: time, s: instrument.symbol, b: fixed(bar.close), B: quantity, a: ask, A: quantity };
}

function miniTickerMessage({ instrument, time }: ClosedBar, day: Message): Message {
  return {
    e: '24hrMiniTicker',
    E: time,
    s: instrument.symbol,
    c: day['lastPrice'],
    o: day['openPrice'],
    h: day['highPrice'],
    l: day['lowPrice'],
    v: day['volume'],
    q: day['quoteVolume'],
  };
}

function tickerMessage({ instrument, time }: ClosedBar, day: Message): Message {
  return {
    e: '24hrTicker',
    E: time,
    s: instrument.symbol,
    p: day['priceChange'],
    P: day['priceChangePercent'],
    w: day['weightedAvgPrice'],
    x: day['prevClosePrice'],
    c: day['lastPrice'],
    Q: day['lastQty'],
    b: day['bidPrice'],
    B: day['bidQty'],
    a: day['askPrice'],
    A: day['askQty'],
    o: day['openPrice'],
    h: day['highPrice'],
    l: day['lowPrice'],
    v: day['volume'],
    q: day['quoteVolume'],
    O: day['openTime'],
    C: day['closeTime'],
    F: -1,
    L: -1,
    n: day['count'],
  };
}
