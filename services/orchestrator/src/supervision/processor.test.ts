import { eventCatalog } from '@fleet/domain/events';
import { describe, expect, test } from 'vitest';
import {
  approved,
  bar,
  cycleOf,
  DAY_START,
  denied,
  Feed,
  local,
  MINUTE,
  marked,
  market,
  openedFeed,
  order,
  planned,
  proposal,
  SYMBOLS,
  scope,
  signal,
  status,
} from '../../test/feed.ts';
import { reportOf } from '../cycles/cycle-report.ts';
import type { PersonsAnswer } from './person-inputs.ts';
import { HANDLES } from './processor.ts';
import { stateRows } from './state-store.ts';

const FLATTEN_RULES = { ...scope.rules, targetPolicy: 'flatten' as const };
const NEXT_DAY = DAY_START + 24 * 60 * MINUTE;

function trading(feed: Feed): string {
  const { mode, reason } = feed.state.supervision.trading;
  return `${mode} ${reason}`;
}

function report(feed: Feed, cycleId: string) {
  const cycle = feed.state.cycles.get(cycleId);
  return cycle === undefined ? undefined : reportOf(cycle, feed.state.cycles.flattenOf(cycle));
}

/** A bar set without proposals. */
function emptyCycle(feed: Feed, openTime: number, equity: number, holding: readonly string[] = []): void {
  feed.all(bar(openTime), planned(openTime, []), marked(openTime, equity, { holding }));
}

describe('a run', () => {
  test('begins with the first epoch, and once', () => {
    const feed = new Feed();
    expect(feed.said).toMatchObject([
      { type: 'trading-state.changed', data: { state: { epoch: 1, mode: 'ACTIVE', since: 0 } } },
    ]);
    feed.give({ type: 'run.began', stream: null, data: { at: 9 }, at: 9 });
    expect(feed.said).toHaveLength(1);
  });

  test.each([
    ['mark first', [marked(DAY_START, 1_000, { kind: 'opening' }), bar(DAY_START)]],
    ['bar first', [bar(DAY_START), marked(DAY_START, 1_000, { kind: 'opening' })]],
  ])('opens its first day with the opening mark and the first bar: %s', (_name, fed) => {
    const feed = new Feed();
    expect(feed.untilQuiet(fed)).toEqual([]);
    expect(feed.types()).toEqual(['trading-state.changed', 'day.opened']);
    expect(feed.said[1]).toMatchObject({ data: { day: '2024-08-05', openingEquityMark: 1_000 } });
  });

  test('everything that it says fits the schema of its type', () => {
    const feed = openedFeed();
    emptyCycle(feed, DAY_START, 970);
    feed.all(local('person.halt', { flatten: true }), local('person.analyze', { symbols: ['BTCUSDT'] }));
    emptyCycle(feed, NEXT_DAY, 970);
    const schemas = new Map(eventCatalog.map(({ type, schema }) => [type, schema]));
    for (const { type, data } of feed.said) expect(schemas.get(type)?.safeParse(data).error).toBeUndefined();
    expect(new Set(feed.types())).toEqual(
      new Set([
        'trading-state.changed',
        'day.opened',
        'cancel-all.requested',
        'flatten.requested',
        'analyze.requested',
        'day.closed',
      ]),
    );
  });

  test('every handled type is in the catalog', () => {
    const known = eventCatalog.map(({ type }) => type);
    expect(HANDLES.filter((type) => !known.includes(type))).toEqual([]);
  });
});

