import { describe, expect, test } from 'vitest';
import { routing } from '../../test/builders.ts';
import { type AlertSketch, webhook } from '../../test/webhook.ts';
import { settle } from '../notifying/decide.ts';
import { emptyNotifyState, type NotifyState } from '../notifying/notify-state.ts';
import type { Routing } from '../notifying/policy.ts';
import { alertsReceived, webhookSchema } from './alertmanager-webhook.ts';
import { doDue, dueTime } from './escalate.ts';
import { ALERTS_MAX, INCIDENTS_OPEN_MAX } from './limits.ts';
import { assertRoom, receive } from './receive.ts';
import { threadOf } from './thread.ts';

const minutes = (count: number) => count * 60_000;
const said = (alerts: readonly AlertSketch[], group = 'Group') =>
  alertsReceived(webhookSchema.parse(webhook(group, alerts)));

function bench(rules: Routing = routing) {
  const state: NotifyState = emptyNotifyState('run', 0);
  let number = 0;
  const take = (now: number, alerts: readonly AlertSketch[], group?: string) => {
    number += 1;
    const saying = { state, routing: rules, now, owed: [] };
    const counts = receive(saying, said(alerts, group), `inc-${number}`);
    return { counts, owed: saying.owed as { action: string; channel: string; id: string }[] };
  };
  const due = (now: number, id = 'inc-1') => {
    const saying = { state, routing: rules, now, owed: [] };
    return { done: doDue(saying, id), owed: saying.owed as { channel: string; message: { text: string } }[] };
  };
  const actions = (taken: ReturnType<typeof take>) => taken.owed.map(({ action }) => action);
  return { state, take, due, actions, incident: (id = 'inc-1') => state.incidents.byId.get(id) };
}

const one: AlertSketch = { fingerprint: 'a' };
const gone: AlertSketch = { fingerprint: 'a', status: 'resolved' };
const anew: AlertSketch = { fingerprint: 'a', startsAt: '2026-01-05T05:00:00Z' };

test('one incident a group, in the channel of its worst alert', () => {
  const { take, incident } = bench();
  const opened = take(0, [
    { ...one, severity: 'warning' },
    { fingerprint: 'b', severity: 'critical' },
  ]);
  expect(opened.counts).toMatchObject({ opened: 2 });
  expect(opened.owed).toMatchObject([{ action: 'post', channel: '#critical', id: 'inc-1:1' }]);
  expect(incident()).toMatchObject({ severity: 'critical', title: 'Group (2)', firings: 2 });
  expect(take(1, [one], 'Other').owed).toMatchObject([{ id: 'inc-2:1' }]);
});

describe('what comes again', () => {
  test('the same webhook any number of times owes nothing', () => {
    const { take, state } = bench();
    take(0, [one]);
    for (let count = 1; count <= 5; count += 1)
      expect(take(count, [one])).toMatchObject({ counts: { duplicate: 1 }, owed: [] });
    expect(state.pending.size).toBe(1);
  });

  test('resolved again owes nothing, an earlier firing is stale, a new one within the window opens it again', () => {
    const { take, actions, incident } = bench();
    take(0, [one]);
    expect(actions(take(1, [gone]))).toEqual(['reply', 'update']);
    expect(take(2, [gone])).toMatchObject({ counts: { duplicate: 1 }, owed: [] });
    const reopened = take(3, [anew]);
    expect(reopened.counts).toMatchObject({ reopened: 1 });
    expect(actions(reopened)).toEqual(['reply', 'update']);
    expect(take(4, [one])).toMatchObject({ counts: { stale: 1 }, owed: [] });
    expect(incident()).toMatchObject({ status: 'open', resolvedAt: null, firings: 2 });
  });

  test('Alertmanager lets an alert fire again with its old start: that is told, not taken for a repetition', () => {
    const { take } = bench();
    take(0, [one]);
    take(1, [gone]);
    expect(take(2, [one]).counts).toMatchObject({ reopened: 1 });
  });

  test('after the window it is an incident of its own', () => {
    const { take, incident } = bench();
    take(0, [one]);
    take(1, [gone]);
    expect(take(minutes(30) + 1, [anew]).counts).toMatchObject({ opened: 1 });
    expect(incident('inc-3')).toMatchObject({ status: 'open' });
  });

  test('resolved without having fired is nobody’s', () => {
    expect(bench().take(0, [gone])).toMatchObject({ counts: { unknown: 1 }, owed: [] });
  });
});

test('an incident that gets worse is told in the worse channel too', () => {
  const { take } = bench();
  take(0, [{ ...one, severity: 'warning' }]);
  const worse = take(1, [{ fingerprint: 'b', severity: 'critical' }]);
  expect(worse.owed.map(({ action, channel }) => `${action} ${channel}`)).toEqual([
    ...['reply #alerts', 'update #alerts', 'post #critical'],
  ]);
});

