import type { LocalInput } from '@fleet/shared/streams';
import type { NotificationReader } from '../notifying/notification-reader.ts';

/** What the routes use. */
export interface NotifyDeps {
  readonly reader: NotificationReader;
  readonly submit: (input: LocalInput) => Promise<unknown>;
  /** A fresh id: what a person raises has no natural key. */
  readonly newId: () => string;
  /** Epoch milliseconds. */
  readonly wall: () => number;
}
