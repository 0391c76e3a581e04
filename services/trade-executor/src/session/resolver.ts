import { setTimeout as sleep } from 'node:timers/promises';
import { type Intent, marketTime } from '../book/state.ts';
import type { Truth } from '../reports/truth.ts';
import type { ExecutionVenue } from '../venue/port.ts';
import type { Submitter } from './submitter.ts';
import type { Sync } from './sync.ts';
import type { Truths } from './truths.ts';

export interface ResolverParts {
  readonly venue: Pick<ExecutionVenue, 'openOrders'>;
  readonly submitter: Submitter;
  readonly truths: Truths;
  readonly sync: Sync;
  readonly visibilityMs: number;
  readonly pauseMs: number;
  readonly wall: () => number;
  readonly onFailure: (error: unknown) => void;
}

/** What queries have found; null while they prove nothing. */
type Finding = { readonly target: Truth | null; readonly order: Truth | null } | null;

/**
 * Settles a request whose answer nobody has. Found is proof at once. Not found is proof only after the request's own
 * window and the venue's visibility delay, and only when the order query, the open orders and the trades all say so.
 */
export class Resolver {
  readonly #parts: ResolverParts;

  constructor(parts: ResolverParts) {
    this.#parts = parts;
  }

  /** Resolves when the intent is settled, or proven absent; goes on over every failure of a query. */
  async resolve(id: number): Promise<void> {
    const { submitter, pauseMs, wall, onFailure } = this.#parts;
    for (;;) {
      submitter.signal.throwIfAborted();
      const intent = submitter.state.intents.get(id);
      if (intent === undefined || intent.state !== 'open') return;
      const finding = await this.#find(intent).catch((error: unknown) => {
        onFailure(error);
        return null;
      });
      if (finding !== null) {
        const time = marketTime(submitter.state, wall());
        const { symbol: key, clientOrderId: order } = intent;
        const data = { intent: id, ...finding };
        await submitter.submit('request.resolved', data, { key, time, natural: String(id), order });
        return;
      }
      await sleep(pauseMs, undefined, { signal: submitter.signal });
    }
  }

  async #find(intent: Intent): Promise<Finding> {
    const { truths, visibilityMs, wall } = this.#parts;
    // Looked at before the queries: they must have been asked after the window, not answered after it.
    const isProof = wall() > intent.timestamp + intent.recvWindow + visibilityMs;
    const { symbol, kind, clientOrderId, cancelClientOrderId } = intent;
    if (kind === 'cancel') {
      const target = await truths.of(symbol, clientOrderId);
      if (target === null) return null;
      return target.order?.fact.status !== 'open' || isProof ? { target, order: null } : null;
    }
    const order = await truths.of(symbol, clientOrderId);
    if (order === null && !isProof) return null;
    if (order === null && !(await this.#isAbsent(intent))) return null;
    const target = cancelClientOrderId === null ? null : await truths.of(symbol, cancelClientOrderId);
    return { target, order };
  }

  /** The order query found nothing; the open orders and the trades have to agree. */
  async #isAbsent({ symbol, clientOrderId }: Intent): Promise<boolean> {
    const { venue, submitter, sync } = this.#parts;
    const open = await venue.openOrders(symbol);
    if (open.some((fact) => fact.clientOrderId === clientOrderId)) return false;
    if (submitter.state.account.opened) await sync.run([symbol]);
    const order = submitter.state.desk.orders.get(clientOrderId);
    return order === undefined || order.filled.isZero();
  }
}
