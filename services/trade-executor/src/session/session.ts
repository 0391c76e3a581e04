import { setTimeout as sleep } from 'node:timers/promises';
import type { RunnerControl } from '@fleet/shared/streams';
import type { Effect } from '../book/turn.ts';
import type { LeasedSession } from '../processor.ts';
import { type SessionMode, type SessionParts, VenueLeadership } from './leadership.ts';

const DRAIN_POLL_MS = 10;

/** The session with the venue, one leadership after another: a replica without the lease opens no connection. */
export class VenueSession implements LeasedSession {
  readonly #parts: SessionParts;
  #leadership: VenueLeadership | null = null;

  constructor(parts: SessionParts) {
    this.#parts = parts;
  }

  get current(): VenueLeadership | null {
    return this.#leadership;
  }

  get mode(): SessionMode | 'standby' {
    return this.#leadership?.mode ?? 'standby';
  }

  async start(control: RunnerControl): Promise<void> {
    this.stop();
    this.#leadership = new VenueLeadership(this.#parts, control);
    await this.#leadership.start();
  }

  take(effects: readonly Effect[]): void {
    this.#leadership?.take(effects);
  }

  /** Gives requests that are on their way the time to be answered; what is not answered then, the next start settles. */
  async drain(msMax: number): Promise<void> {
    const pauses = Math.ceil(msMax / DRAIN_POLL_MS);
    for (let pause = 0; pause < pauses && (this.#leadership?.inFlight ?? 0) > 0; pause += 1)
      await sleep(DRAIN_POLL_MS);
  }

  stop(): void {
    this.#leadership?.stop();
    this.#leadership = null;
  }
}
