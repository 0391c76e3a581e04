import { randomUUID } from 'node:crypto';
import type { NotificationRaised, ParametersDeployed, studyFinished } from '@fleet/domain/events';
import type { DecideContext, Decided, Input, Processor, RunnerControl } from '@fleet/shared/streams';
import type { z } from 'zod';
import type { Dispatcher } from '../delivery/dispatcher.ts';
import type { AlertsReceived } from '../incidents/alertmanager-webhook.ts';
import { doDue } from '../incidents/escalate.ts';
import type { Incident, PressOutcome } from '../incidents/incident.ts';
import { ackIncident, type Pressed, press, type SilenceTried, settleSilence } from '../incidents/press.ts';
import { type AlertCounts, assertRoom, receive } from '../incidents/receive.ts';
import type { Saying } from '../incidents/say.ts';
import type { Silencer } from '../incidents/silencer.ts';
import { threadOf } from '../incidents/thread.ts';
import type { Timekeeper } from '../incidents/timekeeper.ts';
import { raisedByDeployment, raisedByEvent, raisedByRequest, raisedByStudy } from './announce.ts';
import { acknowledge, settle, type Told, tell } from './decide.ts';
import { type AckRequest, type Attempted, LOCAL, type NotificationRequest, type Raised } from './inputs.ts';
import { loadNotifyState, notifyRows } from './notification-store.ts';
import type { Delivery, NotifyState } from './notify-state.ts';
import type { Routing } from './policy.ts';

/** Stream events that people are told of. */
export const HANDLES = ['notification.raised', 'study.finished', 'parameters.deployed'];

export interface NotifyingParts {
  readonly routing: Routing;
  readonly dispatcher: Pick<Dispatcher, 'take' | 'enqueue' | 'release'>;
  readonly silencer: Pick<Silencer, 'take' | 'look' | 'release'>;
  readonly timekeeper: Pick<Timekeeper, 'take' | 'release'>;
  readonly told: (told: Told, raised: Raised) => void;
  readonly alerted: (counts: AlertCounts) => void;
  /** A message of an incident that is stored and not sent. */
  readonly untold: (delivery: Delivery) => void;
}

/** Decides, stores, and hands what is owed to those who send it only after the commit that stored it. */
export function notifyingProcessor(parts: NotifyingParts): Processor<NotifyState> {
  const { dispatcher, silencer, timekeeper } = parts;
  return {
    load: loadNotifyState,
    decide: (state, input, context) => decideInput(state, input, context, parts.routing),
    rows: notifyRows,
    onLease: async (state, control) => {
      const current = latestState(state, control);
      const submit = (type: string, id: string, data: object) => control.submit(localInput(type, id, data));
      dispatcher.take(
        [...state.pending.values()],
        async (attempted) => {
          await control.submit(attemptInput(attempted));
        },
        (delivery) => threadOf(current(), delivery),
      );
      silencer.take(
        () => [...current().incidents.silences.values()],
        (tried) => submit(LOCAL.silenceTried, `${tried.silenceId}:${tried.attempts}:${tried.status}`, tried),
      );
      timekeeper.take(
        () => [...current().incidents.byId.values()],
        ({ id }) => submit(LOCAL.due, `due:${randomUUID()}`, { incidentId: id } satisfies DueData),
      );
    },
    afterCommit: (effects) => {
      for (const effect of effects as readonly Effect[]) carryOut(parts, effect);
    },
    onLost: () => {
      dispatcher.release();
      silencer.release();
      timekeeper.release();
    },
  };
}

/** What was loaded anew replaces the state; at the end of a lease the last one that was seen. */
function latestState(state: NotifyState, control: RunnerControl): () => NotifyState {
  let latest = state;
  return () => {
    if (control.holdsLease()) latest = control.state() as NotifyState;
    return latest;
  };
}

type Effect =
  | { readonly kind: 'told'; readonly told: Told; readonly raised: Raised }
  | { readonly kind: 'owed'; readonly owed: readonly Delivery[]; readonly counts?: AlertCounts };

interface DueData {
  readonly incidentId: Incident['id'];
}

function carryOut(parts: NotifyingParts, effect: Effect): void {
  if (effect.kind === 'told') {
    parts.told(effect.told, effect.raised);
    if (effect.told.delivery?.status === 'pending') parts.dispatcher.enqueue(effect.told.delivery);
    return;
  }
  for (const delivery of effect.owed) {
    if (delivery.status === 'pending') parts.dispatcher.enqueue(delivery);
    else parts.untold(delivery);
  }
  if (effect.counts !== undefined) parts.alerted(effect.counts);
  parts.silencer.look();
}

function decideInput(state: NotifyState, input: Input, context: DecideContext, routing: Routing): Decided {
  const at = Date.parse(input.ts);
  const saying: Saying = { state, routing, now: context.wallNow, owed: [] };
  switch (input.type) {
    case LOCAL.attempted:
      return { kind: 'done', result: settle(state, input.data as Attempted, at) };
    case LOCAL.acked: {
      const acked = input.data as AckRequest;
      const result = acknowledge(state, acked, at);
      ackIncident(saying, { incidentId: acked.notificationId, by: acked.by });
      return done(saying, result);
    }
    case LOCAL.alerted:
      return decideAlerts(saying, input);
    case LOCAL.pressed:
      return done(saying, press(saying, input.data as Pressed) satisfies PressOutcome);
    case LOCAL.silenceTried:
      return done(saying, settleSilence(saying, input.data as SilenceTried));
    case LOCAL.due:
      return done(saying, doDue(saying, (input.data as DueData).incidentId));
    default: {
      const raised = raisedBy(input);
      const told = tell(state, raised, { id: input.id, at, now: context.wallNow }, routing);
      return { kind: 'done', result: told, effects: [{ kind: 'told', told, raised } satisfies Effect] };
    }
  }
}

function decideAlerts(saying: Saying, input: Input): Decided {
  const received = input.data as AlertsReceived;
  try {
    assertRoom(saying.state, received, saying.routing);
  } catch (error) {
    return { kind: 'reject', error: error as Error };
  }
  const counts = receive(saying, received, `inc-${input.id}`);
  return done(saying, counts, counts);
}

function done({ owed }: Saying, result: unknown, counts?: AlertCounts): Decided {
  const effect: Effect = { kind: 'owed', owed, ...(counts === undefined ? {} : { counts }) };
  return { kind: 'done', result, effects: [effect] };
}

function raisedBy({ type, data }: Input): Raised {
  switch (type) {
    case LOCAL.requested:
      return raisedByRequest(data as NotificationRequest);
    case 'notification.raised':
      return raisedByEvent(data as NotificationRaised);
    case 'study.finished':
      return raisedByStudy(data as z.infer<typeof studyFinished.schema>);
    case 'parameters.deployed':
      return raisedByDeployment(data as ParametersDeployed);
    default:
      throw new TypeError(`no notification is made of ${type}`);
  }
}

function attemptInput(attempted: Attempted) {
  return {
    id: `attempt:${attempted.deliveryId}:${attempted.attempts}:${attempted.status}`,
    type: LOCAL.attempted,
    key: attempted.deliveryId,
    ts: new Date().toISOString(),
    data: attempted,
  };
}

function localInput(type: string, id: string, data: object) {
  return { id, type, key: id, ts: new Date().toISOString(), data };
}
