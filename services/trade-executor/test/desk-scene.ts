import { generateKeyPairSync, sign } from 'node:crypto';
import { type AuthorisedOrder, catalog, type TradingState } from '@fleet/domain/events';
import { canonicalOrder } from '@fleet/domain/execution';
import { decimal } from '@fleet/domain/money';
import { initialSupervision } from '@fleet/domain/supervision';
import type { DecideContext, Decided, NewEvent } from '@fleet/shared/streams';
import { RowMemory } from '../src/book/changes.ts';
import { type ExecutorScope, type ExecutorState, newState } from '../src/book/state.ts';
import type { Effect } from '../src/book/turn.ts';
import type { LocalInputs, LocalType } from '../src/inputs.ts';
import { fixedRiskKeys } from '../src/intake/risk-keys.ts';
import { decide } from '../src/processor.ts';
import type { OrderFact, TradeFact } from '../src/venue/port.ts';
import { approval, FROM, INSTRUMENTS, MINUTE, type Wish } from './script.ts';

const keys = generateKeyPairSync('ed25519');
const stranger = generateKeyPairSync('ed25519');
const risk = fixedRiskKeys(new Map([['risk-1', keys.publicKey]]), 'risk-1');
export const RUN = 'run-1';
const scope: ExecutorScope = {
  ...{ run: RUN, mode: 'lockstep', venue: 'model', instruments: INSTRUMENTS, intervalMs: MINUTE },
  recvWindowMs: 2_000,
};
export const ENTRY: Wish = {
  ...{ symbol: 'BTCUSDT', side: 'buy', purpose: 'entry', quantity: '1', stopDistance: '5' },
};

/** Decisions on a state in memory, one after the other, and what they said. */
export class DeskScene {
  readonly state: ExecutorState = newState(scope, new RowMemory());
  readonly said: NewEvent[] = [];
  effects: Effect[] = [];
  now = 1_000_000;
  #count = 0;

  constructor({ open = true }: { open?: boolean } = {}) {
    this.state.account.opened = true;
    this.state.account.balances.set('USDT', decimal('10000'));
    if (open) this.state.gate.pumping = this.state.gate.open = true;
  }

  order(wish: Partial<Wish> = {}, over: Partial<AuthorisedOrder> = {}): AuthorisedOrder {
    const made = approval({ ...ENTRY, ...wish }, this.#count, { run: RUN, openTime: FROM, epoch: 1 });
    return { ...made, ...over };
  }

  /** A signed approval; `by: 'stranger'` signs with another key. */
  authorise(
    order: AuthorisedOrder,
    over: {
      by?: 'risk' | 'stranger';
      keyId?: string;
      signature?: string;
      context?: Partial<DecideContext>;
    } = {},
  ): Decided {
    const signature = over.signature ?? this.signatureOf(order, over.by);
    const keyId = over.keyId ?? 'risk-1';
    const data = { order, referencePrice: '100', reason: 'test', barTime: FROM, signature, keyId };
    return this.stream('order.authorised', data, over.context);
  }

  signatureOf(order: AuthorisedOrder, by: 'risk' | 'stranger' = 'risk'): string {
    const { privateKey } = by === 'stranger' ? stranger : keys;
    return sign(null, Buffer.from(canonicalOrder(order)), privateKey).toString('base64');
  }

  stream(type: string, data: unknown, context: Partial<DecideContext> = {}): Decided {
    return this.#decide(type, catalog.entry(type)?.parse(data), context);
  }

  local<Type extends LocalType>(type: Type, data: LocalInputs[Type]): Decided {
    return this.#decide(type, data, {});
  }

  trading(change: Partial<TradingState>): Decided {
    return this.stream('trading-state.changed', { state: { ...initialSupervision(0).trading, ...change } });
  }

  /** The venue takes the request of the newest intent. */
  accept(): void {
    const intent = this.newest();
    const order = this.fact(intent.clientOrderId);
    const canceled =
      intent.cancelClientOrderId === null
        ? null
        : this.fact(intent.cancelClientOrderId, { status: 'canceled' });
    const answer =
      intent.kind === 'cancel'
        ? { kind: 'done' as const, order: { ...order, status: 'canceled' as const }, canceled: null }
        : { kind: 'done' as const, order, canceled };
    this.local('request.answered', { intent: intent.id, truth: null, answer });
  }

  fill(clientOrderId: string, tradeId: number, over: Partial<TradeFact> = {}): void {
    const executed = over.quantity ?? '1';
    this.local('venue.trade', { fact: this.trade(clientOrderId, tradeId, over), stored: null, executed });
  }

  trade(clientOrderId: string, tradeId: number, over: Partial<TradeFact> = {}) {
    const side = this.state.desk.orders.get(clientOrderId)?.side ?? 'buy';
    return {
      ...{ symbol: 'BTCUSDT', tradeId, venueOrderId: `v-${clientOrderId.slice(0, 8)}`, side, price: '100' },
      ...{ quantity: '1', quoteQuantity: '100', fee: '0.1', feeAsset: 'USDT', maker: false, time: FROM },
      ...over,
      clientOrderId,
    };
  }

  fact(clientOrderId: string, over: Partial<OrderFact> = {}): OrderFact {
    const order = this.state.desk.orders.get(clientOrderId);
    return {
      ...{
        symbol: order?.symbol ?? 'BTCUSDT',
        clientOrderId,
        venueOrderId: `v-${clientOrderId.slice(0, 8)}`,
      },
      ...{ side: order?.side ?? 'buy', type: 'MARKET', status: 'open', quantity: order?.quantity ?? '1' },
      ...{ executed: order?.filled.toFixed() ?? '0', time: FROM },
      ...over,
    };
  }

  newest() {
    const intent = [...this.state.intents.values()].at(-1);
    if (intent === undefined) throw new Error('no intent');
    return intent;
  }

  types(): string[] {
    return this.said.map(({ type }) => type);
  }

  codes(): string[] {
    return this.said.flatMap(({ data }) => (data as { code?: string }).code ?? []);
  }

  #decide(type: string, data: unknown, over: Partial<DecideContext>): Decided {
    this.#count += 1;
    this.now += 1;
    const input = {
      ...{ id: `input-${this.#count}`, type, key: 'k', ts: '', data, stream: null, causationId: null },
      ...{ requestId: 'request', traceparent: '' },
    };
    const decided = decide(this.state, input, { wallNow: this.now, waitExpired: false, ...over }, risk);
    if (decided.kind !== 'done') return decided;
    for (const event of decided.events ?? []) catalog.entry(event.type)?.parse(event.data);
    this.said.push(...(decided.events ?? []));
    this.effects = [...((decided.effects ?? []) as readonly Effect[])];
    return decided;
  }
}
