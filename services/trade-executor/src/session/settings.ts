/** How the session waits; milliseconds. */
export interface SessionSettings {
  /** Between two tries to reach a venue that is away. */
  readonly retryMs: number;
  /** How long after a submit its order may be invisible to the venue's own queries. */
  readonly visibilityMs: number;
  /** A request that would reach the venue with less than this left of its window is written down anew. */
  readonly windowLeftMs: number;
  /** Between two queries of a request that nobody knows of. */
  readonly resolveMs: number;
  /** After so long without a message, the fills of open orders are asked for. */
  readonly pollMs: number;
  /** Between two reconciliations; null for none but those after a connect and on request. */
  readonly reconcileMs: number | null;
}

const SIMULATOR: SessionSettings = {
  retryMs: 200,
  visibilityMs: 50,
  windowLeftMs: 250,
  resolveMs: 20,
  pollMs: 1_000,
  reconcileMs: null,
};
const REAL: SessionSettings = {
  retryMs: 2_000,
  visibilityMs: 3_000,
  windowLeftMs: 250,
  resolveMs: 500,
  pollMs: 10_000,
  reconcileMs: 60_000,
};

/** A replay in lock-step is reconciled at its connects; a paced one also now and then, as a live account is. */
export function sessionSettings(mode: 'lockstep' | 'paced' | 'live', reconcileMs: number): SessionSettings {
  if (mode === 'live') return { ...REAL, reconcileMs };
  return { ...SIMULATOR, reconcileMs: mode === 'paced' ? reconcileMs : null };
}
