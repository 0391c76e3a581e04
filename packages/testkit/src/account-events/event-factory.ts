import { catalog, eventId } from '@fleet/domain/events';

export const MINUTE = 60_000;
/** 2024-08-05T00:00:00Z */
export const START = 1_722_816_000_000;
export const BOTH = ['BTCUSDT', 'ETHUSDT'] as const;

/** An event that a test feeds to a processor, or writes to its stream. */
export interface Fed {
  readonly type: string;
  readonly id: string;
  readonly key: string;
  readonly data: unknown;
}

/** `name` is the event's natural key, a new one each time when left out. */
export type EventFactory = (type: string, data: unknown, name?: string) => Fed;

/** Makes events of a run as their services would say them: data that break the catalog's schema throw. */
export function eventFactory(run: string): EventFactory {
  let occasions = 0;
  return (type, data, name) => {
    occasions += 1;
    const id = eventId(run, type, name ?? `occasion ${occasions}`);
    // A local input is in no catalog.
    return { type, id, key: run, data: catalog.entry(type)?.parse(data) ?? data };
  };
}