describe('the day', () => {
  test('rolls at its first bar: closed, opened at the last mark, what the target had set lifted', () => {
    const feed = openedFeed();
    emptyCycle(feed, DAY_START, 1_020);
    expect(trading(feed)).toBe('REDUCING DAILY_TARGET');
    feed.said.length = 0;
    feed.give(bar(NEXT_DAY));
    expect(feed.types()).toEqual(['day.closed', 'trading-state.changed', 'day.opened']);
    expect(feed.said[0]).toMatchObject({
      type: 'day.closed',
      data: { day: '2024-08-05', closingEquity: '1020', targetReached: true, closedAt: NEXT_DAY },
    });
    expect(trading(feed)).toBe('ACTIVE NEW_DAY');
    feed.give(bar(NEXT_DAY, SYMBOLS[1]));
    expect(feed.types().filter((type) => type === 'day.opened')).toHaveLength(1);
  });

  test('waits in lock-step for the decision of the last cycle, without limit', () => {
    const feed = openedFeed();
    feed.all(planned(DAY_START, [proposal(1)]), marked(DAY_START, 1_020));
    expect(feed.give(bar(NEXT_DAY), { waitExpired: true })).toEqual({
      kind: 'wait',
      for: `the decision on ${cycleOf(DAY_START)}`,
    });
    feed.give(denied(proposal(1), cycleOf(DAY_START)));
    expect(feed.give(bar(NEXT_DAY)).kind).toBe('done');
    expect(feed.state.supervision.day?.openingEquityMark).toBe(1_020);
  });

  test('live, the mark of a cycle that is not complete closes the day, and its late decision changes nothing', () => {
    const feed = openedFeed({ lockstep: false });
    feed.give(planned(DAY_START, [proposal(1)]));
    expect(feed.give(bar(NEXT_DAY)).kind).toBe('wait');
    feed.give(marked(DAY_START, 1_020));
    expect(feed.give(bar(NEXT_DAY)).kind).toBe('done');
    expect(feed.state.supervision.day).toMatchObject({ openingEquityMark: 1_020, targetReached: false });
    feed.give(denied(proposal(1), cycleOf(DAY_START)));
    expect(feed.state.decidedCycle).toBe(cycleOf(DAY_START));
    expect(trading(feed)).toBe('ACTIVE START');
  });

  test('live, a last cycle without a mark is waited for no longer than others wait', () => {
    const feed = openedFeed({ lockstep: false });
    expect(feed.give(bar(NEXT_DAY), { waitExpired: true }).kind).toBe('done');
    expect(feed.state.supervision.day).toMatchObject({ day: '2024-08-06', openingEquityMark: 1_000 });
  });

  test('a bar of an older day changes no day', () => {
    const feed = openedFeed();
    emptyCycle(feed, DAY_START, 1_000);
    feed.give(bar(NEXT_DAY));
    feed.give(bar(NEXT_DAY - MINUTE, SYMBOLS[1]));
    expect(feed.state.supervision.day?.day).toBe('2024-08-06');
  });

  test('deposits are no profit', () => {
    const feed = openedFeed();
    feed.give(status('cash.moved', { asset: 'USDT', amount: '500', reason: 'deposit' }));
    feed.give(status('cash.moved', { asset: 'BTC', amount: '1', reason: 'deposit' }));
    emptyCycle(feed, DAY_START, 1_505);
    expect(trading(feed)).toBe('ACTIVE START');
    expect(feed.state.supervision.day?.netDeposits).toBe(500);
  });
});

