import { generateKeyPairSync, sign } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import type { TradingState } from '@fleet/domain/events';
import { canonicalOrder, isUnprotected } from '@fleet/domain/execution';
import { decimal, text, ZERO } from '@fleet/domain/money';
import { initialSupervision } from '@fleet/domain/supervision';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type Fate, MemoryRunner } from '../test/memory-runner.ts';
import { type CallFate, type MessageFate, ModelVenue, type QueryFate } from '../test/model-venue.ts';
import { approval, FROM, INSTRUMENTS, MINUTE, type Wish } from '../test/script.ts';
import type { ExecutorScope } from './book/state.ts';
import { fixedRiskKeys } from './intake/risk-keys.ts';
import { createProcessor } from './processor.ts';
import { VenueSession } from './session/session.ts';

const RUNS = 40;
const HEAL_MS_MAX = 8_000;
const keys = generateKeyPairSync('ed25519');
const trading: TradingState = initialSupervision(0).trading;

const scope: ExecutorScope = {
  ...{ run: 'run', mode: 'lockstep', venue: 'model', instruments: INSTRUMENTS, intervalMs: MINUTE },
  recvWindowMs: 30,
};

interface Action {
  readonly kind: 'buy' | 'add' | 'part' | 'exit' | 'move';
  readonly symbol: number;
  readonly price: number;
  readonly low: number;
  /** How long it is waited for rest before the next; short means that they run into each other. */
  readonly patienceMs: number;
}

const actions = fc.array(
  fc.record<Action>({
    kind: fc.constantFrom('buy', 'move', 'move', 'add', 'part', 'exit'),
    symbol: fc.nat(1),
    price: fc.integer({ min: 98, max: 103 }),
    low: fc.integer({ min: 95, max: 100 }),
    patienceMs: fc.constantFrom(2, 200, 200),
  }),
  { minLength: 6, maxLength: 14 },
);
/** Mostly well, so that orders get far enough to be disturbed. */
const lists = <Of>(well: Of, ...ill: readonly Of[]) =>
  fc.array(
    fc.oneof({ weight: 5, arbitrary: fc.constant(well) }, { weight: 2, arbitrary: fc.constantFrom(...ill) }),
    {
      minLength: 20,
      maxLength: 60,
    },
  );
const fates = fc.record({
  call: lists<CallFate>('works', 'answer-lost', 'request-lost', 'late'),
  query: fc.array(fc.constantFrom<QueryFate>('works', 'works', 'works', 'works', 'works', 'works', 'fails'), {
    maxLength: 60,
  }),
  message: lists<MessageFate>('works', 'lost', 'twice', 'cuts'),
  commit: lists<Fate>('lives', 'dies-before', 'dies-after'),
});
type Plan = typeof fates extends fc.Arbitrary<infer Of> ? Of : never;

class World {
  readonly venue: ModelVenue;
  readonly runner: MemoryRunner;
  readonly session: VenueSession;
  #healed = false;

  constructor(plan: Plan) {
    const next = <Of>(list: Of[], well: Of) => (this.#healed ? well : (list.shift() ?? well));
    this.venue = new ModelVenue({
      call: () => next(plan.call, 'works'),
      query: () => next(plan.query, 'works'),
      message: () => next(plan.message, 'works'),
    });
    this.session = new VenueSession({
      ...{
        scope,
        venue: this.venue,
        db: {
          query: (text: string, values: readonly unknown[]) => this.runner.tables.db.query(text, values),
        } as never,
      },
      settings: {
        ...{ retryMs: 2, visibilityMs: 2, windowLeftMs: 8, resolveMs: 2, pollMs: 10, reconcileMs: null },
      },
      readTradingState: async () => trading,
      wall: () => Date.now(),
      logger: { info() {}, warn() {}, error() {}, debug() {} } as never,
      observer: { answered() {}, noted() {}, clockAhead() {}, failed() {} },
    });
    const risk = fixedRiskKeys(new Map([['risk-1', keys.publicKey]]), 'risk-1');
    const processor = createProcessor({ scope, risk, session: this.session });
    this.runner = new MemoryRunner(processor, () => next(plan.commit, 'lives'));
  }

  async do({ kind, symbol, price, low, patienceMs }: Action, sequence: number): Promise<void> {
    if (kind === 'move') this.venue.move(price, low);
    else this.#authorise(kind, INSTRUMENTS[symbol]!, sequence);
    const end = performance.now() + patienceMs;
    do await sleep(1);
    while (performance.now() < end && !this.#atRest());
  }

  #authorise(kind: Action['kind'], { symbol, base }: (typeof INSTRUMENTS)[number], sequence: number): void {
    const held = decimal(this.venue.total(base)).toDecimalPlaces(4, 1);
    const buys = kind === 'buy' || kind === 'add';
    const quantity = buys ? '1.5' : text(kind === 'part' ? held.div(2).toDecimalPlaces(4, 1) : held);
    if (Number(quantity) === 0) return;
    const wish: Wish = {
      ...{ symbol, quantity, side: buys ? 'buy' : 'sell', stopDistance: buys ? '2' : null },
      purpose: kind === 'buy' ? 'entry' : kind === 'add' ? 'rebalance' : kind === 'part' ? 'reduce' : 'exit',
    };
    const openTime = this.venue.openTime;
    const order = {
      ...approval(wish, sequence, { run: 'run', openTime, epoch: 1 }),
      expiresAt: FROM + 1_000 * MINUTE,
    };
    const signature = sign(null, Buffer.from(canonicalOrder(order)), keys.privateKey).toString('base64');
    const authorised = {
      order,
      referencePrice: '100',
      reason: 'test',
      barTime: openTime,
      signature,
      keyId: 'risk-1',
    };
    this.runner.authorise(order.proposalId, authorised);
  }

  /** No more faults: it has to come to rest by itself. */
  async heal(): Promise<void> {
    this.#healed = true;
    const end = performance.now() + HEAL_MS_MAX;
    while (!this.#atRest()) {
      if (performance.now() > end) throw new Error(`no rest: ${this.#unrest()}`);
      await sleep(5);
    }
  }

  #atRest(): boolean {
    return this.#unrest() === '';
  }

