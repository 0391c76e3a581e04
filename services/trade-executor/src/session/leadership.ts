import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import type { TradingState } from '@fleet/domain/events';
import type { Queryable } from '@fleet/shared/postgres';
import type { RunnerControl } from '@fleet/shared/streams';
import type { Logger } from '@fleet/shared/telemetry';
import {
  type ExecutorScope,
  type ExecutorState,
  type Intent,
  marketTime,
  standsAtVenue,
} from '../book/state.ts';
import type { Effect } from '../book/turn.ts';
import type { LocalInputs, LocalType } from '../inputs.ts';
import type { ReconcileResult, ReconciliationCause } from '../reconciliation/decide.ts';
import { VenueRefused } from '../venue/errors.ts';
import type { Answer, ExecutionVenue } from '../venue/port.ts';
import { Caller } from './caller.ts';
import { Reconciler } from './reconciler.ts';
import { Resolver } from './resolver.ts';
import type { SessionSettings } from './settings.ts';
import { Submitter } from './submitter.ts';
import { Sync } from './sync.ts';
import { Truths } from './truths.ts';
import { UserData } from './user-data.ts';

export interface SessionParts {
  readonly scope: ExecutorScope;
  readonly settings: SessionSettings;
  readonly venue: ExecutionVenue;
  readonly db: Queryable;
  readonly readTradingState: () => Promise<TradingState | null>;
  readonly wall: () => number;
  readonly logger: Pick<Logger, 'info' | 'warn' | 'error' | 'debug'>;
  readonly observer: SessionObserver;
}

export interface SessionObserver {
  answered(intent: Intent, answer: Answer, seconds: number): void;
  /** What the decisions tell for the metrics alone. */
  noted(effect: Noted): void;
  /** The venue's clock less this host's, milliseconds. */
  clockAhead(ms: number): void;
  failed(error: unknown): void;
}

/** Effects that only the metrics take. */
export type Noted = Exclude<Effect, { readonly kind: 'send' | 'resolve' | 'sync' | 'resume' | 'confirm' }>;

export type SessionMode = 'connecting' | 'recovering' | 'unreconciled' | 'trading' | 'over';

/** Further than this from the venue's clock, requests would be refused as untimely. */
const CLOCK_AHEAD_MS_MAX = 1_000;
const QUIESCE_MS_MAX = 10_000;
const QUIESCE_POLL_MS = 5;
const UNRECONCILED_RETRY_MS = 5_000;

/**
 * What one holder of the lease does at the venue, until it is over. Modes: `connecting` → user data confirmed →
 * `recovering` (requests of before are settled, missed fills booked, owed stops sent, books compared, repetitions) →
 * `trading`, or `unreconciled` where the books differ, which is tried again. A lost connection goes back to
 * `connecting`; requests go on meanwhile, approvals wait. `#enter` alone writes the mode.
 */
export class VenueLeadership {
  readonly #parts: SessionParts;
  readonly #abort = new AbortController();
  readonly #submitter: Submitter;
  readonly #userData: UserData;
  readonly #sync: Sync;
  readonly #caller: Caller;
  readonly #resolver: Resolver;
  readonly #reconciler: Reconciler;
  readonly #ready = Promise.withResolvers<void>();
  /** Intents that this leadership itself has sent or is asking about. */
  readonly #active = new Set<number>();
  readonly #timers = new Set<NodeJS.Timeout>();
  #mode: SessionMode = 'connecting';
  #problem: string | null = null;