describe('a decision on a mark', () => {
  test('says cancel-all, the state and the flatten, in this order, each with its cycle', () => {
    const feed = openedFeed({ rules: FLATTEN_RULES });
    feed.said.length = 0;
    emptyCycle(feed, DAY_START, 1_020, ['BTCUSDT']);
    expect(feed.types()).toEqual(['cancel-all.requested', 'trading-state.changed', 'flatten.requested']);
    const cycleId = cycleOf(DAY_START);
    expect(feed.said).toMatchObject([
      { data: { cycleId } },
      { data: { state: { cycleId, flattenId: `flatten:${cycleId}` } } },
      {},
      { data: { cycleId, flattenId: `flatten:${cycleId}`, stateEpoch: 2 } },
    ]);
    expect(feed.said[0]?.ts).toBe(new Date(DAY_START + MINUTE).toISOString());
  });

  test('its cycle is settled when the sells of its flatten are', () => {
    const feed = openedFeed({ rules: FLATTEN_RULES });
    emptyCycle(feed, DAY_START, 1_020, ['BTCUSDT']);
    const cycleId = cycleOf(DAY_START);
    const flattenId = `flatten:${cycleId}`;
    expect(report(feed, cycleId)).toMatchObject({
      status: 'complete',
      settled: false,
      waitingFor: [flattenId],
    });
    feed.give(order('accepted', proposal(9), flattenId, { side: 'sell', purpose: 'flatten' }));
    expect(report(feed, flattenId)).toMatchObject({
      kind: 'orders',
      parent: cycleId,
      waitingFor: ['cycle.planned'],
    });
    feed.give(planned(DAY_START, [proposal(9)], flattenId));
    expect(report(feed, cycleId)).toMatchObject({ status: 'settled', waitingFor: [] });
    expect(feed.state.cyclesCompleted).toBe(1);
    emptyCycle(feed, DAY_START + MINUTE, 1_019);
    expect(trading(feed)).toBe('HALTED FLATTENED');
  });

  test('a flatten that has nothing to sell settles by its empty plan', () => {
    const feed = openedFeed({ rules: FLATTEN_RULES });
    emptyCycle(feed, DAY_START, 1_020);
    feed.give(planned(DAY_START, [], `flatten:${cycleOf(DAY_START)}`));
    expect(report(feed, cycleOf(DAY_START))?.settled).toBe(true);
  });

  test('live, a later mark is not undone by an older cycle that was held up', () => {
    const feed = openedFeed({ lockstep: false });
    feed.all(planned(DAY_START, [proposal(1)]), marked(DAY_START, 970));
    emptyCycle(feed, DAY_START + MINUTE, 1_000);
    expect(trading(feed)).toBe('ACTIVE START');
    feed.give(order('accepted', proposal(1), cycleOf(DAY_START)));
    expect(trading(feed)).toBe('ACTIVE START');
    expect(feed.state.supervision.lastMark?.equityMark).toBe(1_000);
    expect(report(feed, cycleOf(DAY_START))?.settled).toBe(true);
  });
});

