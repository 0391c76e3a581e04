import type { AuditEntry } from '@fleet/shared/http';

/** What a person asked for. `at` is epoch ms of the wall clock. */
export interface PersonsInput {
  readonly requestId: string;
  readonly actor: string;
  readonly reason: string;
  readonly at: number;
  /** It came by the socket in the container, past every sign-in: everybody is told. */
  readonly breakGlass?: boolean;
}

/** Inputs that are no stream entry, by type. */
export interface LocalInputs {
  'run.began': { readonly at: number };
  'person.halt': PersonsInput & { readonly flatten: boolean };
  'person.unhalt': PersonsInput;
  'person.reduce': PersonsInput;
  'person.reset-day': PersonsInput;
  'person.analyze': PersonsInput & { readonly symbols: readonly string[] };
  'person.requeue': PersonsInput & { readonly letters: readonly RequeuedLetter[] };
  'halt.unconfirmed': { readonly epoch: number; readonly at: number };
  'cycle.overdue': { readonly cycleId: string; readonly at: number };
  'flatten.overdue': { readonly flattenId: string; readonly at: number };
  'admin.called': AuditEntry;
}

export interface RequeuedLetter {
  readonly id: string;
  readonly stream: string;
  readonly group: string;
  readonly key: string;
  readonly eventId: string;
}
