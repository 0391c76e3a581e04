import type { Bar } from '../bars/index.ts';
import type { DeskEvent } from '../execution/index.ts';
import type { OrderPurpose, OrderState } from '../orders/index.ts';
import type { RiskCodeName } from '../risk/index.ts';

/** An order as parity compares it: by cycle, symbol, purpose and sequence, never by run or id. */
export interface RecordedOrder {
  readonly cycleId: string;
  readonly symbol: string;
  readonly purpose: OrderPurpose;
  readonly sequence: number;
  readonly side: 'buy' | 'sell';
  readonly type: 'market' | 'limit' | 'stop';
  readonly quantity: string;
  readonly limitPrice: string | null;
  readonly triggerPrice: string | null;
  state: OrderState;
  filled: string;
}

export interface RecordedFill {
  readonly cycleId: string;
  readonly symbol: string;
  readonly purpose: OrderPurpose;
  readonly sequence: number;
  readonly side: 'buy' | 'sell';
  readonly tradeId: string;
  readonly price: string;
  readonly quantity: string;
  readonly quoteQuantity: string;
  readonly fee: string;
  readonly feeAsset: string;
  readonly time: number;
}

export interface RecordedDenial {
  readonly cycleId: string;
  readonly symbol: string;
  readonly purpose: OrderPurpose;
  readonly sequence: number;
  readonly code: RiskCodeName;
}

/** A position from its first entry fill until nothing sellable is left. Numbers: it is for reports. */
export interface RecordedTrade {
  readonly symbol: string;
  readonly entryTime: number;
  exitTime: number;
  quantity: number;
  entryQuote: number;
  soldQuantity: number;
  exitQuote: number;
  /** Quote units; a fee in base is valued at its fill. */
  fees: number;
  /** Base units of the fees that were taken from what was bought. */
  baseFees: number;
  readonly entryReason: string;
  exitReason: string;
  lowest: number;
  highest: number;
}

/** Writes down what a backtest did. */
export class Recorder {
  readonly orders = new Map<string, RecordedOrder>();
  readonly fills: RecordedFill[] = [];
  readonly denials: RecordedDenial[] = [];
  readonly trades: RecordedTrade[] = [];
  /** Quote units over all fills: value bought plus value sold, and cost against the decision prices (a stop's trigger). */
  tradedNotional = 0;
  slippage = 0;
  readonly #open = new Map<string, RecordedTrade>();

  event(event: DeskEvent, flat: boolean): void {
    const { order } = event;
    const known = this.orders.get(order.clientOrderId);
    if (known === undefined) {
      this.orders.set(order.clientOrderId, {
        cycleId: order.cycleId,
        symbol: order.symbol,
        purpose: order.purpose,
        sequence: order.sequence,
        side: order.side,
        type: order.type,
        quantity: order.quantity,
        limitPrice: order.limitPrice,
        triggerPrice: order.triggerPrice,
        state: order.state,
        filled: order.filled.toFixed(),
      });
    } else {
      known.state = order.state;
      known.filled = order.filled.toFixed();
    }
    if (event.kind === 'filled') this.#fill(event, flat);
  }

  #fill(event: Extract<DeskEvent, { kind: 'filled' }>, flat: boolean): void {
    const { order, trade } = event;
    this.fills.push({
      cycleId: order.cycleId,
      symbol: order.symbol,
      purpose: order.purpose,
      sequence: order.sequence,
      side: order.side,
      tradeId: trade.tradeId,
      price: trade.price,
      quantity: trade.quantity,
      quoteQuantity: trade.quoteQuantity,
      fee: trade.fee,
      feeAsset: trade.feeAsset,
      time: trade.time,
    });
    const price = Number(trade.price);
    const inBase = trade.feeAsset === order.symbol.slice(0, trade.feeAsset.length);
    const fee = inBase ? Number(trade.fee) * price : Number(trade.fee);
    this.#cost(event, price);
    if (order.side === 'buy') this.#enter(event, price, { fee, base: inBase ? Number(trade.fee) : 0 });
    else this.#leave(event, fee, flat);
  }

  #cost({ order, trade }: Extract<DeskEvent, { kind: 'filled' }>, price: number): void {
    this.tradedNotional += Number(trade.quoteQuantity);
    const decided = order.referencePrice ?? order.triggerPrice;
    if (decided === null) return;
    const worse = order.side === 'buy' ? price - Number(decided) : Number(decided) - price;
    this.slippage += worse * Number(trade.quantity);
  }

  #enter(
    { order, trade }: Extract<DeskEvent, { kind: 'filled' }>,
    price: number,
    { fee, base }: { readonly fee: number; readonly base: number },
  ): void {
    let open = this.#open.get(order.symbol);
    if (open === undefined) {
      open = {
        symbol: order.symbol,
        entryTime: trade.time,
        exitTime: trade.time,
        quantity: 0,
        entryQuote: 0,
        soldQuantity: 0,
        exitQuote: 0,
        fees: 0,
        baseFees: 0,
        entryReason: order.reason,
        exitReason: '',
        lowest: price,
        highest: price,
      };
      this.#open.set(order.symbol, open);
    }
    open.quantity += Number(trade.quantity);
    open.entryQuote += Number(trade.quoteQuantity);
    open.fees += fee;
    open.baseFees += base;
  }

  #leave({ order, trade }: Extract<DeskEvent, { kind: 'filled' }>, fee: number, flat: boolean): void {
    const open = this.#open.get(order.symbol);
    if (open === undefined) return;
    open.soldQuantity += Number(trade.quantity);
    open.exitQuote += Number(trade.quoteQuantity);
    open.fees += fee;
    open.exitTime = trade.time;
    open.exitReason = order.purpose === 'stop' ? 'stop' : order.reason;
    if (!flat) return;
    this.#open.delete(order.symbol);
    this.trades.push(open);
  }

  /** Extremes of open positions, for adverse and favourable excursion. */
  watch(bars: readonly Bar[]): void {
    if (this.#open.size === 0) return;
    for (const bar of bars) {
      const open = this.#open.get(bar.symbol);
      if (open === undefined) continue;
      if (bar.low < open.lowest) open.lowest = bar.low;
      if (bar.high > open.highest) open.highest = bar.high;
    }
  }
}