  constructor(parts: SessionParts, control: RunnerControl) {
    const { scope, settings, venue, db, wall } = parts;
    this.#parts = parts;
    const submitter = new Submitter(control, scope.run, this.#abort.signal);
    const symbols = scope.instruments.map(({ symbol }) => symbol);
    const truths = new Truths({ venue, db, run: scope.run, state: () => submitter.state });
    const live = scope.mode === 'live';
    const unique = randomUUID;
    const sync = new Sync({
      venue,
      submitter,
      truths,
      live,
      visibilityMs: settings.visibilityMs,
      wall,
      unique,
    });
    this.#submitter = submitter;
    const onFailure = parts.observer.failed;
    this.#userData = new UserData({ submitter, truths, venue: scope.venue, wall, onFailure });
    this.#sync = sync;
    this.#reconciler = new Reconciler({ venue, submitter, sync, symbols, wall, unique });
    this.#caller = new Caller({
      ...{ venue, submitter, truths, wall, readTradingState: parts.readTradingState },
      lockstep: scope.mode === 'lockstep',
      windowLeftMs: settings.windowLeftMs,
      onAnswer: parts.observer.answered,
    });
    this.#resolver = new Resolver({
      ...{ venue, submitter, truths, sync, wall, visibilityMs: settings.visibilityMs },
      pauseMs: settings.resolveMs,
      onFailure,
    });
  }

  get mode(): SessionMode {
    return this.#mode;
  }

  /** Why it does not trade, in words. */
  get problem(): string | null {
    return this.#problem;
  }

  /** Messages and requests that are under way, and inputs that are not committed. */
  get inFlight(): number {
    return this.#active.size + this.#submitter.pending + this.#userData.waiting;
  }

  /** Resolves after the first recovery: from then on the streams are read. */
  start(): Promise<void> {
    this.#loop().catch((error: unknown) => this.#ready.reject(error));
    const { pollMs, reconcileMs } = this.#parts.settings;
    this.#every(pollMs, () => this.#poll());
    if (reconcileMs !== null) this.#every(reconcileMs, () => this.#compareNow());
    return this.#ready.promise;
  }

  stop(): void {
    this.#enter('over', null);
    for (const timer of this.#timers) clearTimeout(timer);
    this.#timers.clear();
    this.#abort.abort(new Error('this leadership is over'));
    this.#ready.resolve();
  }

  reconcile(cause: ReconciliationCause, acceptBalances: boolean): Promise<NonNullable<ReconcileResult>> {
    return this.#compare(cause, acceptBalances);
  }

  take(effects: readonly Effect[]): void {
    if (this.#mode === 'over') return;
    for (const effect of effects) this.#take(effect);
  }

  #take(effect: Effect): void {
    switch (effect.kind) {
      case 'send':
        this.#background(this.#send(effect.intent));
        break;
      case 'resolve':
        this.#background(this.#resolve(effect.intent));
        break;
      case 'sync':
        this.#later(effect.afterMs, () => this.#sync.run([effect.symbol]));
        break;
      case 'resume': {
        const { index } = effect;
        this.#later(effect.afterMs, () => this.#submit('symbol.resumed', { index }, randomUUID()));
        break;
      }
      case 'confirm':
        this.#later(effect.afterMs, () => this.#submit('states.confirm', {}, randomUUID()));
        break;
      default:
        this.#parts.observer.noted(effect);
    }
  }

  async #loop(): Promise<void> {
    const { venue, settings, logger, observer } = this.#parts;
    let cause: ReconciliationCause = 'start';
    while (!this.#over) {
      const connection = new AbortController();
      let following: Awaited<ReturnType<ExecutionVenue['follow']>> | null = null;
      try {
        this.#enter('connecting', this.#problem);
        this.#userData.hold();
        following = await venue.follow((report) => this.#userData.hear(report));
        await this.#recover(cause);
        cause = 'connect';
        this.#ready.resolve();
        await Promise.race([following.ended, this.#compareAgain(connection.signal)]);
      } catch (error) {
        if (this.#over) return;
        observer.failed(error);
        const problem = error instanceof Error ? error.message : 'unknown failure';
        if (problem !== this.#problem) logger.warn({ err: error }, 'the venue is away; trying on');
        this.#enter('connecting', problem);
      } finally {
        connection.abort();
        following?.stop();
      }
      if (this.#over) return;
      await this.#closeGate().catch(() => undefined);
      await sleep(settings.retryMs, undefined, { signal: this.#abort.signal }).catch(() => undefined);
    }
  }

  async #recover(cause: ReconciliationCause): Promise<void> {
    this.#enter('recovering', this.#problem);
    await this.#checkClock();
    await this.#settleOpenIntents();
    if (this.#state.account.opened) await this.#sync.run(this.#symbols);
    await this.#submit('recovery.booked', {}, randomUUID());
    this.#userData.release();
    await this.#quiesce();
    await this.#compare(cause, false);
  }

  async #checkClock(): Promise<void> {
    const ahead = await this.#parts.venue.clockAhead();
    this.#parts.observer.clockAhead(ahead);
    if (Math.abs(ahead) > CLOCK_AHEAD_MS_MAX)
      throw new VenueRefused(`this host's clock is ${Math.round(-ahead)} ms from the venue's: correct it`);
  }

  /** Requests of an earlier leadership: found or not found, before anything else. */
  async #settleOpenIntents(): Promise<void> {
    const orphans = [...this.#state.intents.values()].filter(
      ({ id, state }) => state === 'open' && !this.#active.has(id),
    );
    await Promise.all(orphans.map(({ id }) => this.#resolve(id)));
  }

  /** Owed stops are answered before the books are compared. */
  async #quiesce(): Promise<void> {
    const until = this.#parts.wall() + QUIESCE_MS_MAX;
    const isOpen = () => [...this.#state.intents.values()].some(({ state }) => state === 'open');
    while (isOpen() && this.#parts.wall() < until)
      await sleep(QUIESCE_POLL_MS, undefined, { signal: this.#abort.signal });
  }

  async #compare(cause: ReconciliationCause, acceptBalances: boolean): Promise<NonNullable<ReconcileResult>> {
    const result = await this.#reconciler.run(cause, acceptBalances);
    const { clean, differences } = result;
    const atStart = this.#mode !== 'trading';
    if (clean || atStart) await this.#submit('recovery.done', { clean }, randomUUID());
    if (!clean) this.#parts.logger.error({ differences }, 'the books differ from the venue');
    if (atStart && this.#mode !== 'over')
      this.#enter(clean ? 'trading' : 'unreconciled', clean ? null : 'the books differ from the venue');
    return result;
  }

  /** Until the connection or the leadership ends: an unclean start is compared again. Never resolves. */
  async #compareAgain(connection: AbortSignal): Promise<never> {
    const signal = AbortSignal.any([connection, this.#abort.signal]);
    for (;;) {
      await sleep(UNRECONCILED_RETRY_MS, undefined, { signal });
      if (this.#mode === 'unreconciled') await this.#compare('timer', false);
    }
  }

  async #closeGate(): Promise<void> {
    if (this.#state.gate.open) await this.#submit('recovery.lost', {}, randomUUID());
  }

  async #send(id: number): Promise<void> {
    const intent = this.#state.intents.get(id);
    const order = intent && this.#state.desk.orders.get(intent.clientOrderId);
    if (intent === undefined || order === undefined) return;
    this.#active.add(id);
    try {
      if ((await this.#caller.call(intent, order)) === 'unsure') await this.#resolver.resolve(id);
    } catch (error) {
      if (this.#over) return;
      // Whatever went wrong, the request may be at the venue: queries settle it.
      this.#parts.observer.failed(error);
      await this.#resolver.resolve(id);
    } finally {
      this.#active.delete(id);
    }
  }

  async #resolve(id: number): Promise<void> {
    this.#active.add(id);
    try {
      await this.#resolver.resolve(id);
    } finally {
      this.#active.delete(id);
    }
  }

  async #poll(): Promise<void> {
    if (this.#mode !== 'trading') return;
    if (this.#parts.wall() - this.#userData.heardAt < this.#parts.settings.pollMs) return;
    const open = [...this.#state.desk.orders.values()].filter(standsAtVenue);
    const symbols = this.#symbols.filter((symbol) => open.some((order) => order.symbol === symbol));
    if (symbols.length > 0) await this.#sync.run(symbols);
  }

  async #compareNow(): Promise<void> {
    if (this.#mode !== 'trading') return;
    // Before every comparison: a clock that drifts is seen while requests are still taken.
    await this.#parts.venue.clockAhead().then(this.#parts.observer.clockAhead, this.#parts.observer.failed);
    await this.#compare('timer', false);
  }

  async #submit<Type extends LocalType>(
    type: Type,
    data: LocalInputs[Type],
    natural: string,
    options: { key?: string; time?: number; order?: string } = {},
  ): Promise<unknown> {
    const time = options.time ?? marketTime(this.#state, this.#parts.wall());
    return this.#submitter.submit(type, data, { key: 'account', ...options, time, natural });
  }

  get #state(): ExecutorState {
    return this.#submitter.state;
  }

  get #symbols(): readonly string[] {
    return this.#parts.scope.instruments.map(({ symbol }) => symbol);
  }

  get #over(): boolean {
    return this.#abort.signal.aborted;
  }

  #enter(mode: SessionMode, problem: string | null): void {
    if (this.#mode === 'over') return;
    if (mode !== this.#mode) this.#parts.logger.debug({ from: this.#mode, to: mode }, 'venue session');
    this.#mode = mode;
    this.#problem = problem;
  }

  #background(work: Promise<unknown>): void {
    work.catch((error: unknown) => {
      if (!this.#over) this.#parts.observer.failed(error);
    });
  }

  #later(afterMs: number, work: () => Promise<unknown>): void {
    const timer = setTimeout(() => {
      this.#timers.delete(timer);
      this.#background(work());
    }, afterMs);
    this.#timers.add(timer);
  }

  #every(intervalMs: number, work: () => Promise<unknown>): void {
    const again = (): void =>
      this.#later(intervalMs, async () => {
        try {
          await work();
        } finally {
          if (!this.#over) again();
        }
      });
    again();
  }
}
