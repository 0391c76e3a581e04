import type { TradingState } from '../events/orchestration.ts';
import {
  accepted,
  authorise,
  cancelEntries,
  cancelRefused,
  type DeskEvent,
  type DeskOrder,
  type DeskState,
  emptyDesk,
  ended,
  filled,
  forgetEnded,
  nextCommand,
  REPLACE_NOT_SENT,
  refuseSubmit,
  type VenueCommand,
} from '../execution/index.ts';
import type { Instrument } from '../instruments/index.ts';
import type { SimulatedVenue, VenueEvent, VenueOrderRequest } from '../matching/index.ts';
import { type Decimal, decimal } from '../money/index.ts';

/** Ended orders that stay in memory; at this venue no report comes late. */
const ENDED_KEPT = 16;

export interface VenueDeskSetup {
  readonly run: string;
  readonly instruments: readonly Instrument[];
  readonly venue: SimulatedVenue;
  /** The trading state as the last look before a submit reads it. */
  readonly trading: () => TradingState;
  /** What `exec.status` would say, in order. */
  readonly take: (event: DeskEvent) => void;
}

/** The executor's desk at a simulated venue that answers at once: what the trade executor does, without the wire. */
export class VenueDesk {
  /** Market time, epoch ms. */
  time = 0;
  readonly #state: DeskState;
  readonly #setup: VenueDeskSetup;

  constructor(setup: VenueDeskSetup) {
    this.#setup = setup;
    this.#state = emptyDesk(setup.run, setup.instruments);
    const balances = setup.venue.balances();
    for (const desk of this.#state.symbols) {
      const balance = balances[desk.instrument.base];
      if (balance !== undefined) desk.held = decimal(balance.free).add(balance.locked);
    }
  }

  /** Trigger of the symbol's protective stop, null when none is due. */
  trigger(symbol: string): Decimal | null {
    return this.#state.symbols[this.#state.indexOf.get(symbol) ?? -1]?.protection.trigger ?? null;
  }

  /** Takes an approved order in; `pump` sends it. */
  authorise(order: DeskOrder): void {
    authorise(this.#state, order);
  }

  /** Cancels open entries, as a halt does. */
  cancelEntries(): void {
    for (const event of cancelEntries(this.#state, this.time)) this.#setup.take(event);
    this.pump();
  }

  /** What a matching step did. */
  book(events: readonly VenueEvent[]): void {
    for (const event of events) {
      if (event.kind === 'ended') {
        this.#end(event.order.clientOrderId, 'expired', 'venue', event.order.updatedAt);
        continue;
      }
      const { trade } = event;
      this.#setup.take(filled(this.#state, { ...trade, tradeId: String(trade.tradeId) }));
    }
    if (events.length === 0) return;
    this.pump();
    forgetEnded(this.#state, ENDED_KEPT);
  }

  /** Sends what the desk wants until it wants nothing: the venue answers at once. */
  pump(): void {
    for (let index = 0; index < this.#state.symbols.length; index += 1) {
      for (
        let command = nextCommand(this.#state, index);
        command !== null;
        command = nextCommand(this.#state, index)
      ) {
        this.#send(command);
      }
    }
  }

  #send(command: VenueCommand): void {
    const { venue } = this.#setup;
    const { time } = this;
    const { order } = command;
    if (command.kind === 'cancel') {
      const answer = venue.cancel(order.symbol, order.clientOrderId, time);
      if ('refusal' in answer) cancelRefused(this.#state, order.clientOrderId);
      else this.#end(order.clientOrderId, 'canceled', 'requested', time);
      return;
    }
    const trading = this.#setup.trading();
    const refusal = refuseSubmit(order, trading, trading.epoch, time);
    if (refusal !== null) {
      this.#end(order.clientOrderId, 'rejected', refusal, time);
      return;
    }
    if (command.kind === 'place') {
      this.#placed(order.clientOrderId, venue.place(requestOf(order), time));
      return;
    }
    const answer = venue.cancelReplace(command.cancel.clientOrderId, requestOf(order), time);
    if (answer.place === null) {
      this.#end(order.clientOrderId, 'rejected', REPLACE_NOT_SENT, time);
      return;
    }
    this.#end(command.cancel.clientOrderId, 'canceled', 'replaced', time);
    this.#placed(order.clientOrderId, answer.place);
  }

  #placed(id: string, answer: ReturnType<SimulatedVenue['place']>): void {
    if ('refusal' in answer) {
      this.#end(id, 'rejected', answer.refusal, this.time);
      return;
    }
    const event = accepted(this.#state, id, String(answer.order.orderId), answer.order.createdAt);
    if (event !== null) this.#setup.take(event);
  }

  #end(id: string, how: 'canceled' | 'expired' | 'rejected', code: string, time: number): void {
    const event = ended(this.#state, id, how, { code, reason: code, time });
    if (event !== null) this.#setup.take(event);
  }
}

/** The venue's request of a desk order. */
function requestOf(order: DeskOrder): VenueOrderRequest {
  return {
    clientOrderId: order.clientOrderId,
    symbol: order.symbol,
    side: order.side,
    type: order.type === 'market' ? 'MARKET' : order.type === 'limit' ? 'LIMIT' : 'STOP_LOSS',
    quantity: order.quantity,
    price: order.limitPrice,
    stopPrice: order.triggerPrice,
  };
}
