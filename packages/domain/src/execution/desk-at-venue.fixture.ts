import { createSimulatedVenue, type SimulatedVenue, type VenueEvent } from '../matching/index.ts';
import { type Decimal, decimal, ZERO } from '../money/index.ts';
import { isTerminal } from '../orders/index.ts';
import { isUnprotected, nextCommand } from './commands.ts';
import { AAA, approval, BBB, sale, take } from './desk.fixture.ts';
import { type DeskOrder, type DeskState, emptyDesk, type VenueCommand } from './desk-state.ts';
import { accepted, cancelEntries, cancelRefused, ended, filled, REPLACE_NOT_SENT } from './reports.ts';

type Answer = () => void;
type Placed = ReturnType<SimulatedVenue['place']>;

/**
 * A desk whose requests reach a model venue at once, while answers and the venue's own messages come back later and
 * apart, as over two connections. Of one order the messages keep their order.
 */
export class DeskAtVenue {
  readonly state: DeskState;
  readonly venue: SimulatedVenue;
  readonly ids: string[] = [];
  price = 100;
  #time = 0;
  readonly #messages: VenueEvent[] = [];
  readonly #answers: Answer[] = [];
  /** Symbols with a request whose answer has not come: the executor sends no other, also where a fill came first. */
  readonly #asked = new Set<number>();

  constructor() {
    this.venue = createSimulatedVenue(
      {
        instruments: [AAA, BBB],
        makerFeeRate: '0.001',
        takerFeeRate: '0.001',
        slippageBps: 5,
        collar: '0.02',
      },
      { balances: { USDT: '100000' } },
    );
    this.state = emptyDesk('run', [AAA, BBB]);
    this.#bars((bars) => this.venue.close(bars));
  }

