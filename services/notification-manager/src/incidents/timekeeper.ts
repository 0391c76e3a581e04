import type { Routing } from '../notifying/policy.ts';
import { dueTime } from './escalate.ts';
import type { Incident } from './incident.ts';

export interface TimekeeperOptions {
  readonly routing: Routing;
  /** Epoch milliseconds, wall time. */
  readonly wall: () => number;
  /** Calls again and again until the returned function is called. */
  readonly every: (look: () => void) => () => void;
  readonly onFailed: (error: unknown) => void;
}

/** Resolves with false when the decision found nothing due. */
type Submit = (due: Incident) => Promise<unknown>;

/**
 * Has what is due decided. The times stand in the incidents' rows, so a restart forgets none: whoever holds the lease
 * looks at them once a second. Being asked twice does no harm: what is due is looked at again by the decision.
 */
export class Timekeeper {
  readonly #options: TimekeeperOptions;
  readonly #asked = new Map<string, number>();
  #stop: (() => void) | undefined;

  constructor(options: TimekeeperOptions) {
    this.#options = options;
  }

  take(incidents: () => readonly Incident[], submit: Submit): void {
    this.release();
    this.#stop = this.#options.every(() => this.#look(incidents, submit));
  }

  release(): void {
    this.#stop?.();
    this.#stop = undefined;
    this.#asked.clear();
  }

  #look(incidents: () => readonly Incident[], submit: Submit): void {
    const { routing, wall, onFailed } = this.#options;
    const now = wall();
    try {
      for (const incident of incidents()) {
        const at = dueTime(incident, routing);
        if (at === null || at > now || this.#asked.get(incident.id) === at) continue;
        this.#asked.set(incident.id, at);
        submit(incident).then(
          (done) => {
            if (done === false) this.#asked.delete(incident.id);
          },
          (error: unknown) => {
            this.#asked.delete(incident.id);
            onFailed(error);
          },
        );
      }
    } catch (error) {
      onFailed(error);
    }
  }
}
