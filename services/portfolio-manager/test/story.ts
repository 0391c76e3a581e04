import type { OrderProposed } from '@fleet/domain/events';
import { clientOrderId } from '@fleet/domain/orders';
import { createRandom, nextInteger, nextUniform, type RandomState } from '@fleet/domain/random';
import type { NewEvent } from '@fleet/shared/streams';
import { BOTH, type Fed, MINUTE, type OrderOf, START } from '@fleet/testkit/account-events';
import {
  bar,
  cashMoved,
  dayOpened,
  denied,
  ended,
  fill,
  flatten,
  proposals,
  reconciled,
  signal,
  snapshot,
  tradingState,
} from './inputs.ts';

interface Open {
  readonly order: OrderOf;
  filled: number;
}

export interface Minute {
  /** Reports, states, denials: what the plan of the minute stands on, but does not name. */
  readonly before: readonly Fed[];
  readonly set: readonly Fed[];
}

/**
 * A made-up run, minute by minute: signals that come and go, orders that are denied, fill in parts, end in every way or
 * are stopped out, fees in every coin, deposits, flattens, days and symbols without a bar. The same seed tells the same
 * story to whoever gives the same answers.
 */
export class Story {
  sequence = 0;
  epoch = 1;
  readonly #random: RandomState;
  readonly #held: number[] = [0, 0];
  readonly #targets: number[] = [0, 0];
  #minute = 0;
  #day = 5;
  #open: Open[] = [];
  #denied: OrderProposed[] = [];
  #price = 100;
  #stops = 0;

  constructor(seed: number) {
    this.#random = createRandom(seed);
  }

  next(): Minute {
    const openTime = START + this.#minute * MINUTE;
    const before = this.#minute === 0 ? this.#beginning() : this.#between(openTime);
    this.#minute += 1;
    return { before, set: this.#set(openTime) };
  }

  /** What the service answered. */
  take(events: readonly NewEvent[]): void {
    for (const order of proposals(events)) {
      if (this.#chance(0.15)) this.#denied.push(order);
      else this.#open.push({ order, filled: 0 });
    }
  }

  #chance(share: number): boolean {
    return nextUniform(this.#random) < share;
  }

  #next(): number {
    this.sequence += 1;
    return this.sequence;
  }

  #beginning(): Fed[] {
    return [tradingState(1), dayOpened(), snapshot(this.#next(), { USDT: '10000', BNB: '3' })];
  }

  #between(openTime: number): Fed[] {
    const events: Fed[] = this.#denied.map((order) => denied(order));
    this.#denied = [];
    for (const open of [...this.#open]) events.push(...this.#report(open));
    for (const index of [0, 1]) if (this.#chance(0.08)) events.push(...this.#stop(index));
    if (this.#chance(0.1)) events.push(cashMoved(this.#next(), this.#chance(0.5) ? 'USDT' : 'BNB', '0.25'));
    if (this.#chance(0.1)) events.push(reconciled(this.#next()));
    return [...events, ...this.#state(openTime)];
  }

  #report(open: Open): Fed[] {
    if (this.#chance(0.15)) {
      this.#open = this.#open.filter((one) => one !== open);
      const how =
        (['canceled', 'expired', 'rejected'] as const)[nextInteger(this.#random, 0, 2)] ?? 'expired';
      return [ended(this.#next(), open.order, how)];
    }
    if (!this.#chance(0.8)) return [];
    const left = Number(open.order.quantity) - open.filled;
    const part = this.#chance(0.6) ? left : Math.floor(left * 50_000) / 100_000;
    const complete = part <= 0 || part >= left;
    const quantity = Number((complete ? left : part).toFixed(5));
    open.filled = Number((open.filled + quantity).toFixed(5));
    if (complete) this.#open = this.#open.filter((one) => one !== open);
    return [this.#fill(open.order, quantity, open.filled, complete)];
  }

  #fill(order: OrderOf, quantity: number, filled: number, complete: boolean): Fed {
    const base = order.symbol.slice(0, 3);
    const index = base === 'BTC' ? 0 : 1;
    this.#held[index] = (this.#held[index] ?? 0) + (order.side === 'buy' ? quantity : -quantity);
    const coin = [base, 'USDT', 'BNB', 'ETH'][nextInteger(this.#random, 0, 3)] ?? 'USDT';
    return fill(this.#next(), order, {
      quantity: String(quantity),
      price: String(this.#price),
      filledQuantity: String(filled),
      complete,
      fee: '0.00000123',
      feeAsset: coin,
    });
  }

  /** The executor's own stop sells what is held, in one fill or two. */
  #stop(index: number): Fed[] {
    const held = Math.floor((this.#held[index] ?? 0) * 1_000) / 1_000;
    if (held <= 0) return [];
    this.#stops += 1;
    const proposalId = this.#stops.toString(16).padStart(64, '5');
    const symbol = BOTH[index] ?? 'BTCUSDT';
    const stop: OrderOf = {
      proposalId,
      symbol,
      side: 'sell',
      quantity: String(held),
      purpose: 'stop',
      cycleId: '1m:0',
    };
    if (clientOrderId(proposalId).length !== 32) throw new Error('no client order id');
    return [this.#fill(stop, held, held, true)];
  }

  #state(openTime: number): Fed[] {
    const events: Fed[] = [];
    if (this.#chance(0.12)) {
      this.epoch += 1;
      const flattenId = `flatten:${openTime}`;
      const flattening = { mode: 'REDUCING', reason: 'FLATTENING', flattenId } as const;
      const all = [{}, {}, { mode: 'REDUCING', reason: 'ADMIN' } as const, flattening];
      const chosen = all[nextInteger(this.#random, 0, 3)] ?? {};
      events.push(tradingState(this.epoch, chosen));
      if (chosen === flattening) events.push(flatten(flattenId, this.epoch));
    }
    if (this.#chance(0.05)) {
      this.#day += 1;
      events.push(dayOpened(`2024-08-${String(this.#day).padStart(2, '0')}`));
    }
    return events;
  }

  #set(openTime: number): Fed[] {
    const set = this.#chance(0.1) ? BOTH.slice(1) : BOTH;
    this.#price = Number((this.#price * (1 + (nextUniform(this.#random) - 0.5) * 0.01)).toFixed(2));
    for (const index of [0, 1]) {
      if (this.#chance(0.25))
        this.#targets[index] = this.#targets[index] === 0 ? nextInteger(this.#random, 1, 4) / 4 : 0;
    }
    const target = (symbol: string) => this.#targets[symbol === 'BTCUSDT' ? 0 : 1] ?? 0;
    return [
      ...set.map((symbol) => bar(openTime, symbol, String(this.#price), set)),
      ...set.map((symbol) => signal(openTime, symbol, target(symbol), set)),
    ];
  }
}
