import { emptyIncidentBook, type IncidentBook, type SlackPlace } from '../incidents/incident.ts';
import type { Button, Severity } from './policy.ts';

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
  /** Address or path of the page that says what to do. */
  readonly runbook?: string | null;
  readonly buttons?: readonly Button[];
}

export interface IncidentLine {
  readonly state: 'firing' | 'resolved';
  readonly text: string;
  readonly runbook: string | null;
}

/** The first message of an incident, as it stands at the moment of the decision. */
export interface IncidentMessage {
  readonly kind: 'incident';
  readonly notificationId: string;
  readonly severity: Severity;
  readonly status: 'open' | 'resolved';
  readonly title: string;
  readonly lines: readonly IncidentLine[];
  /** Alerts beyond the lines. */
  readonly more: number;
  /** ISO 8601 UTC. */
  readonly openedAt: string;
  readonly changedAt: string;
  readonly ackedBy: string | null;
  readonly silenced: { readonly by: string; readonly until: string } | null;
  readonly buttons: readonly Button[];
}

/** A line in a thread, or a word on an incident in another channel. */
export interface ReplyMessage {
  readonly kind: 'reply';
  readonly notificationId: string;
  readonly severity: Severity;
  readonly text: string;
  readonly lines: readonly IncidentLine[];
  /** Who is called. */
  readonly mention: string | null;
  readonly buttons: readonly Button[];
}

export type Content = Message | IncidentMessage | ReplyMessage;

export interface Delivery {
  readonly id: string;
  readonly notificationId: string;
  readonly position: number;
  readonly channel: string;
  /** `reply` and `update` belong to a message that was posted before. */
  readonly action: 'post' | 'reply' | 'update';
  readonly incidentId: string | null;
  /** The message it belongs to, where it is no incident's. */
  readonly target: SlackPlace | null;
  readonly message: Content;
  readonly status: DeliveryStatus;
  readonly attempts: number;
  readonly lastError: string | null;
  readonly slackTs: string | null;
  readonly slackChannel: string | null;
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
  readonly incidents: IncidentBook;
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
    incidents: emptyIncidentBook(),
    position: 1,
    changed: { notifications: new Map(), deliveries: new Map(), acks: new Map() },
  };
}
