import { describe, expect, it } from 'vitest';
import { decimal } from '../money/index.ts';
import { isUnprotected, nextCommand, repeatCommand } from './commands.ts';
import { AAA, approval, BBB, deskOf, protectedDesk, sale, sent, take, trade, words } from './desk.fixture.ts';
import { emptyDesk } from './desk-state.ts';
import {
  accepted,
  cancelEntries,
  cancelRefused,
  cancelStops,
  ended,
  filled,
  forgetEnded,
  lostSight,
  MARKET_CLOSED,
  openEntries,
  REPLACE_NOT_SENT,
  remainingQuantity,
  requestCancel,
  UnknownOrderError,
} from './reports.ts';

const detail = { code: 'X', reason: 'x', time: 2 };

describe('an entry', () => {
  it('is placed once, waits for its answer, and its fill calls for a stop', () => {
    const state = emptyDesk('run', [AAA, BBB]);
    const entry = take(state, approval());
    expect(words(nextCommand(state, 0))).toBe('place entry 1');
    expect(nextCommand(state, 0)).toBeNull();
    expect(accepted(state, entry.clientOrderId, '1', 1)?.kind).toBe('accepted');
    expect(accepted(state, entry.clientOrderId, '1', 1)).toBeNull();
    expect(isUnprotected(state, 0)).toBe(false);
    filled(state, trade(entry, { fee: '0.001', feeAsset: 'AAA' }));
    expect(isUnprotected(state, 0)).toBe(true);
    // The fee left 0.999: that is what can be sold.
    expect(words(nextCommand(state, 0))).toBe('place stop 0.999 at 90');
  });

  it('may fill before its answer comes', () => {
    const state = emptyDesk('run', [AAA]);
    const entry = take(state, approval());
    sent(state);
    expect(filled(state, trade(entry))).toMatchObject({ complete: true });
    expect(deskOf(state).busy).toBeNull();
    expect(accepted(state, entry.clientOrderId, '1', 1)).toBeNull();
    expect(words(nextCommand(state, 0))).toBe('place stop 1 at 90');
  });

  it('in parts has its stop set anew with each, over what is held', () => {
    const state = emptyDesk('run', [AAA]);
    const entry = take(state, approval());
    sent(state);
    accepted(state, entry.clientOrderId, '1', 1);
    filled(state, trade(entry, { quantity: '0.4', price: '100' }));
    const first = sent(state);
    expect(words(first)).toBe('place stop 0.4 at 90');
    accepted(state, first.order.clientOrderId, '2', 1);
    filled(state, trade(entry, { quantity: '0.6', price: '110' }));
    expect(words(nextCommand(state, 0))).toBe('replace stop by stop 1 at 96');
    expect(remainingQuantity(entry)).toBe('0');
  });

  it('canceled after a part keeps the stop of that part, and a late fill is booked', () => {
    const state = emptyDesk('run', [AAA]);
    const entry = take(state, approval());
    sent(state);
    accepted(state, entry.clientOrderId, '1', 1);
    filled(state, trade(entry, { quantity: '0.4' }));
    requestCancel(state, entry.clientOrderId);
    expect(words(nextCommand(state, 0))).toBe('cancel entry 1');
    expect(ended(state, entry.clientOrderId, 'canceled', detail)).toMatchObject({ how: 'canceled' });
    expect(ended(state, entry.clientOrderId, 'expired', detail)).toBeNull();
    const stop = sent(state);
    accepted(state, stop.order.clientOrderId, '2', 1);
    expect(filled(state, trade(entry, { quantity: '0.1' }))).toMatchObject({ complete: false });
    expect([entry.state, deskOf(state).held.toFixed()]).toEqual(['CANCELED', '0.5']);
    expect(words(nextCommand(state, 0))).toBe('replace stop by stop 0.5 at 90');
  });

  it('without a distance has no stop', () => {
    const state = emptyDesk('run', [AAA]);
    const entry = take(state, approval({ stopDistance: null }));
    sent(state);
    filled(state, trade(entry));
    expect(words(nextCommand(state, 0))).toBe('nothing');
  });

  it('worth less than the minimum at its stop has none', () => {
    const state = emptyDesk('run', [AAA]);
    const entry = take(state, approval({ quantity: '0.055' }));
    sent(state);
    filled(state, trade(entry));
    expect(words(nextCommand(state, 0))).toBe('nothing');
  });
});