describe('a cycle', () => {
  test('names what it waits for', () => {
    const feed = openedFeed();
    const cycleId = cycleOf(DAY_START);
    expect(report(feed, cycleId)).toMatchObject({
      status: 'open',
      waitingFor: ['cycle.planned', 'equity.marked'],
    });
    feed.all(planned(DAY_START, [proposal(1)]), marked(DAY_START, 1_000));
    expect(report(feed, cycleId)).toMatchObject({ status: 'planned', waitingFor: [`order ${proposal(1)}`] });
    feed.give(order('unknown', proposal(1), cycleId));
    expect(report(feed, cycleId)?.status).toBe('planned');
    feed.wall += 40;
    feed.give(order('resolved', proposal(1), cycleId));
    expect(report(feed, cycleId)).toMatchObject({ status: 'settled', latencyMs: 40, stateEpoch: 1 });
  });

  test('live, one that takes too long is given up, told once, and its mark is decided on all the same', () => {
    const feed = openedFeed({ lockstep: false });
    const cycleId = cycleOf(DAY_START);
    feed.all(planned(DAY_START, [proposal(1)]), marked(DAY_START, 970));
    const overdue = local('cycle.overdue', { cycleId });
    feed.all(overdue, overdue);
    expect(report(feed, cycleId)).toMatchObject({ status: 'timed-out', settled: false });
    expect(feed.state.cyclesTimedOut).toBe(1);
    expect(trading(feed)).toBe('HALTED DAILY_LOSS_CAP');
    expect(feed.told().filter((code) => code === 'CYCLE_TIMED_OUT')).toHaveLength(1);
    feed.give(order('accepted', proposal(1), cycleId));
    expect(report(feed, cycleId)?.status).toBe('settled');
    expect(feed.state.supervision.trading.epoch).toBe(2);
  });

  test('live, one that is given up before its mark decides as soon as the mark comes', () => {
    const feed = openedFeed({ lockstep: false });
    feed.give(local('cycle.overdue', { cycleId: cycleOf(DAY_START) }));
    feed.give(marked(DAY_START, 970));
    expect(trading(feed)).toBe('HALTED DAILY_LOSS_CAP');
  });

  test('in lock-step nothing times out', () => {
    const feed = openedFeed();
    feed.give(local('cycle.overdue', { cycleId: cycleOf(DAY_START) }));
    expect(feed.state.cyclesTimedOut).toBe(0);
  });

  test('keeps bar and signal for its orders, and nothing where it made none', () => {
    const feed = openedFeed();
    feed.all(signal(DAY_START), planned(DAY_START, [proposal(1)]), marked(DAY_START, 1_000));
    feed.give(denied(proposal(1), cycleOf(DAY_START)));
    expect(feed.state.cycles.get(cycleOf(DAY_START))?.inputs).toMatchObject({
      BTCUSDT: { bar: { close: '105' }, signal: { strategy: 'ema-cross' } },
    });
    const next = DAY_START + MINUTE;
    feed.all(bar(next), signal(next));
    emptyCycle(feed, next, 1_000);
    feed.give(signal(next, SYMBOLS[1]));
    expect(feed.state.cycles.get(cycleOf(next))?.inputs).toEqual({});
  });

  test('memory keeps the newest, and what comes late of an older one opens none', () => {
    const feed = openedFeed();
    for (let minute = 0; minute < 1_100; minute += 1) emptyCycle(feed, DAY_START + minute * MINUTE, 1_000);
    expect(feed.state.cycles.size).toBe(1_000);
    feed.all(marked(DAY_START, 1_000), planned(DAY_START, []), bar(DAY_START));
    expect(feed.state.cycles.get(cycleOf(DAY_START))).toBeUndefined();
    expect(feed.state.cyclesCompleted).toBe(1_100);
  });
});

test("orders that a person asked for are a cycle of their own, and no bar set's", () => {
  const feed = openedFeed();
  feed.give(planned(DAY_START, [proposal(5)], 'rebalance:r7'));
  expect(report(feed, 'rebalance:r7')).toMatchObject({ kind: 'orders', status: 'planned', openedAt: 1_000 });
  feed.give(denied(proposal(5), 'rebalance:r7'));
  expect(report(feed, 'rebalance:r7')?.settled).toBe(true);
  expect(feed.state.cyclesCompleted).toBe(0);
  expect(feed.state.cycles.newest?.cycleId).toBe(cycleOf(DAY_START));
});

describe('conditions', () => {
  const reconciled = (clean: boolean) =>
    status('reconciliation.completed', { clean, differences: [], frozenSymbols: [] });

  test('a failed reconciliation reduces, a clean one lifts that alone', () => {
    const feed = openedFeed();
    feed.give(reconciled(false));
    expect(trading(feed)).toBe('REDUCING RECONCILIATION');
    expect(feed.told()).toContain('TRADING_REDUCING');
    feed.give(reconciled(true));
    expect(trading(feed)).toBe('ACTIVE RECOVERED');
    feed.give(local('person.halt', { flatten: false }));
    feed.all(reconciled(false), reconciled(true));
    expect(trading(feed)).toBe('HALTED ADMIN');
  });

  test('stale data reduce when live, until every symbol is fresh again', () => {
    const feed = openedFeed({ lockstep: false });
    feed.all(market('stale', 'BTCUSDT'), market('stale', 'ETHUSDT'), market('recovered', 'BTCUSDT'));
    expect(trading(feed)).toBe('REDUCING MARKET_DATA');
    feed.give(market('recovered', 'ETHUSDT'));
    expect(trading(feed)).toBe('ACTIVE RECOVERED');
    expect(feed.state.supervision.trading.epoch).toBe(3);
  });

  test('in lock-step time stands between the steps: no data are stale', () => {
    const feed = openedFeed();
    feed.give(market('stale', 'BTCUSDT'));
    expect(trading(feed)).toBe('ACTIVE START');
  });

  test('a new day does not lift what is still wrong', () => {
    const feed = openedFeed();
    emptyCycle(feed, DAY_START, 1_020);
    feed.give(reconciled(false));
    expect(trading(feed)).toBe('REDUCING DAILY_TARGET');
    feed.said.length = 0;
    feed.give(bar(NEXT_DAY));
    expect(trading(feed)).toBe('REDUCING RECONCILIATION');
    expect(feed.types()).toEqual([
      'day.closed',
      'trading-state.changed',
      'trading-state.changed',
      'day.opened',
    ]);
  });
});

