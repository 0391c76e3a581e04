import { createPublicKey, verify } from 'node:crypto';
import type { OrderAuthorised } from '@fleet/domain/events';
import { canonicalOrder } from '@fleet/domain/execution';
import { signingKeyId } from '@fleet/domain/ids';
import { BOTH, MINUTE, START } from '@fleet/testkit/account-events';
import { describe, expect, it } from 'vitest';
import {
  answers,
  authorised,
  bar,
  cashMoved,
  configuration,
  dayOpened,
  decide,
  ended,
  feed,
  fill,
  KEYS,
  proposal,
  RUN,
  reconciled,
  resolved,
  snapshot,
  tradingState,
  unknown,
} from '../../test/inputs.ts';
import { createState, type OrderCheckState } from './state.ts';

/** 10,000 USDT, both symbols at 100, the day open, trading active; `exec.status` stands at 1. */
function ready(): OrderCheckState {
  const state = createState(RUN, configuration);
  feed(state, tradingState(1), dayOpened(), snapshot(1), ...BOTH.map((symbol) => bar(START, symbol)));
  return state;
}

describe('what a proposal names', () => {
  it.each([
    { what: 'bars', later: { barTime: START + MINUTE }, waits: 'bars of 2024-08-05T00:01:00.000Z' },
    { what: 'bookings', later: { ledgerVersion: 2 }, waits: 'exec.status 2' },
    { what: 'the trading state', later: { stateEpoch: 2 }, waits: 'trading state 2' },
    { what: 'the trading day', later: { day: '2024-08-06' }, waits: 'trading day 2024-08-06' },
  ])('is waited for: $what', ({ later, waits }) => {
    const state = ready();
    const one = proposal(later);
    expect(decide(state, one)).toEqual({ kind: 'wait', for: waits });
    expect([state.risk.decisions.size, state.risk.reservations.size]).toEqual([0, 0]);
    const denied = decide(state, one, { waitExpired: true });
    expect(denied).toMatchObject({ kind: 'done', events: [{ data: { code: 'PROPOSAL_EXPIRED' } }] });
  });

  it('is enough when it has come, whichever stream was first', () => {
    const state = ready();
    const one = proposal({
      barTime: START + MINUTE,
      decidedAt: START + 2 * MINUTE,
      stateEpoch: 2,
      ledgerVersion: 2,
    });
    const rest = [
      bar(START + MINUTE, 'ETHUSDT'),
      tradingState(2),
      reconciled(2, []),
      bar(START + MINUTE, 'BTCUSDT'),
    ];
    for (const event of rest) {
      expect(decide(state, one).kind).toBe('wait');
      feed(state, event);
    }
    expect(answers(feed(state, one))).toEqual(['order.authorised', 'order.approved 10']);
  });

  it('sets of bars may overlap: a later bar of one symbol does not undo the set before', () => {
    const state = ready();
    feed(state, bar(START + MINUTE, 'BTCUSDT'), bar(START + 2 * MINUTE, 'BTCUSDT'));
    feed(state, bar(START + MINUTE, 'ETHUSDT'));
    expect(state.completeSet).toBe(START + MINUTE);
    feed(state, bar(START + 2 * MINUTE, 'ETHUSDT'));
    expect([state.completeSet, state.openSets.size]).toEqual([START + 2 * MINUTE, 0]);
  });

  it('a set without a symbol that has no bar is complete', () => {
    const state = ready();
    feed(state, bar(START + MINUTE, 'BTCUSDT', '100', ['BTCUSDT']));
    expect(state.completeSet).toBe(START + MINUTE);
  });
});