describe('a sale', () => {
  it.each([
    { what: 'of everything takes the place of the stop', quantity: '1', wants: 'replace stop by exit 1' },
    {
      what: 'of a part first makes the stop smaller',
      quantity: '0.4',
      wants: 'replace stop by stop 0.6 at 90',
    },
    { what: 'that leaves dust takes the place too', quantity: '0.96', wants: 'replace stop by exit 0.96' },
  ])('$what', ({ quantity, wants }) => {
    const { state } = protectedDesk();
    take(state, sale(quantity));
    expect(words(nextCommand(state, 0))).toBe(wants);
  });

  it('of a part goes out when the smaller stop stands, and the stop then covers the rest', () => {
    const { state, stop } = protectedDesk();
    const reduce = take(state, sale('0.4', { purpose: 'reduce' }));
    const smaller = sent(state);
    ended(state, stop.clientOrderId, 'canceled', detail);
    accepted(state, smaller.order.clientOrderId, '3', 1);
    expect(words(sent(state))).toBe('place reduce 0.4');
    accepted(state, reduce.clientOrderId, '4', 1);
    expect(words(nextCommand(state, 0))).toBe('nothing');
    filled(state, trade(reduce));
    expect(words(nextCommand(state, 0))).toBe('nothing');
    expect(deskOf(state).held.toFixed()).toBe('0.6');
  });

  it('that ends unsold gives the stop its size back', () => {
    const { state, stop } = protectedDesk();
    const reduce = take(state, sale('0.4', { purpose: 'reduce' }));
    const smaller = sent(state);
    ended(state, stop.clientOrderId, 'canceled', detail);
    accepted(state, smaller.order.clientOrderId, '3', 1);
    sent(state);
    ended(state, reduce.clientOrderId, 'expired', detail);
    expect(words(nextCommand(state, 0))).toBe('replace stop by stop 1 at 90');
  });

  it('refused after the stop was canceled for it: the stop is placed again at once', () => {
    const { state, stop } = protectedDesk();
    const exit = take(state, sale('1'));
    sent(state);
    ended(state, stop.clientOrderId, 'canceled', detail);
    ended(state, exit.clientOrderId, 'rejected', detail);
    expect(deskOf(state).emergency).toBe(false);
    expect(words(nextCommand(state, 0))).toBe('place stop 1 at 90');
  });

  it('that was not sent because the stop could not be canceled leaves the stop', () => {
    const { state, stop } = protectedDesk();
    const exit = take(state, sale('1'));
    sent(state);
    ended(state, exit.clientOrderId, 'rejected', { ...detail, code: REPLACE_NOT_SENT });
    expect(deskOf(state).stop).toBe(stop);
    expect(words(nextCommand(state, 0))).toBe('nothing');
  });

  it('of everything ends the position: the next entry begins anew', () => {
    const { state, stop } = protectedDesk();
    const exit = take(state, sale('1'));
    sent(state);
    ended(state, stop.clientOrderId, 'canceled', detail);
    filled(state, trade(exit, { price: '120' }));
    expect(words(nextCommand(state, 0))).toBe('nothing');
    const entry = take(state, approval());
    sent(state);
    filled(state, trade(entry, { price: '80' }));
    expect(words(nextCommand(state, 0))).toBe('place stop 1 at 70');
  });
});

