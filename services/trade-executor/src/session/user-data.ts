import { isBooked } from '../reports/book-trade.ts';
import type { VenueReport } from '../venue/port.ts';
import type { Submitter } from './submitter.ts';
import type { Truths } from './truths.ts';

export interface UserDataParts {
  readonly submitter: Submitter;
  readonly truths: Truths;
  /** Name of the venue, part of the natural keys. */
  readonly venue: string;
  readonly wall: () => number;
  readonly onFailure: (error: unknown) => void;
}

/**
 * The messages of the user data stream on their way to the decision: held back until what was missed before them is
 * booked, then passed on in the order in which they came, each under its natural key.
 */
export class UserData {
  readonly #parts: UserDataParts;
  #held: VenueReport[] | null = [];
  #passing: Promise<void> = Promise.resolve();
  #waiting = 0;
  #heardAt: number;

  constructor(parts: UserDataParts) {
    this.#parts = parts;
    this.#heardAt = parts.wall();
  }

  /** Wall time of the last message. */
  get heardAt(): number {
    return this.#heardAt;
  }

  /** Messages that were not handed in yet. */
  get waiting(): number {
    return this.#waiting + (this.#held?.length ?? 0);
  }

  /** A new connection: its messages wait for release. */
  hold(): void {
    this.#held = [];
  }

  hear(report: VenueReport): void {
    this.#heardAt = this.#parts.wall();
    if (this.#held !== null) this.#held.push(report);
    else this.#pass(report);
  }

  release(): void {
    const held = this.#held ?? [];
    this.#held = null;
    for (const report of held) this.#pass(report);
  }

  /** In order, also where an order has to be looked up; the commits themselves are not waited for. */
  #pass(report: VenueReport): void {
    this.#waiting += 1;
    this.#passing = this.#passing
      .then(() => this.#handIn(report))
      .catch((error: unknown) => this.#parts.onFailure(error))
      .finally(() => {
        this.#waiting -= 1;
      });
  }

  async #handIn(report: VenueReport): Promise<void> {
    const { submitter, truths, venue } = this.#parts;
    if (submitter.signal.aborted) return;
    if (report.kind === 'cash') {
      const { asset, amount, time } = report;
      const id = `${venue}|${asset}|${time}|${amount}`;
      this.#send(
        submitter.submit('venue.cash', { asset, amount, time, id }, { key: asset, time, natural: id }),
      );
      return;
    }
    const { symbol, clientOrderId, time } = report.fact;
    const stored = await truths.stored(clientOrderId);
    const options = { key: symbol, time, order: clientOrderId };
    if (report.kind === 'order') {
      const natural = `${venue}|${symbol}|${report.fact.venueOrderId}|${report.executionId}`;
      this.#send(submitter.submit('venue.order', { fact: report.fact, stored }, { ...options, natural }));
    } else if (!isBooked(submitter.state, report.fact)) {
      const natural = `${venue}|${symbol}|${report.fact.tradeId}`;
      const data = { fact: report.fact, stored, executed: report.executed };
      this.#send(submitter.submit('venue.trade', data, { ...options, natural }));
    }
  }

  #send(submitted: Promise<unknown>): void {
    submitted.catch((error: unknown) => {
      if (!this.#parts.submitter.signal.aborted) this.#parts.onFailure(error);
    });
  }
}
