import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  allowsOrderAction,
  clientOrderId,
  cycleId,
  isTerminal,
  nextOrderState,
  ORDER_ACTIONS,
  ORDER_PURPOSES,
  ORDER_STATES,
  type OrderState,
  OrderTransitionError,
  proposalId,
} from './index.ts';

describe('the lifecycle', () => {
  it.each([
    ['PROPOSED', 'authorise', 'AUTHORISED'],
    ['AUTHORISED', 'submit', 'SUBMITTING'],
    ['SUBMITTING', 'accept', 'ACCEPTED'],
    ['SUBMITTING', 'fill-rest', 'FILLED'],
    ['SUBMITTING', 'lose-sight', 'UNKNOWN'],
    ['UNKNOWN', 'submit', 'SUBMITTING'],
    ['CANCEL_PENDING', 'fill-rest', 'FILLED'],
    ['CANCELED', 'fill-part', 'CANCELED'],
    ['EXPIRED', 'fill-rest', 'FILLED'],
  ] as const)('%s, %s: %s', (from, action, to) => {
    expect(nextOrderState(from, action)).toBe(to);
  });

  it.each([
    ['DENIED', 'submit'],
    ['FILLED', 'cancel'],
    ['REJECTED', 'fill-part'],
    ['PROPOSED', 'submit'],
  ] as const)('%s refuses %s', (from, action) => {
    expect(() => nextOrderState(from, action)).toThrow(OrderTransitionError);
    expect(allowsOrderAction(from, action)).toBe(false);
  });

  it('leaves a terminal state by a late fill alone', () => {
    for (const state of ORDER_STATES.filter(isTerminal)) {
      for (const action of ORDER_ACTIONS) {
        if (allowsOrderAction(state, action)) expect(action).toMatch(/^fill-/);
      }
    }
  });

  it('reaches every state from PROPOSED', () => {
    const reached = new Set<OrderState>(['PROPOSED']);
    for (const state of reached) {
      for (const action of ORDER_ACTIONS)
        if (allowsOrderAction(state, action)) reached.add(nextOrderState(state, action));
    }
    expect([...reached].sort()).toEqual([...ORDER_STATES].sort());
  });
});

describe('ids', () => {
  const identity = fc.record({
    run: fc.string(),
    cycle: fc.string(),
    symbol: fc.constantFrom('BTCUSDT', 'ETHUSDT'),
    purpose: fc.constantFrom(...ORDER_PURPOSES),
    sequence: fc.nat(5),
  });

  it('are the same for the same content and differ in every part of it', () => {
    fc.assert(
      fc.property(identity, (one) => {
        expect(proposalId(one)).toBe(proposalId({ ...one }));
        for (const other of [
          { run: `${one.run}x` },
          { cycle: `${one.cycle}x` },
          { sequence: one.sequence + 1 },
        ]) {
          expect(proposalId({ ...one, ...other })).not.toBe(proposalId(one));
        }
      }),
    );
  });

  it('fit what venues take', () => {
    const id = proposalId({
      run: 'r',
      cycle: cycleId('1m', 60_000),
      symbol: 'BTCUSDT',
      purpose: 'entry',
      sequence: 0,
    });
    expect(id).toMatch(/^[0-9a-f]{64}$/);
    expect(clientOrderId(id)).toMatch(/^[0-9a-f]{32}$/);
    expect(cycleId('1m', 60_000)).toBe('1m:60000');
  });
});
