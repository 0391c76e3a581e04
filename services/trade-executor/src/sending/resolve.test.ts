import { describe, expect, it } from 'vitest';
import { DeskScene } from '../../test/desk-scene.ts';
import type { Truth } from '../reports/truth.ts';
import type { OrderFact, TradeFact } from '../venue/port.ts';

/** A position with its stop at the venue, and an exit whose cancel-replace is on its way. */
function replacing() {
  const scene = new DeskScene();
  const entry = scene.order();
  scene.authorise(entry);
  scene.accept();
  scene.fill(entry.clientOrderId, 1);
  scene.accept();
  const stop = scene.state.desk.symbols[0]?.stop?.clientOrderId ?? '';
  const exit = scene.order({ side: 'sell', purpose: 'exit', stopDistance: null });
  scene.authorise(exit);
  expect(scene.newest()).toMatchObject({ kind: 'replace', cancelClientOrderId: stop });
  return { scene, stop, exit: exit.clientOrderId };
}

function placing() {
  const scene = new DeskScene();
  const order = scene.order();
  scene.authorise(order);
  return { scene, order: order.clientOrderId };
}

const truth = (fact: OrderFact, trades: readonly (TradeFact & { clientOrderId: string })[] = []): Truth => ({
  order: { fact, stored: null },
  trades: trades.map((trade) => ({ fact: trade, stored: null })),
});
const lost = (scene: DeskScene) =>
  scene.local('request.answered', {
    ...{ intent: scene.newest().id, truth: null },
    answer: { kind: 'ambiguous', reason: 'no answer in 2,000 ms' },
  });

describe('a request whose answer nobody has', () => {
  it('makes its order UNKNOWN, tells people, and lets nothing else of the symbol out', () => {
    const { scene } = placing();
    lost(scene);
    expect(scene.types()).toEqual(['order.unknown', 'notification.raised']);
    expect(scene.effects).toContainEqual({ kind: 'resolve', intent: 1 });
    scene.authorise(scene.order({ purpose: 'rebalance' }));
    expect(scene.state.intents.size).toBe(1);
  });

  it.each<[string, (scene: DeskScene, order: string) => Truth, string[], string]>([
    ['open', (scene, order) => truth(scene.fact(order)), ['order.accepted', 'order.resolved'], 'ACCEPTED'],
    [
      'filled',
      (scene, order) =>
        truth(scene.fact(order, { status: 'filled', executed: '1' }), [scene.trade(order, 5)]),
      ['order.filled', 'order.resolved'],
      'FILLED',
    ],
    [
      'expired after a part',
      (scene, order) =>
        truth(scene.fact(order, { status: 'expired', executed: '0.4' }), [
          scene.trade(order, 5, { quantity: '0.4', quoteQuantity: '40' }),
        ]),
      ['order.filled', 'order.resolved', 'order.expired'],
      'EXPIRED',
    ],
  ])('found %s: the venue’s word counts', (_what, found, said, state) => {
    const { scene, order } = placing();
    lost(scene);
    scene.local('request.resolved', { intent: 1, target: null, order: found(scene, order) });
    expect(scene.types().slice(2)).toEqual(said);
    expect(scene.state.desk.orders.get(order)?.state).toBe(state);
    expect(scene.state.intents.get(1)?.state).toBe('settled');
  });

  it('proven absent: goes out again under its id, with a timestamp of its own', () => {
    const { scene, order } = placing();
    lost(scene);
    const before = scene.newest().timestamp;
    scene.local('request.resolved', { intent: 1, target: null, order: null });
    expect(scene.newest()).toMatchObject({ id: 2, attempt: 2, clientOrderId: order, state: 'open' });
    expect(scene.newest().request['timestamp']).toBeGreaterThan(before);
    expect(scene.types().at(-1)).toBe('order.resolved');
    expect(scene.said.at(-1)?.data).toMatchObject({ outcome: 'absent', state: 'SUBMITTING' });
    expect(scene.state.desk.orders.get(order)?.state).toBe('SUBMITTING');
  });

  it('a repetition that approval or state no longer allow has expired', () => {
    const { scene, order } = placing();
    lost(scene);
    scene.local('request.resolved', { intent: 1, target: null, order: null });
    scene.local('request.refused', { intent: 2, code: 'APPROVAL_EXPIRED', reason: 'too late' });
    expect(scene.types().at(-1)).toBe('order.expired');
    expect(scene.state.desk.orders.get(order)?.state).toBe('EXPIRED');
  });

  it('proven absent with its cancel asked for: ends instead', () => {
    const { scene, order } = placing();
    lost(scene);
    const all = { requestId: 'r', cancelStops: false, cycleId: null, requestedBy: 'test' };
    scene.stream('cancel-all.requested', all);
    scene.local('request.resolved', { intent: 1, target: null, order: null });
    expect(scene.state.desk.orders.get(order)?.state).toBe('CANCELED');
  });

  it('in a recovery waits for its end, and goes out only when the books are clean', () => {
    const { scene } = placing();
    scene.state.gate.open = false;
    scene.local('request.resolved', { intent: 1, target: null, order: null });
    expect(scene.newest()).toMatchObject({ id: 1, state: 'absent' });
    scene.local('recovery.done', { clean: true });
    expect(scene.newest()).toMatchObject({ id: 2, attempt: 2, state: 'open' });
  });

  it('in a recovery that finds differences has run out, and keeps no stop of its symbol waiting', () => {
    const { scene, order } = placing();
    scene.state.gate.open = false;
    scene.local('request.resolved', { intent: 1, target: null, order: null });
    scene.local('recovery.done', { clean: false });
    expect(scene.state.desk.orders.get(order)?.state).toBe('EXPIRED');
    expect(scene.state.intents.get(1)?.state).toBe('settled');
  });

  it('a second word on the same request changes nothing', () => {
    const { scene, order } = placing();
    scene.accept();
    const said = scene.said.length;
    scene.local('request.resolved', { intent: 1, target: null, order: null });
    lostAgain(scene);
    expect(scene.said).toHaveLength(said);
    expect(scene.state.desk.orders.get(order)?.state).toBe('ACCEPTED');
  });
});

