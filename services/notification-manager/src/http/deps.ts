import type { LocalInput } from '@fleet/shared/streams';
import type { PersonOf } from '../interactions/people.ts';
import type { NotifyMetrics } from '../metrics.ts';
import type { NotificationReader } from '../notifying/notification-reader.ts';

/** What the routes use. */
export interface NotifyDeps {
  readonly reader: NotificationReader;
  readonly submit: (input: LocalInput) => Promise<unknown>;
  /** A fresh id: what a person raises has no natural key. */
  readonly newId: () => string;
  /** Epoch milliseconds. */
  readonly wall: () => number;
  /** Whether it is the token of Alertmanager; undefined when none is set. */
  readonly isAlertsToken: (token: string) => boolean | undefined;
  /** Of the Slack app; without it no button is taken. */
  readonly signingSecret: string | undefined;
  readonly personOf: PersonOf;
  readonly metrics: Pick<NotifyMetrics, 'alertsRefused' | 'interacted'>;
  /** Rejects with `late()` when the work takes longer; the work goes on. */
  readonly within: <Result>(work: Promise<Result>, ms: number, late: () => Error) => Promise<Result>;
}
