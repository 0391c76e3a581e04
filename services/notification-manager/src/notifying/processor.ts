import type { NotificationRaised, ParametersDeployed, studyFinished } from '@fleet/domain/events';
import type { DecideContext, Decided, Input, Processor } from '@fleet/shared/streams';
import type { z } from 'zod';
import type { Dispatcher } from '../delivery/dispatcher.ts';
import { raisedByDeployment, raisedByEvent, raisedByRequest, raisedByStudy } from './announce.ts';
import { acknowledge, settle, type Told, tell } from './decide.ts';
import { type AckRequest, type Attempted, LOCAL, type NotificationRequest, type Raised } from './inputs.ts';
import { loadNotifyState, notifyRows } from './notification-store.ts';
import type { NotifyState } from './notify-state.ts';
import type { Routing } from './policy.ts';

/** Stream events that people are told of. */
export const HANDLES = ['notification.raised', 'study.finished', 'parameters.deployed'];

export interface NotifyingParts {
  readonly routing: Routing;
  readonly dispatcher: Pick<Dispatcher, 'take' | 'enqueue' | 'release'>;
  readonly told: (told: Told, raised: Raised) => void;
}

/** Decides, stores, and hands what is owed to the dispatcher only after the commit that stored it. */
export function notifyingProcessor(parts: NotifyingParts): Processor<NotifyState> {
  return {
    load: loadNotifyState,
    decide: (state, input, context) => decideInput(state, input, context, parts.routing),
    rows: notifyRows,
    onLease: async (state, control) => {
      parts.dispatcher.take([...state.pending.values()], async (attempted) => {
        await control.submit(attemptInput(attempted));
      });
    },
    afterCommit: (effects) => {
      for (const { told, raised } of effects as readonly Effect[]) {
        parts.told(told, raised);
        if (told.delivery?.status === 'pending') parts.dispatcher.enqueue(told.delivery);
      }
    },
    onLost: () => parts.dispatcher.release(),
  };
}

interface Effect {
  readonly told: Told;
  readonly raised: Raised;
}

function decideInput(state: NotifyState, input: Input, context: DecideContext, routing: Routing): Decided {
  const at = Date.parse(input.ts);
  switch (input.type) {
    case LOCAL.attempted:
      return { kind: 'done', result: settle(state, input.data as Attempted, at) };
    case LOCAL.acked:
      return { kind: 'done', result: acknowledge(state, input.data as AckRequest, at) };
    default: {
      const raised = raisedBy(input);
      const told = tell(state, raised, { id: input.id, at, now: context.wallNow }, routing);
      return { kind: 'done', result: told, effects: [{ told, raised } satisfies Effect] };
    }
  }
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
