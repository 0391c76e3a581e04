import type { TradingState } from '@fleet/domain/events';

/** What the executor reads immediately before each submit. */
export const STATE_KEY = 'trading:state';
/** Without a refresh for so long the key is gone, and new orders stop. */
export const STATE_KEY_MS = 5_000;
const REFRESH_MS = 1_000;

/** The one command that it uses. */
export interface KeyWriter {
  set(key: string, value: string, unit: 'PX', ms: number): Promise<unknown>;
}

export interface StateKeyOptions {
  readonly redis: KeyWriter;
  readonly run: string;
  /** The committed state, or null while none is known. */
  readonly trading: () => TradingState | null;
  /** Whether nobody else can hold the lease at this moment. */
  readonly holdsLease: () => boolean;
  readonly onFailure: (error: unknown) => void;
}

/**
 * Keeps the trading state in Redis alive while this replica holds the lease: after each commit that changes it, and
 * each second. Never before the commit, never without the lease; a write that fails is left to the next one, so that
 * an old state cannot arrive late.
 */
export class StateKey {
  readonly #options: StateKeyOptions;
  #timer: NodeJS.Timeout | undefined;

  constructor(options: StateKeyOptions) {
    this.#options = options;
  }

  start(): void {
    this.stop();
    this.#timer = setInterval(() => this.write(), REFRESH_MS);
    this.write();
  }

  stop(): void {
    clearInterval(this.#timer);
    this.#timer = undefined;
  }

  write(): void {
    const { redis, run, trading, holdsLease, onFailure } = this.#options;
    const state = trading();
    if (state === null || this.#timer === undefined || !holdsLease()) return;
    redis.set(STATE_KEY, JSON.stringify({ ...state, run }), 'PX', STATE_KEY_MS).catch(onFailure);
  }
}
