import type { RunnerControl } from '@fleet/shared/streams';
import type { Effect } from '../book/turn.ts';
import type { LeasedSession } from '../processor.ts';
import { type SessionMode, type SessionParts, VenueLeadership } from './leadership.ts';

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

  stop(): void {
    this.#leadership?.stop();
    this.#leadership = null;
  }
}
