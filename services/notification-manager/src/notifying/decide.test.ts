import { describe, expect, test } from 'vitest';
import { raised, routing } from '../../test/builders.ts';
import { acknowledge, KEYS_MAX, settle, tell } from './decide.ts';
import { emptyNotifyState } from './notify-state.ts';

const T0 = Date.parse('2024-08-05T00:00:00Z');
const minutes = (count: number) => count * 60_000;
const at = (id: string, ms = 0) => ({ id, at: T0 + ms, now: 1_000 });
const fresh = () => emptyNotifyState('run', 0);

test('the first of a key is told in the channel of its severity', () => {
  const state = fresh();
  const told = tell(state, raised(), at('n1'), routing);
  expect(told).toMatchObject({ notificationId: 'n1', outcome: 'told' });
  expect(told.delivery).toMatchObject({
    id: 'n1:1',
    channel: '#alerts',
    status: 'pending',
    position: 1,
    createdAt: 1_000,
  });
  expect([...state.pending.keys()]).toEqual(['n1:1']);
  expect(state.changed.notifications.get('n1')).toMatchObject({ occurrences: 1, tellings: 1 });
});

describe('the same key again', () => {
  test('within the window it is counted', () => {
    const state = fresh();
    tell(state, raised(), at('n1'), routing);
    const again = tell(state, raised(), at('n2', minutes(10) - 1), routing);
    expect(again).toEqual({ notificationId: 'n1', outcome: 'counted', delivery: null });
    expect(state.changed.notifications.get('n1')).toMatchObject({
      occurrences: 2,
      tellings: 1,
      lastAt: T0 + minutes(10) - 1,
    });
  });

  test('after the window it is told anew, with what was counted', () => {
    const state = fresh();
    tell(state, raised(), at('n1'), routing);
    for (let count = 0; count < 14; count += 1)
      tell(state, raised(), at(`x${count}`, 1_000 + count), routing);
    const anew = tell(state, raised(), at('n2', minutes(10)), routing);
    expect(anew).toMatchObject({
      notificationId: 'n2',
      outcome: 'told',
      delivery: { message: { untold: 14, worsened: false } },
    });
  });

  test('the window can be the code’s own', () => {
    const state = fresh();
    tell(state, raised({ code: 'QUICK' }), at('n1'), routing);
    expect(tell(state, raised({ code: 'QUICK' }), at('n2', minutes(1)), routing).outcome).toBe('told');
  });

  test('worse is told again, in the worse channel; better is counted', () => {
    const state = fresh();
    tell(state, raised(), at('n1'), routing);
    tell(state, raised(), at('n2', 1), routing);
    const worse = tell(
      state,
      raised({ severity: 'critical', title: 'Silent for 10 min' }),
      at('n3', 2),
      routing,
    );
    expect(worse).toMatchObject({ notificationId: 'n1', outcome: 'told' });
    expect(worse.delivery).toMatchObject({
      id: 'n1:3',
      channel: '#critical',
      message: { worsened: true, untold: 1, title: 'Silent for 10 min' },
    });
    expect(tell(state, raised({ severity: 'info' }), at('n4', 3), routing).outcome).toBe('counted');
    expect(tell(state, raised({ severity: 'critical' }), at('n5', 4), routing).outcome).toBe('counted');
  });

  test('times of another clock do not fall into the window', () => {
    const state = fresh();
    tell(state, raised(), at('n1'), routing);
    expect(tell(state, raised(), at('n2', -minutes(60 * 24)), routing).outcome).toBe('told');
  });
});

test('another key is another thing', () => {
  const state = fresh();
  tell(state, raised(), at('n1'), routing);
  expect(tell(state, raised({ dedupeKey: 'feed:ETHUSDT' }), at('n2'), routing).outcome).toBe('told');
});

describe('what is not sent', () => {
  test('below the minimum it is stored without a delivery, and told when it becomes worse', () => {
    const quiet = { ...routing, minimumSeverity: 'warning' } as const;
    const state = fresh();
    const told = tell(state, raised({ severity: 'info' }), at('n1'), quiet);
    expect(told).toEqual({ notificationId: 'n1', outcome: 'below-minimum', delivery: null });
    const worse = tell(state, raised(), at('n2', 1), quiet);
    expect(worse).toMatchObject({ outcome: 'told', delivery: { message: { worsened: false } } });
  });

  test('without Slack it is stored, with what would have been sent', () => {
    const state = fresh();
    const told = tell(state, raised(), at('n1'), { ...routing, slackConfigured: false });
    expect(told).toMatchObject({
      outcome: 'stored-only',
      delivery: { status: 'stored-only', channel: '#alerts', settledAt: 1_000 },
    });
    expect(state.pending.size).toBe(0);
  });

  test('behind a long backlog only what is critical is owed, and that has a bound too', () => {
    const state = fresh();
    const tellNew = (index: number, severity: 'warning' | 'critical') =>
      tell(state, raised({ severity, dedupeKey: `k${index}` }), at(`n${index}`), routing).outcome;
    for (let index = 0; index < 10; index += 1) expect(tellNew(index, 'warning')).toBe('told');
    expect(tellNew(10, 'warning')).toBe('stored-only');
    for (let index = 11; index < 101; index += 1) expect(tellNew(index, 'critical')).toBe('told');
    expect(tellNew(101, 'critical')).toBe('stored-only');
  });
});

describe('what became of a delivery', () => {
  const attempted = { deliveryId: 'n1:1', attempts: 1, error: null, slackTs: null, slackChannel: null };
  test('sent: it is no longer owed', () => {
    const state = fresh();
    tell(state, raised(), at('n1'), routing);
    expect(settle(state, { ...attempted, status: 'sent', slackTs: '1.1' }, 5_000)).toBe(true);
    expect(state.pending.size).toBe(0);
    expect(state.changed.deliveries.get('n1:1')).toMatchObject({
      status: 'sent',
      slackTs: '1.1',
      settledAt: 5_000,
    });
  });

  test('failed for now: it stays owed', () => {
    const state = fresh();
    tell(state, raised(), at('n1'), routing);
    settle(state, { ...attempted, status: 'pending', error: 'HTTP 503' }, 5_000);
    expect(state.pending.get('n1:1')).toMatchObject({ attempts: 1, lastError: 'HTTP 503', settledAt: null });
  });

  test('one that nobody owes changes nothing', () => {
    const state = fresh();
    expect(settle(state, { ...attempted, status: 'sent' }, 5_000)).toBe(false);
    expect(state.changed.deliveries.size).toBe(0);
  });
});

test('of two acknowledgements in one batch the first counts', () => {
  const state = fresh();
  acknowledge(state, { notificationId: 'n1', by: 'kim', note: '' }, 1);
  acknowledge(state, { notificationId: 'n1', by: 'lou', note: '' }, 2);
  expect(state.changed.acks.get('n1')).toMatchObject({ ackedBy: 'kim', ackedAt: 1 });
});

test('the keys in memory are bounded, the oldest is forgotten', () => {
  const state = fresh();
  const quiet = { ...routing, slackConfigured: false };
  for (let index = 0; index <= KEYS_MAX; index += 1)
    tell(state, raised({ dedupeKey: `k${index}` }), at(`n${index}`), quiet);
  expect(state.byKey.size).toBe(KEYS_MAX);
  expect(state.byKey.has('k0')).toBe(false);
  expect(tell(state, raised({ dedupeKey: 'k1' }), at('again'), quiet).outcome).toBe('counted');
});
