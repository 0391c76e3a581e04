import type { AuthorisedOrder } from '@fleet/domain/events';
import { createRandom, nextInteger, nextUniform, type RandomState } from '@fleet/domain/random';
import type { NewEvent } from '@fleet/shared/streams';
import { BOTH, type Fed, MINUTE, START } from '@fleet/testkit/account-events';
import {
  bar,
  cashMoved,
  dayOpened,
  ended,
  fill,
  proposal,
  reconciled,
  resolved,
  snapshot,
  tradingState,
  unknown,
} from './inputs.ts';

interface Open {
  readonly order: AuthorisedOrder;
  filled: number;
  unknown: boolean;
}

/**
 * A made-up run, minute by minute: bars, fills in parts, ends of every kind, unknown orders, deposits, state and day
 * changes, proposals of every size, repeated ones among them. The same seed tells the same story to whoever gives the
 * same answers.
 */
export class Story {
  sequence = 0;
  epoch = 1;
  readonly #random: RandomState;
  #minute = 0;
  #day = '2024-08-05';
  #open: Open[] = [];
  #asked: Fed[] = [];
  #price = 100;

  constructor(seed: number) {
    this.#random = createRandom(seed);
  }

  /** The events of the next minute, in an order that a service may see them in. */
  next(): Fed[] {
    const openTime = START + this.#minute * MINUTE;
    const events = this.#minute === 0 ? this.#beginning() : [];
    events.push(...this.#reports(), ...this.#state(openTime), ...this.#bars(openTime));
    this.#minute += 1;
    return [...events, ...this.#proposals(openTime)];
  }

  /** What the service answered. */
  take(events: readonly NewEvent[]): void {
    for (const { type, data } of events) {
      if (type !== 'order.authorised') continue;
      this.#open.push({ order: (data as { order: AuthorisedOrder }).order, filled: 0, unknown: false });
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

  #reports(): Fed[] {
    const events: Fed[] = [];
    for (const open of [...this.#open]) events.push(...this.#report(open));
    if (this.#chance(0.1)) events.push(cashMoved(this.#next(), this.#chance(0.5) ? 'USDT' : 'BTC', '0.25'));
    if (this.#chance(0.1)) events.push(reconciled(this.#next(), this.#chance(0.5) ? ['ETHUSDT'] : []));
    return events;
  }

  #report(open: Open): Fed[] {
    const { order } = open;
    if (open.unknown) {
      open.unknown = false;
      return [resolved(this.#next(), order)];
    }
    if (this.#chance(0.1)) {
      open.unknown = true;
      return [unknown(this.#next(), order)];
    }
    if (this.#chance(0.2)) {
      this.#open = this.#open.filter((one) => one !== open);
      const how =
        (['canceled', 'expired', 'rejected'] as const)[nextInteger(this.#random, 0, 2)] ?? 'expired';
      return [ended(this.#next(), order, how)];
    }
    return this.#chance(0.7) ? [this.#fill(open)] : [];
  }

  #fill(open: Open): Fed {
    const { order } = open;
    const left = Number(order.quantity) - open.filled;
    const part = this.#chance(0.5) ? left : Math.floor(left * 50_000) / 100_000;
    const complete = part <= 0 || part >= left;
    const quantity = Number((complete ? left : part).toFixed(5));
    open.filled = Number((open.filled + quantity).toFixed(5));
    if (complete) this.#open = this.#open.filter((one) => one !== open);
    const third = this.#chance(0.3);
    return fill(this.#next(), order, {
      quantity: String(quantity),
      price: String(this.#price),
      filledQuantity: String(open.filled),
      complete,
      fee: third ? '0.00001' : '0.000003',
      feeAsset: third ? 'BNB' : order.symbol.slice(0, 3),
    });
  }

  #state(openTime: number): Fed[] {
    const events: Fed[] = [];
    if (this.#chance(0.12)) {
      this.epoch += 1;
      const lock = this.#chance(0.25);
      const changes = lock
        ? { mode: 'REDUCING' as const, reason: 'DAILY_TARGET' as const, day: this.#day, since: openTime }
        : { since: openTime };
      events.push(tradingState(this.epoch, changes));
    }
    if (this.#chance(0.05)) {
      this.#day = `2024-08-${String(Number(this.#day.slice(-2)) + 1).padStart(2, '0')}`;
      events.push(dayOpened(this.#day, 9_900 + nextInteger(this.#random, 0, 200)));
    }
    return events;
  }

  #bars(openTime: number): Fed[] {
    const set = this.#chance(0.1) ? BOTH.slice(0, 1) : BOTH;
    this.#price = Number((this.#price * (1 + (nextUniform(this.#random) - 0.5) * 0.004)).toFixed(2));
    return set.map((symbol) => bar(openTime, symbol, String(this.#price), set));
  }

  #proposals(openTime: number): Fed[] {
    const events: Fed[] = [];
    for (let sequence = 0; this.#chance(0.5) && sequence < 3; sequence += 1) {
      events.push(this.#proposal(openTime, sequence));
    }
    const earlier = this.#asked[nextInteger(this.#random, 0, Math.max(0, this.#asked.length - 1))];
    if (earlier !== undefined && this.#chance(0.2)) {
      const again = earlier.data as object;
      events.push(proposal(this.#chance(0.5) ? again : { ...again, quantity: '0.12345' }));
    }
    return events;
  }

  #proposal(openTime: number, sequence: number): Fed {
    const buy = this.#chance(0.7);
    const one = proposal({
      cycleId: `1m:${openTime}`,
      symbol: this.#chance(0.6) ? 'BTCUSDT' : 'ETHUSDT',
      side: buy ? 'buy' : 'sell',
      purpose: buy ? 'entry' : 'exit',
      stopDistance: buy ? String(nextInteger(this.#random, 1, 2)) : null,
      quantity: String(nextInteger(this.#random, 1, 150) / (this.#chance(0.1) ? 10_000 : 10)),
      referencePrice: String(this.#price),
      sequence,
      barTime: openTime,
      day: this.#day,
      ledgerVersion: this.sequence,
      stateEpoch: this.epoch,
      decidedAt: openTime + MINUTE,
    });
    this.#asked.push(one);
    return one;
  }
}