test('below the minimum nothing is owed; once it is worse, its first message is', () => {
  const { take } = bench({ ...routing, minimumSeverity: 'warning' });
  expect(take(0, [{ ...one, severity: 'info' }]).owed).toEqual([]);
  expect(take(1, [{ fingerprint: 'b', severity: 'warning' }]).owed).toMatchObject([
    { action: 'post', channel: '#alerts' },
  ]);
});

test('the thread is the first message that Slack took, and a word elsewhere is none', () => {
  const { state, take } = bench();
  const [first] = take(0, [one]).owed;
  const [reply] = take(1, [{ fingerprint: 'b' }]).owed;
  const outcome = { attempts: 1, error: null, slackChannel: 'C1' };
  settle(state, { ...outcome, deliveryId: first?.id ?? '', status: 'failed', slackTs: null }, 2);
  const pending = [...state.pending.values()];
  expect(pending.map((each) => threadOf(state, each))).toEqual([null, null]);
  settle(state, { ...outcome, deliveryId: reply?.id ?? '', status: 'sent', slackTs: '5.5' }, 3);
  expect([...state.pending.values()].map((each) => threadOf(state, each))).toEqual([
    { channel: 'C1', ts: '5.5' },
  ]);
});

describe('what is due by itself', () => {
  const rules: Routing = {
    ...routing,
    incidents: {
      ...routing.incidents,
      escalation: { afterMinutes: 10, times: 2, channel: '#phone', mention: 'S0123456789' },
    },
  };

  test('a critical one is told again as often as configured, then closed when nobody speaks of it', () => {
    const { take, due, incident } = bench(rules);
    take(0, [one]);
    expect(due(minutes(10) - 1).done).toBe(false);
    const again = due(minutes(10));
    expect(again.owed.map(({ channel }) => channel)).toEqual(['#critical', '#critical', '#phone']);
    expect(again.owed[2]?.message.text).toBe('Nobody has taken it up for 10 min: Group of a');
    expect(due(minutes(19)).done).toBe(false);
    expect(due(minutes(20)).done).toBe(true);
    expect(incident()?.escalateAt).toBeNull();
    expect(due(minutes(24 * 60) - 1).done).toBe(false);
    expect(due(minutes(24 * 60)).done).toBe(true);
    expect(incident()).toMatchObject({ status: 'resolved' });
  });

  test('a warning is not told again', () => {
    const { take, incident } = bench(rules);
    take(0, [{ ...one, severity: 'warning' }]);
    expect(incident()?.escalateAt).toBeNull();
    expect(dueTime(incident() as never, rules)).toBe(minutes(24 * 60));
  });
});

describe('bounds: what cannot be taken is left with Alertmanager, which comes again', () => {
  test('too much waits for Slack', () => {
    const { state, take } = bench();
    for (let index = 0; index < 100; index += 1) take(index, [one], `Group${index}`);
    expect(() => assertRoom(state, said([one], 'More'), routing)).toThrow(
      expect.objectContaining({ code: 'ALERTS_HELD_BACK', status: 503 }),
    );
  });

  test('too many incidents are open; what is known is taken still', () => {
    const offline = { ...routing, slackConfigured: false };
    const { state, take } = bench(offline);
    for (let index = 0; index < INCIDENTS_OPEN_MAX; index += 1) take(index, [one], `Group${index}`);
    expect(() => assertRoom(state, said([one], 'More'), offline)).toThrow('incidents are open');
    expect(() => assertRoom(state, said([one], 'Group1'), offline)).not.toThrow();
  });

  test('of one incident no more alerts are remembered than ALERTS_MAX, and none that fires now is forgotten', () => {
    const { take, incident } = bench();
    const many = (prefix: string, over: Partial<AlertSketch>) =>
      Array.from({ length: ALERTS_MAX }, (_, index) => ({ fingerprint: `${prefix}${index}`, ...over }));
    take(0, many('old', {}));
    take(1, [...many('old', { status: 'resolved' }), one]);
    take(2, [one, { fingerprint: 'last' }]);
    const known = incident()?.alerts ?? {};
    expect(Object.keys(known).length).toBeLessThanOrEqual(ALERTS_MAX);
    expect(known).toMatchObject({ a: { status: 'firing' }, last: { status: 'firing' } });
  });
});

test('a rule without a severity, or with another word for it, is a warning; long words are cut', () => {
  const [alert] = said([{ ...one, severity: 'page', summary: 's'.repeat(5_000) }]).alerts;
  expect(alert).toMatchObject({ severity: 'warning', summary: 's'.repeat(300) });
});