  #unrest(): string {
    const { state } = this.runner;
    if (state === null || !this.runner.settled || !state.gate.open) return 'not settled';
    if ([...state.intents.values()].some((intent) => intent.state !== 'settled')) return 'open intents';
    const booked = this.runner.tables.rows('fills').length;
    if (booked !== this.venue.allTrades.length) return `${booked} of ${this.venue.allTrades.length} fills`;
    if (state.desk.symbols.some(({ busy, waiting, cancels }) => busy ?? waiting[0] ?? cancels[0]))
      return 'busy';
    const ours = [...state.desk.orders.values()].filter(
      ({ state: of }) => of === 'ACCEPTED' || of === 'PARTIALLY_FILLED',
    );
    const [left, right] = [
      ours.map(({ clientOrderId }) => clientOrderId).sort(),
      this.venue.openIds().sort(),
    ];
    return JSON.stringify(left) === JSON.stringify(right) ? '' : `open ${left} and ${right}`;
  }
}

describe('whatever is lost, late, repeated or killed', () => {
  it('each order stands at the venue once, each fill is booked once, and the books equal the account', async () => {
    let deaths = 0;
    const seen = { fills: 0, replaces: 0, repeats: 0, found: 0 };
    await fc.assert(
      fc.asyncProperty(actions, fates, async (plan, fate) => {
        const world = new World(structuredClone(fate));
        try {
          await world.runner.live();
          for (const [index, action] of plan.entries()) await world.do(action, index);
          await world.heal();
          prove(world);
          count(world, seen);
        } finally {
          deaths += world.runner.deaths;
          world.runner.stop();
        }
      }),
      { numRuns: RUNS, seed: 7, endOnFailure: true },
    );
    // What the plans are for did happen.
    expect(deaths).toBeGreaterThan(RUNS);
    for (const times of Object.values(seen)) expect(times).toBeGreaterThan(RUNS / 4);
  }, 180_000);
});

function count(
  { venue, runner }: World,
  seen: Record<'fills' | 'replaces' | 'repeats' | 'found', number>,
): void {
  seen.fills += venue.allTrades.length;
  for (const intent of runner.tables.rows('intents')) {
    if (intent['kind'] === 'replace') seen.replaces += 1;
    if (Number(intent['attempt']) > 1) seen.repeats += 1;
    if (intent['outcome'] === 'found') seen.found += 1;
  }
}

function prove({ venue, runner }: World): void {
  const state = runner.state!;
  expect([...venue.placements.values()].every((times) => times === 1)).toBe(true);
  const status = runner.events.filter(
    ({ type }) => type !== 'notification.raised' && type !== 'order.proposed',
  );
  expect(status.map(({ data }) => (data as { sequence: number }).sequence)).toEqual(
    status.map((_, at) => at + 1),
  );
  const fills = status
    .filter(({ type }) => type === 'order.filled')
    .map(({ data }) => data as { symbol: string; tradeId: string });
  expect(fills.map(({ symbol, tradeId }) => `${symbol} ${tradeId}`).sort()).toEqual(
    venue.allTrades.map(({ symbol, tradeId }) => `${symbol} ${tradeId}`).sort(),
  );
  for (const asset of ['USDT', 'BTC', 'ETH'])
    expect(text(state.account.balances.get(asset) ?? ZERO)).toBe(venue.total(asset));
  for (const { index, instrument, held } of state.desk.symbols) {
    expect(text(held)).toBe(venue.total(instrument.base));
    expect(isUnprotected(state.desk, index)).toBe(false);
  }
}
