import type { Bar } from '../bars/index.ts';
import { type TradingConfiguration, tradingConfiguration } from '../configuration/index.ts';
import { instrumentsSchema } from '../instruments/index.ts';
import { createSimulatedVenue, type SimulatedVenue, venueConfigSchema } from '../matching/index.ts';
import { type PlanSignal, portfolioRulesSchema } from '../portfolio/index.ts';
import { riskLimitsSchema } from '../risk/index.ts';
import { strategiesSchema } from '../strategies/index.ts';
import { type DayRules, dayRulesSchema } from '../supervision/index.ts';
import { Recorder } from './recorder.ts';
import { Trader } from './trader.ts';

export const MINUTE = 60_000;
export const DAY_MS = 86_400_000;
export const START = Date.UTC(2024, 7, 1);

const SYMBOLS = ['BTCUSDT', 'ETHUSDT'] as const;

function instrument(symbol: string) {
  return {
    ...{ symbol, base: symbol.slice(0, 3), quote: 'USDT', tickSize: '0.01', stepSize: '0.00001' },
    ...{ quantityMin: '0.00001', quantityMax: '9000', notionalMin: '5' },
  };
}

export interface Script {
  readonly day?: Partial<DayRules>;
  readonly symbols?: 1 | 2;
  readonly balances?: Readonly<Record<string, string>>;
  readonly risk?: Readonly<Record<string, unknown>>;
  readonly portfolio?: Readonly<Record<string, unknown>>;
}

/** Loose limits, so that a script meets only those that it sets; weights end at the cap of 0.4, the band is 0.05. */
export function scriptedConfiguration({
  day = {},
  symbols = 1,
  risk = {},
  portfolio = {},
}: Script): TradingConfiguration {
  const traded = SYMBOLS.slice(0, symbols);
  return tradingConfiguration({
    instruments: instrumentsSchema.parse({ instruments: traded.map(instrument) }),
    strategies: strategiesSchema.parse({
      interval: '1m',
      strategies: traded.map((symbol) => ({ symbol, strategy: 'ema-cross', parameters: {} })),
    }),
    portfolio: portfolioRulesSchema.parse({
      volTarget: 10,
      volWindow: 10,
      symbolCap: 0.4,
      band: 0.05,
      ...portfolio,
    }),
    risk: riskLimitsSchema.parse({
      ...{
        allowedSymbols: [...SYMBOLS.slice(0, symbols)],
        marketDataAgeMsMax: 180_000,
        orderNotionalMax: 1e6,
      },
      ...{ positionNotionalMax: 1e6, positionShareMax: 0.9, collar: 0.02, takerFeeRate: 0.001 },
      ...{ bars: { jumpSigmaMax: 1_000, jumpShareMin: 1, historyBars: 10 }, ...risk },
    }),
    day: dayRulesSchema.parse({ targetPolicy: 'ignore', lossCapPct: 50, lossCapResume: 'next-day', ...day }),
  });
}

/** A bar by its prices; without a range it stands still at its open and close. */
export interface Prices {
  readonly open: number;
  readonly high?: number;
  readonly low?: number;
  readonly close?: number;
}

export const LONG: PlanSignal = { target: 1, stopDistance: 5, confidence: 1, reason: 'long' };
export const FLAT: PlanSignal = { target: 0, stopDistance: null, confidence: 1, reason: 'flat' };

/** A trader that is led bar by bar with signals from a script: what is left is plan, gate, desk, venue, supervision. */
export class Scripted {
  readonly recorder = new Recorder();
  readonly trader: Trader;
  readonly venue: SimulatedVenue;
  openTime = START;
  readonly #configuration: TradingConfiguration;

  constructor(script: Script = {}) {
    this.#configuration = scriptedConfiguration(script);
    const venue = venueConfigSchema.parse({
      ...{ makerFeeRate: '0.001', takerFeeRate: '0.001', slippageBps: 0, collar: '0.02' },
      startBalances: script.balances ?? { USDT: '10000' },
    });
    const { instruments } = this.#configuration;
    this.venue = createSimulatedVenue({ instruments, ...venue }, { balances: venue.startBalances });
    this.trader = new Trader({
      configuration: this.#configuration,
      venue: this.venue,
      run: 'scripted',
      recorder: this.recorder,
      exact: true,
      startTime: START,
    });
  }

  /** One bar set: prices by symbol (null: no bar), signals by symbol. Gives the equity of its mark. */
  bar(prices: readonly (Prices | null)[], signals: readonly (PlanSignal | null)[]): string {
    const bars = prices.map((at, index) => (at === null ? null : this.#bar(index, at)));
    const present = bars.filter((bar) => bar !== null);
    this.trader.openAndPath(present);
    this.trader.close(this.openTime, bars, present, signals);
    this.openTime += MINUTE;
    return this.trader.supervision.lastMark?.equity ?? '';
  }

  /** Eleven calm bars around 100 that end at 100: the volatility is known, its weight is the cap. */
  warm(): this {
    for (let i = 0; i <= 10; i += 1) {
      const close = i === 10 ? 100 : 100 + (i % 2) * 0.01;
      this.all({ open: close }, FLAT);
    }
    return this;
  }

  /** The same bar and signal for every symbol. */
  all(prices: Prices, signal: PlanSignal): string {
    const { instruments } = this.#configuration;
    return this.bar(
      instruments.map(() => prices),
      instruments.map(() => signal),
    );
  }

  /** Goes on at the first minute of the next day. */
  nextDay(): this {
    this.openTime = Math.floor(this.openTime / DAY_MS + 1) * DAY_MS;
    return this;
  }

  orders(): string[] {
    return [...this.recorder.orders.values()].map((order) => {
      const trigger = order.triggerPrice === null ? '' : ` at ${order.triggerPrice}`;
      const symbol = order.symbol === 'BTCUSDT' ? '' : `${order.symbol} `;
      const filled = order.filled === order.quantity ? '' : ` of which ${order.filled}`;
      return `${symbol}${order.purpose} ${order.quantity}${trigger} ${order.state}${filled}`;
    });
  }

  fills(): string[] {
    return this.recorder.fills.map(
      ({ purpose, quantity, price, fee, feeAsset }) =>
        `${purpose} ${quantity} at ${price}, fee ${fee} ${feeAsset}`,
    );
  }

  get mode(): string {
    const { mode, reason } = this.trader.supervision.trading;
    return `${mode} ${reason}`;
  }

  #bar(index: number, { open, high, low, close = open }: Prices): Bar {
    return {
      symbol: SYMBOLS[index] as string,
      openTime: this.openTime,
      open,
      high: Math.max(high ?? open, open, close),
      low: Math.min(low ?? open, open, close),
      close,
      volume: 10,
    };
  }
}