  buy(index: number, lots: number, stopDistance: string | null): void {
    const quantity = decimal(lots).div(100).toFixed();
    take(this.state, approval({ symbol: this.#symbol(index), quantity, stopDistance }));
  }

  /** Part of what is held and not yet being sold, as the risk gate lets pass. */
  sell(index: number, share: number): void {
    const desk = this.state.symbols[index];
    if (desk === undefined) return;
    let free = desk.held;
    for (const order of this.state.orders.values()) {
      if (order.symbol !== desk.instrument.symbol || order.side !== 'sell' || order.type === 'stop') continue;
      if (!isTerminal(order.state)) free = free.sub(order.quantity).add(order.filled);
    }
    const quantity = free.mul(share).toDecimalPlaces(3, 1);
    if (quantity.lte(0)) return;
    take(this.state, sale(quantity.toFixed(), { symbol: this.#symbol(index) }));
  }

  halt(): void {
    cancelEntries(this.state, this.#time);
  }

  /** Sends what the desk wants now; with `refuse` it never leaves the house. */
  send(index: number, refuse: boolean): boolean {
    if (this.#asked.has(index)) return false;
    const command = nextCommand(this.state, index);
    if (command === null) return false;
    const { order } = command;
    const own = order.purpose === 'stop' || order.purpose === 'emergency';
    if (refuse && command.kind !== 'cancel' && !own) {
      ended(this.state, order.clientOrderId, 'rejected', {
        code: 'STATE_HALTED',
        reason: '',
        time: this.#time,
      });
      return true;
    }
    const answer = this.#request(command);
    this.#asked.add(index);
    this.#answers.push(() => {
      this.#asked.delete(index);
      answer();
    });
    return true;
  }

  /** One message of the venue, or one answer. */
  deliver(answerFirst: boolean): boolean {
    if (answerFirst && this.#answers.length > 0) this.#answers.shift()?.();
    else if (this.#messages.length > 0) this.#book(this.#messages.shift() as VenueEvent);
    else if (this.#answers.length > 0) this.#answers.shift()?.();
    else return false;
    return true;
  }

  /** A bar that opens and moves `percent` away from the last price. */
  step(percent: number): void {
    this.price = Math.max(1, Math.round(this.price * (100 + percent)) / 100);
    this.#time += 1;
    this.#bars((bars) => this.#messages.push(...this.venue.open(bars)));
    this.#bars((bars) => this.#messages.push(...this.venue.path(bars, 60_000)));
    this.#bars((bars) => this.venue.close(bars));
  }

  /** Until nothing is on its way and nothing is wanted. */
  settle(): void {
    for (let round = 0; round < 1_000; round += 1) {
      const delivered = this.deliver(false);
      const sent = this.send(0, false) || this.send(1, false);
      if (!delivered && !sent) return;
    }
    throw new Error('the desk does not come to rest');
  }

  /** What must be true at any moment. */
  faults(): string[] {
    const stops = ['AAAUSDT', 'BBBUSDT'].filter(
      (symbol) => this.venue.openOrders(symbol).filter(({ type }) => type === 'STOP_LOSS').length > 1,
    );
    const repeated = this.ids.length !== new Set(this.ids).size;
    return [...stops.map((symbol) => `two stops of ${symbol}`), ...(repeated ? ['an id came twice'] : [])];
  }

  /** What must be true besides when all has come to rest. */
  faultsAtRest(): string[] {
    return this.state.symbols.flatMap((desk, index) => {
      const { symbol, base } = desk.instrument;
      const balance = this.venue.balances()[base];
      const held = balance === undefined ? ZERO : decimal(balance.free).add(balance.locked);
      const standing = this.venue.openOrders(symbol).filter(({ side }) => side === 'sell');
      const stop = standing.find(({ type }) => type === 'STOP_LOSS');
      const sells = standing.reduce((sum, order) => sum.add(order.quantity), ZERO);
      const faults = [
        desk.busy === null ? null : 'busy',
        desk.waiting.length === 0 ? null : 'an approval waits',
        desk.held.eq(held) ? null : `holds ${held.toFixed()}, thinks ${desk.held.toFixed()}`,
        sells.lte(held) ? null : 'sells more than it holds',
        desk.stop?.clientOrderId === stop?.clientOrderId ? null : 'another stop stands',
        stop === undefined || this.#covers(desk.held, standing, stop.quantity)
          ? null
          : 'the stop has another size',
        !isUnprotected(this.state, index) || this.#tooSmallToSell(desk.held, standing) ? null : 'unprotected',
      ];
      return faults.flatMap((fault) => (fault === null ? [] : [`${symbol}: ${fault}`]));
    });
  }

  #covers(held: Decimal, standing: readonly Standing[], quantity: string): boolean {
    return uncovered(held, standing).eq(quantity);
  }

  /** Neither stop nor sale could stand: the price has made dust of what no sale covers. */
  #tooSmallToSell(held: Decimal, standing: readonly Standing[]): boolean {
    return uncovered(held, standing).mul(this.price).lt(AAA.notionalMin);
  }

  #symbol(index: number): string {
    return index === 0 ? AAA.symbol : BBB.symbol;
  }

  #bars(act: (bars: readonly Parameters<SimulatedVenue['close']>[0][number][]) => void): void {
    const { price } = this;
    const bar = {
      openTime: this.#time * 60_000,
      open: price,
      high: price * 1.01,
      low: price * 0.99,
      close: price,
    };
    act([AAA, BBB].map(({ symbol }) => ({ symbol, ...bar })));
  }

  #request(command: VenueCommand): Answer {
    const { order } = command;
    const id = order.clientOrderId;
    if (command.kind === 'cancel') {
      const answer = this.venue.cancel(order.symbol, id, this.#time);
      return () => this.#canceled(order, 'refusal' in answer, () => cancelRefused(this.state, id));
    }
    if (command.kind === 'place') {
      const answer = this.#place(order);
      return () => this.#placed(id, answer);
    }
    const { cancel } = command;
    const canceled = this.venue.cancel(cancel.symbol, cancel.clientOrderId, this.#time);
    if ('refusal' in canceled)
      return () =>
        this.#canceled(cancel, true, () =>
          ended(this.state, id, 'rejected', { code: REPLACE_NOT_SENT, reason: '', time: this.#time }),
        );
    const answer = this.#place(order);
    return () => {
      this.#canceled(cancel, false, () => undefined);
      this.#placed(id, answer);
    };
  }

  #place(order: DeskOrder): Placed {
    this.ids.push(order.clientOrderId);
    const request = {
      clientOrderId: order.clientOrderId,
      symbol: order.symbol,
      side: order.side,
      type: order.type === 'stop' ? ('STOP_LOSS' as const) : ('MARKET' as const),
      quantity: order.quantity,
      price: null,
      stopPrice: order.triggerPrice,
    };
    return this.venue.place(request, this.#time);
  }

  #placed(id: string, answer: Placed): void {
    const time = this.#time;
    if ('refusal' in answer) ended(this.state, id, 'rejected', { code: answer.refusal, reason: '', time });
    else accepted(this.state, id, String(answer.order.orderId), time);
  }

  /** A cancel that was refused is looked into first: what the venue says of the order counts. */
  #canceled(order: DeskOrder, refused: boolean, then: () => void): void {
    if (refused) {
      const id = order.clientOrderId;
      const of = (event: VenueEvent) =>
        (event.kind === 'trade' ? event.trade : event.order).clientOrderId === id;
      for (const event of this.#messages.filter(of)) this.#book(event);
      this.#messages.splice(0, this.#messages.length, ...this.#messages.filter((event) => !of(event)));
    } else ended(this.state, order.clientOrderId, 'canceled', { code: 'X', reason: '', time: this.#time });
    then();
  }

  #book(event: VenueEvent): void {
    if (event.kind === 'trade') {
      filled(this.state, { ...event.trade, tradeId: String(event.trade.tradeId) });
      return;
    }
    ended(this.state, event.order.clientOrderId, 'expired', { code: 'venue', reason: '', time: this.#time });
  }
}

type Standing = Readonly<{ type: string; quantity: string }>;

function uncovered(held: Decimal, standing: readonly Standing[]): Decimal {
  const others = standing.filter(({ type }) => type !== 'STOP_LOSS');
  return others.reduce((left, order) => left.sub(order.quantity), held).toDecimalPlaces(3, 1);
}
