import {
  createSimulatedVenue,
  type MatchingBar,
  type SimulatedVenue,
  type VenueEvent,
  type VenueOrder,
  type VenueOrderRequest,
  type VenueRefusal,
  type VenueRules,
  type VenueSnapshot,
} from '@fleet/domain/matching';
import { type BarSet, barSet, type Market } from '../market/market.ts';
import type { CancelTarget, OrderCommand, Step } from './command.ts';
import { type HistorySnapshot, OrderHistory } from './order-history.ts';
import {
  accountPosition,
  balanceUpdate,
  type ExecutionType,
  executionReport,
  type UserEvent,
} from './user-events.ts';

export type Refusal = VenueRefusal | 'MARKET_CLOSED';
export type Result = { readonly order: Readonly<VenueOrder> } | { readonly refusal: Refusal };

/** What a command did: the results in the order of its parts, and what the user data stream says about it. */
export interface Outcome {
  readonly canceled: readonly Result[];
  readonly placed: Result | null;
  readonly events: readonly UserEvent[];
}

export interface ExchangeSnapshot {
  readonly venue: VenueSnapshot;
  readonly history: HistorySnapshot;
  readonly marketTime: number;
  readonly closed: boolean;
  readonly nextExecutionId: number;
}

export interface ExchangeOptions {
  readonly market: Market;
  readonly rules: VenueRules;
  readonly startBalances: Readonly<Record<string, string>>;
  readonly snapshot?: ExchangeSnapshot | undefined;
}

/**
 * One account on one market: the domain's matching engine, the history of its orders and fills, and the market's
 * clock. Deterministic: the same commands give the same ids, times and events.
 */
export class Exchange {
  readonly venue: SimulatedVenue;
  readonly history: OrderHistory;
  readonly rules: VenueRules;
  private readonly market: Market;
  private time: number;
  private closed: boolean;
  private nextExecutionId: number;

  constructor({ market, rules, startBalances, snapshot }: ExchangeOptions) {
    this.market = market;
    this.rules = rules;
    this.venue = createSimulatedVenue(
      rules,
      snapshot?.venue ?? { balances: withAssets(market, startBalances) },
    );
    this.history = new OrderHistory(snapshot?.history);
    this.time = snapshot?.marketTime ?? market.from;
    this.closed = snapshot?.closed ?? false;
    this.nextExecutionId = snapshot?.nextExecutionId ?? 1;
    if (snapshot === undefined) this.priceFromHistory();
  }

  /** Market time, epoch ms: the time of the last step, and before the first the begin of the run. */
  get marketTime(): number {
    return this.time;
  }

  get marketClosed(): boolean {
    return this.closed;
  }

  /** Last price of a symbol in quote units, null before its first candle. */
  lastPrice(symbol: string): number | null {
    return this.venue.lastPrice(symbol);
  }

  couldMatch(step: 'open' | 'path', set: BarSet): boolean {
    const bars = matchingBars(set);
    return step === 'open' ? this.venue.couldMatchOpen(bars) : this.venue.couldMatchPath(bars);
  }

  apply(command: OrderCommand): Outcome {
    const events: UserEvent[] = [];
    switch (command.kind) {
      case 'place':
        return { canceled: [], placed: this.place(command.request, events), events };
      case 'cancel':
        return {
          canceled: command.targets.map((target) => this.cancel(target, events)),
          placed: null,
          events,
        };
      case 'replace': {
        const canceled = this.cancel(command.target, events);
        const stop = 'refusal' in canceled && !command.allowFailure;
        return { canceled: [canceled], placed: stop ? null : this.place(command.request, events), events };
      }
      case 'transfer':
        this.transfer(command.asset, command.amount, events);
        return { canceled: [], placed: null, events };
    }
  }