describe('persons', () => {
  const answer = (feed: Feed, type: string, data: object = {}) => {
    const decided = feed.give(local(type, data));
    return decided.kind === 'done' ? (decided.result as PersonsAnswer) : undefined;
  };

  test('a halt holds at once, names who and why, and is answered', () => {
    const feed = openedFeed();
    feed.said.length = 0;
    expect(answer(feed, 'person.halt', { flatten: false })).toMatchObject({
      kind: 'done',
      trading: { mode: 'HALTED', actor: 'kim', detail: 'because', epoch: 2, cycleId: null },
    });
    expect(feed.types()).toEqual(['cancel-all.requested', 'trading-state.changed']);
    expect(answer(feed, 'person.halt', { flatten: false })).toMatchObject({ kind: 'unchanged' });
    expect(feed.told()).toEqual(['TRADING_HALTED']);
  });

  test('a halt with flatten sells first; what cannot be sold in time is named', () => {
    const feed = openedFeed({ lockstep: false });
    emptyCycle(feed, DAY_START, 1_000, ['BTCUSDT']);
    answer(feed, 'person.halt', { flatten: true });
    expect(trading(feed)).toBe('REDUCING FLATTENING');
    expect(report(feed, 'flatten:r1')).toMatchObject({ kind: 'orders', parent: null, status: 'open' });
    feed.give(local('flatten.overdue', { flattenId: 'flatten:r1' }));
    expect(trading(feed)).toBe('HALTED FLATTENED');
    expect(feed.state.supervision.trading.detail).toContain('BTCUSDT');
  });

  test.each<[string, object, string, object]>([
    ['by the admin token alone', {}, '127.0.0.1', { method: 'POST', path: '/admin/x', reason: 'because' }],
    [
      'by a person',
      { identity: 'anna@fleet.test', role: 'admin', fingerprint: 'f1' },
      'anna@fleet.test',
      {
        ...{ method: 'POST', path: '/admin/x', reason: 'because', address: '127.0.0.1' },
        ...{ identity: 'anna@fleet.test', role: 'admin', fingerprint: 'f1' },
      },
    ],
  ])('an admin call %s is audited with who it was', (_name, who, actor, detail) => {
    const feed = openedFeed();
    const call = { outcome: 'granted', method: 'POST', path: '/admin/x', address: '127.0.0.1', ...who };
    feed.give(local('admin.called', call));
    const body: unknown = JSON.parse(String(feed.state.changes.audit.at(-1)?.['body']));
    expect(body).toMatchObject({ kind: 'admin.called', actor, detail });
  });

  test('what a person may not lift is refused with its code, and the refusal is audited', () => {
    const feed = openedFeed();
    expect(answer(feed, 'person.unhalt')).toMatchObject({ kind: 'refused', code: 'TRADING_NOT_STOPPED' });
    expect(String(feed.state.changes.audit.at(-1)?.['body'])).toContain('TRADING_NOT_STOPPED');
  });

  test('a reset opens the day anew and lifts the lock', () => {
    const feed = openedFeed();
    emptyCycle(feed, DAY_START, 1_020);
    feed.said.length = 0;
    expect(answer(feed, 'person.reset-day')).toMatchObject({ kind: 'done', trading: { mode: 'ACTIVE' } });
    expect(feed.types()).toEqual(['trading-state.changed', 'day.opened']);
    expect(feed.said.at(-1)).toMatchObject({ data: { day: '2024-08-05', openingEquity: '1020' } });
  });

  test('an unconfirmed halt is told, unless it was confirmed meanwhile', () => {
    const feed = openedFeed();
    answer(feed, 'person.halt', { flatten: false });
    feed.give(local('halt.unconfirmed', { epoch: 2 }));
    expect(feed.told()).toContain('HALT_UNCONFIRMED');
    const told = feed.told().length;
    feed.give(status('trading-state.applied', { epoch: 2, mode: 'HALTED', figures: {} }));
    feed.give(local('halt.unconfirmed', { epoch: 2 }));
    expect(feed.told()).toHaveLength(told);
  });
});