describe('a stop', () => {
  it('that fills whole leaves nothing to protect', () => {
    const { state, stop } = protectedDesk();
    filled(state, trade(stop, { price: '90' }));
    expect([deskOf(state).stop, deskOf(state).held.toFixed(), words(nextCommand(state, 0))]).toEqual([
      null,
      '0',
      'nothing',
    ]);
  });

  it('that has begun to fill is left alone: it is selling', () => {
    const { state, stop } = protectedDesk();
    filled(state, trade(stop, { quantity: '0.3', price: '90' }));
    expect(words(nextCommand(state, 0))).toBe('nothing');
    // Also when what is left is worth less than the minimum.
    filled(state, trade(stop, { quantity: '0.66', price: '90' }));
    expect(words(nextCommand(state, 0))).toBe('nothing');
    filled(state, trade(stop, { quantity: '0.04', price: '90' }));
    expect([stop.state, words(nextCommand(state, 0))]).toEqual(['FILLED', 'nothing']);
  });

  it('that ends half filled is owed for the rest', () => {
    const { state, stop } = protectedDesk();
    filled(state, trade(stop, { quantity: '0.3', price: '90' }));
    ended(state, stop.clientOrderId, 'expired', detail);
    expect(words(nextCommand(state, 0))).toBe('place stop 0.7 at 90');
  });

  it('that is refused becomes a sale at market, and that one refused rests until something changes', () => {
    const state = emptyDesk('run', [AAA]);
    const entry = take(state, approval());
    sent(state);
    filled(state, trade(entry));
    ended(state, sent(state).order.clientOrderId, 'rejected', detail);
    const emergency = sent(state);
    expect(words(emergency)).toBe('place emergency 1');
    ended(state, emergency.order.clientOrderId, 'rejected', detail);
    expect([deskOf(state).unprotectable, words(nextCommand(state, 0)), isUnprotected(state, 0)]).toEqual([
      true,
      'nothing',
      true,
    ]);
    const more = take(state, approval());
    sent(state);
    filled(state, trade(more, { price: '100' }));
    expect(words(nextCommand(state, 0))).toBe('place stop 2 at 90');
  });

  it.each<[code: string, wants: string, unprotectable: boolean, after: string]>([
    ['X', 'place emergency 1', false, 'place stop 2 at 90'],
    [MARKET_CLOSED, 'nothing', true, 'place stop 2 at 90'],
    [REPLACE_NOT_SENT, 'place stop 1 at 90', false, 'place stop 2 at 90'],
  ])(
    'that is refused with %s: %s, and after the next fill a stop again',
    (code, wants, unprotectable, after) => {
      const state = emptyDesk('run', [AAA]);
      const entry = take(state, approval());
      sent(state);
      filled(state, trade(entry));
      ended(state, sent(state).order.clientOrderId, 'rejected', { ...detail, code });
      expect([deskOf(state).unprotectable, isUnprotected(state, 0)]).toEqual([unprotectable, true]);
      const next = nextCommand(state, 0);
      expect(words(next)).toBe(wants);
      if (next !== null) ended(state, next.order.clientOrderId, 'canceled', detail);
      const more = take(state, approval());
      sent(state);
      filled(state, trade(more, { price: '100' }));
      expect(words(nextCommand(state, 0))).toBe(after);
    },
  );

  it('whose larger successor is refused leaves the position to a sale at market', () => {
    const { state, stop } = protectedDesk();
    const more = take(state, approval());
    sent(state);
    filled(state, trade(more, { price: '100' }));
    const larger = sent(state);
    ended(state, stop.clientOrderId, 'canceled', detail);
    ended(state, larger.order.clientOrderId, 'rejected', detail);
    expect(words(nextCommand(state, 0))).toBe('place emergency 2');
  });

  it('never carries an id that it carried before', () => {
    const { state, stop } = protectedDesk();
    ended(state, stop.clientOrderId, 'canceled', detail);
    const again = sent(state);
    expect(words(again)).toBe('place stop 1 at 90');
    expect(again.order.clientOrderId).not.toBe(stop.clientOrderId);
  });

  it('that a person cancels stays away until the next fill', () => {
    const { state, stop } = protectedDesk();
    expect(cancelStops(state)).toEqual([stop]);
    expect(words(sent(state))).toBe('cancel stop 1');
    ended(state, stop.clientOrderId, 'canceled', detail);
    expect(words(nextCommand(state, 0))).toBe('nothing');
  });
});