const lostAgain = (scene: DeskScene) =>
  scene.local('request.answered', { intent: 1, truth: null, answer: { kind: 'ambiguous', reason: 'late' } });

describe('a cancel', () => {
  const canceling = () => {
    const { scene, order } = placing();
    scene.accept();
    const all = { requestId: 'r', cancelStops: false, cycleId: null, requestedBy: 'test' };
    scene.stream('cancel-all.requested', all);
    expect(scene.newest()).toMatchObject({ id: 2, kind: 'cancel' });
    return { scene, order };
  };

  it.each<[string, (scene: DeskScene) => void]>([
    ['whose answer was lost', lost],
    ['that was on its way at a restart', () => {}],
  ])('%s: the order is gone', (_what, before) => {
    const { scene, order } = canceling();
    before(scene);
    const target = truth(scene.fact(order, { status: 'canceled' }));
    scene.local('request.resolved', { intent: 2, target, order: null });
    expect(scene.state.desk.orders.get(order)?.state).toBe('CANCELED');
    expect(scene.state.desk.symbols[0]?.busy).toBeNull();
  });

  it.each<[string, (scene: DeskScene) => void]>([
    ['whose answer was lost', lost],
    ['that was on its way at a restart', () => {}],
  ])('%s: the order stands, and is canceled again', (_what, before) => {
    const { scene, order } = canceling();
    before(scene);
    const accepted = scene.types().filter((type) => type === 'order.accepted').length;
    scene.local('request.resolved', { intent: 2, target: truth(scene.fact(order)), order: null });
    expect(scene.newest()).toMatchObject({ id: 3, kind: 'cancel', clientOrderId: order });
    expect(scene.types().filter((type) => type === 'order.accepted')).toHaveLength(accepted);
    scene.accept();
    expect(scene.state.desk.orders.get(order)?.state).toBe('CANCELED');
  });

  it('that is refused because the order has just filled books the fill', () => {
    const { scene, order } = canceling();
    scene.local('request.answered', {
      intent: 2,
      answer: { kind: 'rejected', code: 'VENUE_2011', reason: 'Unknown order sent.' },
      truth: truth(scene.fact(order, { status: 'filled', executed: '1' }), [scene.trade(order, 1)]),
    });
    expect(scene.state.desk.orders.get(order)?.state).toBe('FILLED');
    expect(scene.newest().request).toMatchObject({ type: 'STOP_LOSS' });
  });
});

describe('a cancel-replace of the stop', () => {
  it('of which the venue knows nothing goes out whole again', () => {
    const { scene, stop } = replacing();
    lost(scene);
    scene.local('request.resolved', { intent: 3, target: truth(scene.fact(stop)), order: null });
    expect(scene.newest()).toMatchObject({ kind: 'replace', attempt: 2, cancelClientOrderId: stop });
  });

  it('that half failed leaves a position unprotected: the order goes out at once, alone', () => {
    const { scene, stop, exit } = replacing();
    lost(scene);
    const target = truth(scene.fact(stop, { status: 'canceled' }));
    scene.local('request.resolved', { intent: 3, target, order: null });
    expect(scene.newest()).toMatchObject({ kind: 'place', attempt: 2, clientOrderId: exit });
  });

  it('whose stop has filled meanwhile sends nothing more', () => {
    const { scene, stop, exit } = replacing();
    lost(scene);
    const target = truth(scene.fact(stop, { status: 'filled', executed: '1' }), [scene.trade(stop, 2)]);
    scene.local('request.resolved', { intent: 3, target, order: null });
    expect(scene.state.desk.orders.get(exit)?.state).toBe('REJECTED');
    expect(scene.codes().at(-1)).toBe('REPLACE_NOT_SENT');
    expect([...scene.state.intents.values()].every(({ state }) => state === 'settled')).toBe(true);
  });

  it('refused because the stop has just filled: its fill is booked before anything else goes out', () => {
    const { scene, stop, exit } = replacing();
    scene.local('request.answered', {
      intent: 3,
      answer: { kind: 'cancel-failed', code: 'VENUE_2011', reason: 'Unknown order sent.' },
      truth: truth(scene.fact(stop, { status: 'filled', executed: '1' }), [scene.trade(stop, 2)]),
    });
    expect(scene.types().slice(-2)).toEqual(['order.filled', 'order.rejected']);
    expect(scene.state.desk.orders.get(exit)?.state).toBe('REJECTED');
    expect(scene.effects.filter(({ kind }) => kind === 'send')).toEqual([]);
  });

  it('refused although the stop stands: the symbol rests before it is tried again', () => {
    const { scene, stop } = replacing();
    scene.local('request.answered', {
      intent: 3,
      answer: { kind: 'cancel-failed', code: 'VENUE_2011', reason: 'not now' },
      truth: truth(scene.fact(stop)),
    });
    expect(scene.effects).toContainEqual({ kind: 'resume', index: 0, afterMs: 1_000 });
  });

  it('whose new order was refused puts a stop back', () => {
    const { scene, stop } = replacing();
    scene.local('request.answered', {
      ...{ intent: 3, truth: null },
      answer: {
        ...{ kind: 'place-failed', code: 'VENUE_2010', reason: 'refused', untimely: false },
        canceled: scene.fact(stop, { status: 'canceled' }),
      },
    });
    expect(scene.newest()).toMatchObject({ kind: 'place' });
    expect(scene.newest().request).toMatchObject({ type: 'STOP_LOSS', stopPrice: '95' });
  });
});

