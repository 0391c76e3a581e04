import { catalog } from '@fleet/domain/events';
import type { DecideContext, Decided, Input, NewEvent, Processor } from '@fleet/shared/streams';
import type { Fed } from './event-factory.ts';

export interface Deciding<State> {
  decide(state: State, event: Fed, context?: Partial<DecideContext>): Decided;
  /** Takes events that must not wait; gives what they made the service say. Each of it passes its own schema. */
  feed(state: State, ...events: readonly Fed[]): readonly NewEvent[];
}

/** A processor as the stream kit calls it, without the kit. */
export function deciding<State>(processor: Pick<Processor<State>, 'decide'>): Deciding<State> {
  const decide: Deciding<State>['decide'] = (state, event, context = {}) =>
    processor.decide(state, inputOf(event), { wallNow: 0, waitExpired: false, ...context });
  const feed = (state: State, ...events: readonly Fed[]) =>
    events.flatMap((event) => {
      const decided = decide(state, event);
      if (decided.kind !== 'done') throw new Error(`${event.type}: ${JSON.stringify(decided)}`);
      for (const { type, data } of decided.events ?? []) catalog.entry(type)?.parse(data);
      return [...(decided.events ?? [])];
    });
  return { decide, feed };
}

/** The event as the stream kit hands it on. */
export function inputOf({ type, id, key, data }: Fed): Input {
  const stream = catalog.entry(type)?.stream ?? null;
  const ts = '2024-08-05T00:00:00.000Z';
  return { id, type, key, ts, data, stream, causationId: null, requestId: 'r', traceparent: 't' };
}