describe('a halt', () => {
  it('cancels open entries, ends waiting ones, and leaves stops and sales', () => {
    const { state, stop } = protectedDesk();
    const standing = take(state, approval({ type: 'limit', limitPrice: '80' }));
    sent(state);
    accepted(state, standing.clientOrderId, '3', 1);
    const waiting = take(state, approval());
    const exit = take(state, sale('1'));
    expect(cancelEntries(state, 9).map((event) => event.order)).toEqual([waiting]);
    expect(openEntries(state)).toEqual([standing]);
    expect(words(sent(state))).toBe('cancel entry 1');
    ended(state, standing.clientOrderId, 'canceled', detail);
    expect([stop.state, exit.state, words(nextCommand(state, 0))]).toEqual([
      'ACCEPTED',
      'AUTHORISED',
      'replace stop by exit 1',
    ]);
  });

  it('asks twice without harm', () => {
    const state = emptyDesk('run', [AAA]);
    const entry = take(state, approval());
    sent(state);
    cancelEntries(state, 1);
    cancelEntries(state, 2);
    accepted(state, entry.clientOrderId, '1', 1);
    expect(words(sent(state))).toBe('cancel entry 1');
    ended(state, entry.clientOrderId, 'canceled', detail);
    expect(words(nextCommand(state, 0))).toBe('nothing');
  });

  it('of an order that fills first: the refused cancel changes nothing', () => {
    const state = emptyDesk('run', [AAA]);
    const entry = take(state, approval());
    sent(state);
    accepted(state, entry.clientOrderId, '1', 1);
    cancelEntries(state, 1);
    sent(state);
    filled(state, trade(entry));
    cancelRefused(state, entry.clientOrderId);
    expect([entry.state, words(nextCommand(state, 0))]).toEqual(['FILLED', 'place stop 1 at 90']);
  });
});

describe('what nobody knows', () => {
  it('keeps the symbol busy, and goes out again under the same id', () => {
    const state = emptyDesk('run', [AAA, BBB]);
    const entry = take(state, approval());
    sent(state);
    expect(lostSight(state, entry.clientOrderId, 'timeout', 1)?.kind).toBe('unknown');
    expect(lostSight(state, entry.clientOrderId, 'timeout', 1)).toBeNull();
    take(state, approval());
    expect(nextCommand(state, 0)).toBeNull();
    expect(words(repeatCommand(state, 0))).toBe('place entry 1');
    expect(entry.state).toBe('SUBMITTING');
    const other = take(state, approval({ symbol: 'BBBUSDT' }));
    expect(sent(state, 1).order).toBe(other);
  });

  it('of a replace whose old order is gone goes out as a plain order', () => {
    const { state, stop } = protectedDesk();
    const exit = take(state, sale('1'));
    sent(state);
    lostSight(state, exit.clientOrderId, 'timeout', 1);
    ended(state, stop.clientOrderId, 'canceled', detail);
    expect(words(repeatCommand(state, 0))).toBe('place exit 1');
  });
});

describe('memory', () => {
  it('forgets ended orders, never those that stand', () => {
    const { state, stop } = protectedDesk();
    for (let i = 0; i < 30; i += 1) {
      const order = take(state, approval());
      ended(state, order.clientOrderId, 'rejected', detail);
    }
    forgetEnded(state, 5);
    expect([state.orders.size, state.orders.has(stop.clientOrderId)]).toEqual([5, true]);
  });

  it('refuses reports of orders that it does not have', () => {
    const { state } = protectedDesk();
    const nobody = { ...take(state, approval({ symbol: 'BBBUSDT' })), clientOrderId: 'nobody' };
    expect(() => filled(state, trade(nobody))).toThrow(UnknownOrderError);
  });

  it('a fee in another traded coin is taken from that coin', () => {
    const state = emptyDesk('run', [AAA, BBB]);
    deskOf(state, 1).held = decimal(2);
    const entry = take(state, approval());
    sent(state);
    filled(state, trade(entry, { fee: '0.5', feeAsset: 'BBB' }));
    expect([deskOf(state).held.toFixed(), deskOf(state, 1).held.toFixed()]).toEqual(['1', '1.5']);
  });
});
