import { noteThread } from '../incidents/thread.ts';
import type { AckRequest, Attempted, Raised } from './inputs.ts';
import type { Delivery, Message, Notification, NotifyState, Outcome } from './notify-state.ts';
import { type Routing, runbookOf, severityRank, windowMs } from './policy.ts';

/** The event behind a notification. `at` is its time, `now` the wall clock, both epoch milliseconds. */
export interface Occasion {
  readonly id: string;
  readonly at: number;
  readonly now: number;
}

export interface Told {
  readonly notificationId: string;
  readonly outcome: Outcome | 'counted';
  /** The delivery that is owed now. */
  readonly delivery: Delivery | null;
}

const CRITICAL_BACKLOG_FACTOR = 10;
/** Keys whose window may be open; beyond it the oldest is told anew when it comes again. */
export const KEYS_MAX = 5_000;

/**
 * Decides who is told of what was raised. The same key within its window (event time, from the first telling of it) is
 * counted, and told again only when its severity rises.
 */
export function tell(state: NotifyState, raised: Raised, occasion: Occasion, routing: Routing): Told {
  const open = openNotification(state, raised, occasion, routing);
  if (open === undefined) return begin(state, raised, occasion, routing);
  if (severityRank(raised.severity) > severityRank(open.severity))
    return worsen(state, { open, raised, occasion, routing });
  keep(state, {
    ...open,
    occurrences: open.occurrences + 1,
    lastAt: Math.max(open.lastAt, occasion.at),
  });
  return { notificationId: open.id, outcome: 'counted', delivery: null };
}

/** Notes that somebody took it up. Returns the acknowledgement. */
export function acknowledge(state: NotifyState, { notificationId, by, note }: AckRequest, at: number) {
  const ack = { notificationId, ackedBy: by, note, ackedAt: at };
  if (!state.changed.acks.has(notificationId)) state.changed.acks.set(notificationId, ack);
  return ack;
}

/** Books what became of an attempt. An unknown delivery was settled before: nothing changes. */
export function settle(state: NotifyState, attempted: Attempted, now: number): boolean {
  const delivery = state.pending.get(attempted.deliveryId);
  if (delivery === undefined) return false;
  const settled: Delivery = {
    ...delivery,
    status: attempted.status,
    attempts: Math.max(delivery.attempts, attempted.attempts),
    lastError: attempted.error,
    slackTs: attempted.slackTs,
    slackChannel: attempted.slackChannel,
    settledAt: attempted.status === 'pending' ? null : now,
  };
  owe(state, settled);
  noteThread(state, settled);
  return true;
}

function openNotification(state: NotifyState, raised: Raised, occasion: Occasion, routing: Routing) {
  const last = state.byKey.get(raised.dedupeKey);
  if (last === undefined) return undefined;
  // What a person sends carries wall time, a replay's events that of their market: far apart is not the same window.
  return Math.abs(occasion.at - last.firstAt) < windowMs(routing, last.code) ? last : undefined;
}

function begin(state: NotifyState, raised: Raised, occasion: Occasion, routing: Routing): Told {
  const before = state.byKey.get(raised.dedupeKey);
  const outcome = outcomeOf(state, raised, routing);
  const notification: Notification = {
    id: occasion.id,
    dedupeKey: raised.dedupeKey,
    code: raised.code,
    raisedBy: raised.raisedBy,
    firstAt: occasion.at,
    severity: raised.severity,
    title: raised.title,
    body: raised.text,
    figures: raised.figures,
    outcome,
    occurrences: 1,
    tellings: outcome === 'told' ? 1 : 0,
    lastAt: occasion.at,
  };
  keep(state, notification);
  const untold = before === undefined ? 0 : before.occurrences - before.tellings;
  const delivery = deliver(state, { notification, occasion, routing, outcome, worsened: false, untold });
  return { notificationId: notification.id, outcome, delivery };
}