describe('orders', () => {
  const audited = (feed: Feed) =>
    feed.state.changes.audit
      .map(({ body }) => String(body))
      .filter((body) => body.includes('order.lifecycle'));

  test('what the lifecycle does not allow is taken as the venue says, audited and told', () => {
    const feed = openedFeed();
    const id = proposal(1);
    feed.all(approved(id, 'c'), order('accepted', id, 'c'), order('filled', id, 'c'));
    expect(audited(feed)).toEqual([]);
    feed.give(order('canceled', id, 'c'));
    expect(audited(feed)[0]).toContain('an order in state FILLED cannot cancel');
    expect(feed.state.orders.get(id)?.state).toBe('CANCELED');
    expect(feed.told()).toEqual(['ORDER_LIFECYCLE']);
  });

  test('a fill after a cancel is real', () => {
    const feed = openedFeed();
    const id = proposal(1);
    feed.all(order('accepted', id, 'c'), order('canceled', id, 'c'), order('filled', id, 'c'));
    expect(audited(feed)).toEqual([]);
    expect(feed.state.orders.get(id)).toMatchObject({ state: 'FILLED', filled: '1' });
  });

  test('a denied order that goes out all the same is told', () => {
    const feed = openedFeed();
    feed.all(denied(proposal(1), 'c'), order('accepted', proposal(1), 'c'));
    expect(audited(feed)[0]).toContain('risk denied it');
  });

  test('an order of others changes nothing but the sequence', () => {
    const feed = openedFeed();
    const event = order('filled', null, 'c');
    feed.give(event);
    expect(feed.state.changes.fills).toEqual([]);
    expect(feed.state.execSequence).toBe((event.data as { sequence: number }).sequence);
  });

  test('an order that was lost sight of, proven absent and sent again, passes', () => {
    const feed = openedFeed();
    const id = proposal(1);
    feed.all(
      order('unknown', id, 'c'),
      order('resolved', id, 'c', { outcome: 'absent', state: 'SUBMITTING' }),
      order('accepted', id, 'c'),
    );
    expect(audited(feed)).toEqual([]);
    expect(feed.state.orders.get(id)).toMatchObject({ state: 'ACCEPTED', acknowledged: true });
  });
});

test('rows name the same columns in each table, and are given once', () => {
  const feed = openedFeed();
  feed.all(approved(proposal(1), 'c'), denied(proposal(2), 'c'), order('filled', proposal(1), 'c'));
  emptyCycle(feed, DAY_START, 970);
  const writes = stateRows(feed.state);
  for (const { rows } of writes)
    expect(new Set(rows.map((row) => Object.keys(row).toSorted().join())).size).toBe(1);
  expect(writes.map(({ table }) => table.split('.')[1]).toSorted()).toEqual([
    'audit_events',
    'cycles',
    'decisions',
    'fills',
    'orders',
    'run_state',
    'trading_days',
    'trading_state',
  ]);
  expect(stateRows(feed.state)).toEqual([]);
});
