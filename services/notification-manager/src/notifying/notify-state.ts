import type { Severity } from './policy.ts';

/** `told`: owed to a channel. `stored-only`: no Slack, or too much waits for it. */
export type Outcome = 'told' | 'stored-only' | 'below-minimum';
export type DeliveryStatus = 'pending' | 'sent' | 'failed' | 'expired' | 'stored-only';

/** One thing that people are told, with its repetitions. Times are epoch milliseconds of event time. */
export interface Notification {
  readonly id: string;
  readonly dedupeKey: string;
  readonly code: string;
  readonly raisedBy: string;
  readonly firstAt: number;
  /** The highest so far, and the words that came with it. */
  readonly severity: Severity;
  readonly title: string;
  readonly body: string;
  readonly figures: Readonly<Record<string, string | number | null>>;
  readonly outcome: Outcome;
  readonly occurrences: number;
  readonly tellings: number;
  readonly lastAt: number;
}

/** What a channel is to be shown; fixed when it is decided, so that a later repetition does not change it. */
export interface Message {
  readonly notificationId: string;
  readonly severity: Severity;
  readonly code: string;
  readonly title: string;
  readonly body: string;
  readonly figures: Readonly<Record<string, string | number | null>>;
  readonly raisedBy: string;
  /** ISO 8601 UTC, event time. */
  readonly at: string;
  /** It was told before and has become worse. */
  readonly worsened: boolean;
  /** Repetitions of the same key that were counted and not told before this one. */
  readonly untold: number;
}

export interface Delivery {
  readonly id: string;
  readonly notificationId: string;
  readonly position: number;
  readonly channel: string;
  readonly message: Message;
  readonly status: DeliveryStatus;
  readonly attempts: number;
  readonly lastError: string | null;
  readonly slackTs: string | null;
  /** Epoch milliseconds, wall time. */
  readonly createdAt: number;
  readonly settledAt: number | null;
}

export interface Ack {
  readonly notificationId: string;
  readonly ackedBy: string;
  readonly note: string;
  readonly ackedAt: number;
}

/**
 * What one partition remembers: the last notification of each key (bounded, oldest out), and the deliveries that are owed.
 * `changed` holds what was not written yet.
 */
export interface NotifyState {
  readonly run: string;
  readonly partition: number;
  readonly byKey: Map<string, Notification>;
  readonly pending: Map<string, Delivery>;
  /** Of the next delivery. */
  position: number;
  readonly changed: {
    readonly notifications: Map<string, Notification>;
    readonly deliveries: Map<string, Delivery>;
    readonly acks: Map<string, Ack>;
  };
}

export function emptyNotifyState(run: string, partition: number): NotifyState {
  return {
    run,
    partition,
    byKey: new Map(),
    pending: new Map(),
    position: 1,
    changed: { notifications: new Map(), deliveries: new Map(), acks: new Map() },
  };
}
