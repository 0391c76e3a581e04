import { setTimeout as sleep } from 'node:timers/promises';
import { marketTime } from '../book/state.ts';
import type { VenueView } from '../reconciliation/compare.ts';
import type { ReconcileResult, ReconciliationCause } from '../reconciliation/decide.ts';
import { VenueUnavailable } from '../venue/errors.ts';
import type { ExecutionVenue } from '../venue/port.ts';
import type { Submitter } from './submitter.ts';
import type { Sync } from './sync.ts';

export interface ReconcilerParts {
  readonly venue: ExecutionVenue;
  readonly submitter: Submitter;
  readonly sync: Sync;
  readonly symbols: readonly string[];
  readonly wall: () => number;
  readonly unique: () => string;
}

const TRIES_MAX = 100;
/** So often a difference may be a message on its way. */
const PATIENT_TRIES = 3;
const PAUSE_MS = 20;

/** Reads the venue until the books stood still meanwhile, and has the two compared. One at a time. */
export class Reconciler {
  readonly #parts: ReconcilerParts;
  #running: Promise<unknown> = Promise.resolve();

  constructor(parts: ReconcilerParts) {
    this.#parts = parts;
  }

  run(cause: ReconciliationCause, acceptBalances = false): Promise<NonNullable<ReconcileResult>> {
    const next = this.#running.then(() => this.#run(cause, acceptBalances));
    this.#running = next.catch(() => undefined);
    return next;
  }

  async #run(cause: ReconciliationCause, acceptBalances: boolean): Promise<NonNullable<ReconcileResult>> {
    const { submitter, sync, symbols, wall, unique } = this.#parts;
    for (let tries = 0; tries < TRIES_MAX; tries += 1) {
      if (submitter.state.account.opened) await sync.run(symbols);
      const view = await this.#view();
      if (view !== null) {
        const time = marketTime(submitter.state, wall());
        const options = { key: 'account', time, natural: unique(), fresh: true };
        const data = { cause, view, acceptBalances, insist: acceptBalances || tries >= PATIENT_TRIES };
        const result = (await submitter.submit('venue.reconciled', data, options)) as ReconcileResult;
        if (result !== null) return result;
      }
      await sleep(PAUSE_MS, undefined, { signal: submitter.signal });
    }
    throw new VenueUnavailable('the account moves too fast to be compared with the books');
  }

  /** Null when a trade came while it was read. */
  async #view(): Promise<VenueView | null> {
    const { venue, submitter, symbols } = this.#parts;
    const { sequence, lastIntentId } = submitter.state.account;
    const before = await this.#newestTradeIds();
    const { balances, time } = await venue.balances();
    const openOrders = (await Promise.all(symbols.map((symbol) => venue.openOrders(symbol)))).flat();
    const newestTradeIds = await this.#newestTradeIds();
    if (symbols.some((symbol) => before[symbol] !== newestTradeIds[symbol])) return null;
    return { sequence, intents: lastIntentId, balances, time, openOrders, newestTradeIds };
  }

  async #newestTradeIds(): Promise<Record<string, number>> {
    const { venue, symbols } = this.#parts;
    const ids = await Promise.all(
      symbols.map(async (symbol) => [symbol, await venue.newestTradeId(symbol)] as const),
    );
    return Object.fromEntries(ids);
  }
}