  /** Moves the market by one step; the set of `openTime` must exist unless the market ends. */
  step(step: Step, openTime: number): { readonly set: BarSet; readonly events: readonly UserEvent[] } {
    const set = barSet(this.market, openTime);
    const bars = matchingBars(set);
    const { intervalMs } = this.market;
    const events: UserEvent[] = [];
    switch (step) {
      case 'open':
        this.time = openTime;
        this.report(this.venue.open(bars), events);
        break;
      case 'path':
        this.time = openTime + intervalMs / 2;
        this.report(this.venue.path(bars, intervalMs), events);
        break;
      case 'close':
        this.time = openTime + intervalMs;
        this.venue.close(bars);
        break;
      case 'end':
        this.closed = true;
        this.report(this.venue.expireAll(this.time), events);
    }
    return { set, events };
  }

  snapshot(): ExchangeSnapshot {
    return {
      venue: this.venue.snapshot(),
      history: this.history.snapshot(),
      marketTime: this.time,
      closed: this.closed,
      nextExecutionId: this.nextExecutionId,
    };
  }

  private place(request: VenueOrderRequest, events: UserEvent[]): Result {
    if (this.closed) return { refusal: 'MARKET_CLOSED' };
    const result = this.venue.place(request, this.time);
    if ('refusal' in result) return result;
    this.history.note(result.order);
    this.push(events, 'NEW', result.order, null, null);
    return result;
  }

  private cancel(target: CancelTarget, events: UserEvent[]): Result {
    const result = this.venue.cancel(target.symbol, target.clientOrderId, this.time);
    if ('refusal' in result) return result;
    this.history.note(result.order);
    this.push(events, 'CANCELED', result.order, null, target.cancelId);
    return result;
  }

  /** Says nothing where the account has not the asset or not as much of it free. */
  private transfer(asset: string, amount: string, events: UserEvent[]): void {
    const balances = this.venue.balances();
    if (balances[asset] === undefined || 'refusal' in this.venue.transfer(asset, amount)) return;
    events.push(balanceUpdate(asset, amount, this.time));
    events.push(accountPosition([asset], this.venue.balances(), this.time));
  }

  private report(matched: readonly VenueEvent[], events: UserEvent[]): void {
    for (const event of matched) {
      this.history.note(event.order);
      if (event.kind === 'trade') this.history.addTrade(event.trade);
      const type = event.kind === 'trade' ? 'TRADE' : 'EXPIRED';
      this.push(events, type, event.order, event.kind === 'trade' ? event.trade : null, null);
    }
  }

  private push(
    events: UserEvent[],
    type: ExecutionType,
    order: Readonly<VenueOrder>,
    trade: Extract<VenueEvent, { kind: 'trade' }>['trade'] | null,
    cancelId: string | null,
  ): void {
    const executionId = this.nextExecutionId;
    this.nextExecutionId += 1;
    const time = trade?.time ?? order.updatedAt;
    events.push(executionReport({ type, order, trade, cancelId, time, executionId }));
    const instrument = this.market.instruments.find(({ symbol }) => symbol === order.symbol);
    const assets = instrument === undefined ? [] : [instrument.base, instrument.quote];
    events.push(accountPosition(assets, this.venue.balances(), time));
  }

  /** Candles before the run's first set are history: the newest of each symbol is its last price. */
  private priceFromHistory(): void {
    const bars: MatchingBar[] = [];
    for (const [symbol, series] of this.market.series) {
      const [bar] = series.range(0, this.market.from, 1, true);
      if (bar !== undefined) bars.push(matchingBar(symbol, bar));
    }
    this.venue.close(bars);
  }
}

function matchingBars(set: BarSet): MatchingBar[] {
  return set.bars.map(({ symbol, bar }) => matchingBar(symbol, bar));
}

function matchingBar(symbol: string, bar: BarSet['bars'][number]['bar']): MatchingBar {
  return {
    symbol,
    openTime: bar.openTime,
    open: Number(bar.open),
    high: Number(bar.high),
    low: Number(bar.low),
    close: Number(bar.close),
  };
}

/** The account shows every asset of the market, also at zero. */
function withAssets(
  market: Market,
  start: Readonly<Record<string, string>>,
): Readonly<Record<string, string>> {
  const assets = market.instruments.flatMap((instrument) => [instrument.quote, instrument.base]);
  return { ...Object.fromEntries(assets.map((asset) => [asset, '0'])), ...start };
}
