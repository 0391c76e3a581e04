import { isTerminal } from '@fleet/domain/orders';
import type { TrackedOrder } from './order-track.ts';

/** Answers of risk and ended orders that stay in memory: far more than one cycle has. */
export const ANSWERS_KEPT = 2_000;

/** What is known of proposals, whatever came first: the plan that names them or the answer to them. */
export class OrderBook {
  readonly #orders = new Map<string, TrackedOrder>();
  /** Outcome of risk's decision by proposal. */
  readonly #decisions = new Map<string, 'approved' | 'denied'>();
  /** Wall time at which an approval was seen, until its order is accepted; not stored. */
  readonly #approvedAt = new Map<string, number>();

  get(proposalId: string): TrackedOrder | undefined {
    return this.#orders.get(proposalId);
  }

  decision(proposalId: string): 'approved' | 'denied' | undefined {
    return this.#decisions.get(proposalId);
  }

  add(order: TrackedOrder): TrackedOrder {
    this.#orders.set(order.proposalId, order);
    if (this.#orders.size > ANSWERS_KEPT) this.#forgetOldest();
    return order;
  }

  decide(proposalId: string, outcome: 'approved' | 'denied'): void {
    this.#decisions.set(proposalId, outcome);
    if (this.#decisions.size <= ANSWERS_KEPT) return;
    const [oldest] = this.#decisions.keys();
    if (oldest !== undefined) this.#decisions.delete(oldest);
  }

  /** For the latency alone: `at` is wall time. */
  approved(proposalId: string, at: number): void {
    this.#approvedAt.set(proposalId, at);
    if (this.#approvedAt.size <= ANSWERS_KEPT) return;
    const [oldest] = this.#approvedAt.keys();
    if (oldest !== undefined) this.#approvedAt.delete(oldest);
  }

  /** Milliseconds since its approval was seen, told once; null where none was seen by this process. */
  acceptedAfterMs(proposalId: string, at: number): number | null {
    const approvedAt = this.#approvedAt.get(proposalId);
    this.#approvedAt.delete(proposalId);
    return approvedAt === undefined ? null : at - approvedAt;
  }

  isAcknowledged(proposalId: string): boolean {
    return (
      this.#decisions.get(proposalId) === 'denied' || this.#orders.get(proposalId)?.acknowledged === true
    );
  }

  /** Orders that still stand stay: a later event has to find the state that it changes. */
  #forgetOldest(): void {
    for (const [id, order] of this.#orders) {
      if (!isTerminal(order.state)) continue;
      this.#orders.delete(id);
      return;
    }
  }
}