interface Worsening {
  readonly open: Notification;
  readonly raised: Raised;
  readonly occasion: Occasion;
  readonly routing: Routing;
}

function worsen(state: NotifyState, { open, raised, occasion, routing }: Worsening): Told {
  const outcome = outcomeOf(state, raised, routing);
  const notification: Notification = {
    ...open,
    severity: raised.severity,
    title: raised.title,
    body: raised.text,
    figures: raised.figures,
    outcome: open.outcome === 'told' ? 'told' : outcome,
    occurrences: open.occurrences + 1,
    tellings: open.tellings + (outcome === 'told' ? 1 : 0),
    lastAt: Math.max(open.lastAt, occasion.at),
  };
  keep(state, notification);
  const untold = open.occurrences - open.tellings;
  const worsened = open.tellings > 0;
  const delivery = deliver(state, { notification, occasion, routing, outcome, worsened, untold });
  return { notificationId: open.id, outcome, delivery };
}

function outcomeOf(state: NotifyState, raised: Raised, routing: Routing): Outcome {
  if (severityRank(raised.severity) < severityRank(routing.minimumSeverity)) return 'below-minimum';
  if (!routing.slackConfigured) return 'stored-only';
  const { backlogMax } = routing.delivery;
  const bound = raised.severity === 'critical' ? backlogMax * CRITICAL_BACKLOG_FACTOR : backlogMax;
  return state.pending.size < bound ? 'told' : 'stored-only';
}

interface Owed {
  readonly notification: Notification;
  readonly occasion: Occasion;
  readonly routing: Routing;
  readonly outcome: Outcome;
  readonly worsened: boolean;
  readonly untold: number;
}

/** Below the minimum there is nothing to deliver; what is stored only still says what would have been sent, and where. */
function deliver(state: NotifyState, owed: Owed): Delivery | null {
  const { notification, occasion, routing, outcome } = owed;
  if (outcome === 'below-minimum') return null;
  const delivery: Delivery = {
    id: `${notification.id}:${notification.occurrences}`,
    notificationId: notification.id,
    position: state.position,
    channel: routing.channels[notification.severity],
    action: 'post',
    incidentId: null,
    target: null,
    message: messageOf(owed),
    status: outcome === 'told' ? 'pending' : 'stored-only',
    attempts: 0,
    lastError: null,
    slackTs: null,
    slackChannel: null,
    createdAt: occasion.now,
    settledAt: outcome === 'told' ? null : occasion.now,
  };
  state.position += 1;
  owe(state, delivery);
  return delivery;
}

function messageOf({ notification, occasion, routing, worsened, untold }: Owed): Message {
  const { severity } = notification;
  return {
    notificationId: notification.id,
    severity: notification.severity,
    code: notification.code,
    title: notification.title,
    body: notification.body,
    figures: notification.figures,
    raisedBy: notification.raisedBy,
    at: new Date(occasion.at).toISOString(),
    worsened,
    untold,
    runbook: runbookOf(routing, notification.code, severity),
    buttons: severity === 'critical' ? routing.buttons.filter((button) => button === 'ack') : [],
  };
}

/** Notes a notification as the last of its key. */
export function keep(state: NotifyState, notification: Notification): void {
  if (notification.occurrences === 1) state.byKey.delete(notification.dedupeKey);
  state.byKey.set(notification.dedupeKey, notification);
  state.changed.notifications.set(notification.id, notification);
  forgetOldest(state);
}

/** Notes what became of a delivery, and whether it is owed. */
export function owe(state: NotifyState, delivery: Delivery): void {
  if (delivery.status === 'pending') state.pending.set(delivery.id, delivery);
  else state.pending.delete(delivery.id);
  state.changed.deliveries.set(delivery.id, delivery);
}

/** Oldest first out: a key that is begun again stands at the end. */
function forgetOldest(state: NotifyState): void {
  for (const key of state.byKey.keys()) {
    if (state.byKey.size <= KEYS_MAX) return;
    state.byKey.delete(key);
  }
}
