/** One call that is kept: an admin route or a change, granted or refused, before its handler runs. */
export interface AuditEntry {
  /** ISO 8601 UTC, wall time. */
  readonly at: string;
  readonly outcome: 'granted' | 'refused';
  /** The code of the refusal. */
  readonly reason?: string;
  readonly method: string;
  /** Without its query. */
  readonly path: string;
  readonly address: string;
  readonly requestId: string;
  readonly traceparent: string;
  /** Who asked, as far as it was recognised. */
  readonly identity?: string;
  readonly role?: string;
  /** Of the client certificate. */
  readonly fingerprint?: string;
  /** The calling service, where it was no person. */
  readonly service?: string;
}

export type Audit = (entry: AuditEntry) => void | Promise<void>;