describe('an approval', () => {
  it('carries a signature of the canonical order, and expires by the market clock', () => {
    const state = ready();
    const [first] = feed(state, proposal()).map(({ data }) => data as OrderAuthorised);
    if (first === undefined) throw new Error('not authorised');
    const { order, signature, keyId } = first;
    const signed = Buffer.from(canonicalOrder(order), 'utf8');
    expect(verify(null, signed, KEYS.publicKey, Buffer.from(signature, 'base64'))).toBe(true);
    const forged = Buffer.from(canonicalOrder({ ...order, quantity: '11' }), 'utf8');
    expect(verify(null, forged, KEYS.publicKey, Buffer.from(signature, 'base64'))).toBe(false);
    expect([keyId, order.expiresAt]).toEqual([
      signingKeyId(createPublicKey(KEYS.publicKey)),
      START + MINUTE + configuration.risk.approvalValidForMs,
    ]);
  });

  it('asked again is answered again and authorised once', () => {
    const state = ready();
    feed(state, proposal());
    expect(answers(feed(state, proposal({}, 'again')))).toEqual(['order.approved 10']);
    expect(state.risk.reservations.size).toBe(1);
  });

  it('is not given to another order under the same id', () => {
    const state = ready();
    const order = authorised(feed(state, proposal()));
    expect(answers(feed(state, proposal({ quantity: '11' })))).toEqual(['order.denied PROPOSAL_CONFLICT']);
    expect(state.risk.reservations.get(order.proposalId)?.remaining.toFixed()).toBe('10');
  });

  it('two cannot spend one limit', () => {
    const state = ready();
    // A position may be worth 4,500 of 10,000.
    const first = answers(feed(state, proposal({ quantity: '30', stopDistance: '1' })));
    const second = answers(feed(state, proposal({ quantity: '30', stopDistance: '1', sequence: 1 })));
    expect([first[1], second[1]]).toEqual(['order.approved 30', 'order.approved 15']);
    const third = answers(feed(state, proposal({ quantity: '30', stopDistance: '1', sequence: 2 })));
    expect(third).toEqual(['order.denied POSITION_ABOVE_LIMIT']);
  });

  it.each(['canceled', 'expired', 'rejected'] as const)('that ends %s frees what it did not use', (how) => {
    const state = ready();
    const order = authorised(feed(state, proposal()));
    feed(state, fill(2, order, { quantity: '4', price: '100', filledQuantity: '4', complete: false }));
    expect(state.risk.reservations.get(order.proposalId)?.remaining.toFixed()).toBe('6');
    feed(state, ended(3, order, how));
    expect(state.risk.reservations.size).toBe(0);
    // A fill that comes late still moves the balances.
    feed(state, fill(4, order, { quantity: '1', price: '100', filledQuantity: '5', complete: false }));
    expect([state.risk.balances.get('BTC')?.toFixed(), state.risk.cash]).toEqual(['5', 9_500]);
  });

  it('that was made smaller and fills whole leaves nothing reserved', () => {
    const state = ready();
    const order = authorised(feed(state, proposal({ quantity: '60', stopDistance: '1' })));
    expect(order.quantity).toBe('45');
    feed(state, fill(2, order, { quantity: '45', price: '100', filledQuantity: '45', complete: true }));
    expect(state.risk.reservations.size).toBe(0);
    expect(state.risk.held[0]?.stop).toBe(99);
  });
});

describe('bookings', () => {
  it('come in sequence: a repeated one changes nothing, a gap is an error', () => {
    const state = ready();
    const order = authorised(feed(state, proposal()));
    const one = fill(2, order, { quantity: '10', price: '100', filledQuantity: '10', complete: true });
    feed(state, one, one);
    expect(state.risk.balances.get('BTC')?.toFixed()).toBe('10');
    expect(() => decide(state, reconciled(4, []))).toThrow('jumps from 2 to 4');
  });

  it('deposits are no profit, in quote or in a coin at its last close', () => {
    const state = ready();
    feed(state, cashMoved(2, 'USDT', '500'), cashMoved(3, 'BTC', '2'), cashMoved(4, 'BNB', '1'));
    expect(state.risk.day?.netDeposits).toBe(700);
  });

  it('only the first snapshot opens the account', () => {
    const state = ready();
    feed(state, snapshot(2, { USDT: '1' }));
    expect(state.risk.cash).toBe(10_000);
  });
});

describe('a frozen symbol', () => {
  const code = (state: OrderCheckState, sequence: number, ledgerVersion: number) =>
    answers(feed(state, proposal({ sequence, quantity: '1', ledgerVersion })))[0];

  it('stays frozen while any cause holds', () => {
    const state = ready();
    const order = authorised(feed(state, proposal()));
    const other = authorised(feed(state, proposal({ sequence: 1, quantity: '1' })));
    feed(state, unknown(2, order), unknown(3, other), resolved(4, order));
    expect(code(state, 2, 4)).toBe('order.denied SYMBOL_FROZEN');
    feed(state, reconciled(5, ['BTCUSDT']), resolved(6, other));
    expect(code(state, 3, 6)).toBe('order.denied SYMBOL_FROZEN');
    feed(state, unknown(7, other), reconciled(8, []));
    expect(code(state, 4, 8)).toBe('order.denied SYMBOL_FROZEN');
    feed(state, resolved(9, other));
    expect(code(state, 5, 9)).toBe('order.authorised');
  });

  it('leaves the other symbols alone', () => {
    const state = ready();
    feed(state, reconciled(2, ['BTCUSDT']));
    expect(answers(feed(state, proposal({ symbol: 'ETHUSDT' })))[0]).toBe('order.authorised');
  });
});

it('a cancel passes in every state', () => {
  const state = ready();
  feed(state, tradingState(2, { mode: 'HALTED', reason: 'ADMIN' }));
  const one = proposal();
  const data = {
    proposalId: 'a'.repeat(64),
    symbol: 'BTCUSDT',
    clientOrderId: 'c',
    reason: 'test',
    decidedAt: START,
  };
  expect(answers(feed(state, { ...one, type: 'cancel.proposed', data }))).toEqual(['cancel.authorised']);
});

it('the answers repeat what was proposed', () => {
  const state = ready();
  const [, approved] = feed(state, proposal());
  expect(approved?.data).toMatchObject({ proposal: { purpose: 'entry', quantity: '10', stopDistance: '5' } });
});