describe('protection', () => {
  it('a stop that is refused is sold at market, and people are told', () => {
    const scene = new DeskScene();
    const entry = scene.order();
    scene.authorise(entry);
    scene.accept();
    scene.fill(entry.clientOrderId, 1);
    const answer = {
      kind: 'rejected',
      code: 'VENUE_2010',
      reason: 'Stop price would trigger immediately.',
    } as const;
    scene.local('request.answered', { intent: scene.newest().id, truth: null, answer });
    expect(scene.codes()).toEqual(['VENUE_2010', 'POSITION_UNPROTECTED']);
    expect(scene.newest().request).toMatchObject({ type: 'MARKET', side: 'SELL', quantity: '1' });
    scene.local('request.answered', { intent: scene.newest().id, truth: null, answer });
    expect(scene.codes().filter((code) => code === 'POSITION_UNPROTECTED')).toHaveLength(2);
    expect([...scene.state.intents.values()].every(({ state }) => state === 'settled')).toBe(true);
  });

  it('a stop that a closed market refuses is not sold, and people are told in other words', () => {
    const scene = new DeskScene();
    const entry = scene.order();
    scene.authorise(entry);
    scene.accept();
    scene.fill(entry.clientOrderId, 1);
    const answer = { kind: 'rejected', code: 'MARKET_CLOSED', reason: 'Market is closed.' } as const;
    scene.local('request.answered', { intent: scene.newest().id, truth: null, answer });
    expect(scene.codes()).toEqual(['MARKET_CLOSED', 'MARKET_CLOSED_HOLDING']);
    expect(scene.said.at(-1)?.data).toMatchObject({
      severity: 'warning',
      title: 'The market of BTCUSDT ended with 1 held',
    });
    expect(scene.effects.filter(({ kind }) => kind === 'send')).toEqual([]);
    expect([...scene.state.intents.values()].every(({ state }) => state === 'settled')).toBe(true);
  });

  it('cancel-all with cancelStops takes the stops away and does not put them back', () => {
    const { scene, stop } = replacing();
    scene.accept();
    const all = { requestId: 'r', cancelStops: true, cycleId: null, requestedBy: 'test' };
    const other = new DeskScene();
    const entry = other.order();
    other.authorise(entry);
    other.accept();
    other.fill(entry.clientOrderId, 1);
    other.accept();
    other.stream('cancel-all.requested', all);
    expect(other.newest()).toMatchObject({ kind: 'cancel' });
    other.accept();
    expect(other.effects.filter(({ kind }) => kind === 'send')).toEqual([]);
    expect(other.state.desk.symbols[0]?.stop).toBeNull();
    expect(scene.state.desk.orders.get(stop)?.state).toBe('CANCELED');
  });
});

describe('a trading state', () => {
  it('is confirmed when nothing of an older one is on its way', () => {
    const { scene } = placing();
    scene.trading({ epoch: 2, mode: 'HALTED' });
    expect(scene.types()).toEqual([]);
    expect(scene.effects).toContainEqual({ kind: 'confirm', afterMs: expect.any(Number) });
    scene.accept();
    expect(scene.types()).toEqual(['order.accepted', 'trading-state.applied']);
    scene.trading({ epoch: 1 });
    expect(scene.types()).toHaveLength(2);
  });

  it('is confirmed at the latest when the venue itself would refuse what is on its way', () => {
    const { scene } = placing();
    scene.trading({ epoch: 2, mode: 'HALTED' });
    scene.now += 2_000;
    scene.local('states.confirm', {});
    expect(scene.types()).toEqual(['trading-state.applied']);
  });
});
