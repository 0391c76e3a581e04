import type { Severity } from '../notifying/policy.ts';

/** Where Slack keeps a message: its channel's id and the message's time stamp, which is its name there. */
export interface SlackPlace {
  readonly channel: string;
  readonly ts: string;
}

/** What is known last of one alert of an incident. */
export interface IncidentAlert {
  readonly fingerprint: string;
  /** ISO 8601; a new one means that it fired anew. */
  readonly startsAt: string;
  readonly status: 'firing' | 'resolved';
  readonly name: string;
  readonly severity: Severity;
  readonly summary: string;
  readonly description: string;
  readonly runbookUrl: string | null;
}

/** A group of alerts from the first that fired until all are resolved. Times are epoch milliseconds, wall time. */
export interface Incident {
  readonly id: string;
  readonly groupKey: string;
  readonly status: 'open' | 'resolved';
  /** The highest so far. */
  readonly severity: Severity;
  readonly title: string;
  /** What Alertmanager groups by, as far as its alerts have it; a silence matches exactly these. */
  readonly labels: Readonly<Record<string, string>>;
  readonly alerts: Readonly<Record<string, IncidentAlert>>;
  /** How often one of its alerts began to fire. */
  readonly firings: number;
  readonly channel: string;
  /** Its first delivered message; null until Slack has answered. */
  readonly thread: SlackPlace | null;
  /** Deliveries made of it: the number of the next. */
  readonly deliveries: number;
  readonly openedAt: number;
  readonly changedAt: number;
  readonly heardAt: number;
  readonly resolvedAt: number | null;
  readonly ackedBy: string | null;
  readonly ackedAt: number | null;
  readonly silencedBy: string | null;
  readonly silencedUntil: number | null;
  readonly escalations: number;
  readonly escalateAt: number | null;
}

/** https://prometheus.io/docs/alerting/latest/management_api and its API v2: a matcher of a silence. */
export interface Matcher {
  readonly name: string;
  readonly value: string;
  readonly isRegex: boolean;
  readonly isEqual: boolean;
}

/** A silence that somebody asked for. */
export interface Silence {
  readonly id: string;
  readonly incidentId: string;
  readonly matchers: readonly Matcher[];
  readonly hours: number;
  readonly requestedBy: string;
  readonly requestedAt: number;
  readonly status: 'pending' | 'done' | 'failed';
  readonly attempts: number;
  readonly lastError: string | null;
  readonly alertmanagerId: string | null;
  readonly settledAt: number | null;
}

/** A button that was pressed. `id` is the hash of the request's signature. */
export interface Interaction {
  readonly id: string;
  readonly slackUser: string;
  readonly identity: string;
  readonly action: string;
  readonly target: string;
  readonly outcome: PressOutcome;
  readonly at: number;
}

export type PressOutcome = 'done' | 'already' | 'unknown' | 'closed' | 'replayed';

/**
 * Open incidents and those that may open again, silences that are not set yet, and the buttons pressed while their
 * signatures are valid. `changed` holds what was not written yet.
 */
export interface IncidentBook {
  readonly byId: Map<string, Incident>;
  /** The latest incident of a group. */
  readonly byGroup: Map<string, string>;
  readonly silences: Map<string, Silence>;
  readonly interactions: Map<string, Interaction>;
  readonly changed: {
    readonly incidents: Map<string, Incident>;
    readonly silences: Map<string, Silence>;
    readonly interactions: Map<string, Interaction>;
  };
}

export function emptyIncidentBook(): IncidentBook {
  return {
    byId: new Map(),
    byGroup: new Map(),
    silences: new Map(),
    interactions: new Map(),
    changed: { incidents: new Map(), silences: new Map(), interactions: new Map() },
  };
}
