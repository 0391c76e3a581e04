import { dayRulesSchema } from '@fleet/domain/supervision';
import type { DecideContext, Decided, Input, NewEvent } from '@fleet/shared/streams';
import { decide } from '../src/supervision/processor.ts';
import { emptyState, type OrchestratorState, type Scope } from '../src/supervision/state.ts';

export const RUN = 'run-1';
export const MINUTE = 60_000;
/** 2024-08-05T00:00:00Z */
export const DAY_START = 1_722_816_000_000;
export const SYMBOLS = ['BTCUSDT', 'ETHUSDT'] as const;

export const scope: Scope = {
  run: RUN,
  lockstep: true,
  rules: dayRulesSchema.parse({ lossCapResume: 'next-day' }),
  interval: '1m',
  intervalMs: MINUTE,
  quote: 'USDT',
};

export const proposal = (n: number): string => n.toString(16).padStart(64, '0');
export const cycleOf = (openTime: number): string => `1m:${openTime}`;

export interface Fed {
  readonly type: string;
  readonly stream: string | null;
  readonly data: unknown;
  /** Epoch ms. */
  readonly at: number;
}

export function bar(openTime: number, symbol: string = SYMBOLS[0], over: object = {}): Fed {
  const prices = { open: '100', high: '110', low: '90', close: '105', volume: '7' };
  const data = {
    ...{ venue: 'simulator', symbol, interval: '1m', openTime, closeTime: openTime + MINUTE },
    ...prices,
    ...{ set: [...SYMBOLS], missing: [] },
    ...over,
  };
  return { type: 'bar.closed', stream: 'market.bars', data, at: openTime + MINUTE };
}

export function signal(openTime: number, symbol: string = SYMBOLS[0]): Fed {
  const data = {
    ...{ cycleId: cycleOf(openTime), symbol, interval: '1m', openTime },
    ...{ strategy: 'ema-cross', strategyVersion: 'v1', target: 1, stopDistance: 5, confidence: 0.7 },
    ...{ reason: 'cross-up', set: [...SYMBOLS], missing: [] },
  };
  return { type: 'signal.produced', stream: 'analysis.signals', data, at: openTime + MINUTE };
}

export function planned(openTime: number, proposals: readonly string[], cycleId = cycleOf(openTime)): Fed {
  const data = { cycleId, openTime, day: '2024-08-05', proposals, skipped: [] };
  return { type: 'cycle.planned', stream: 'portfolio.events', data, at: openTime + MINUTE };
}

export interface MarkOver {
  readonly kind?: 'opening' | 'cycle';
  readonly holding?: readonly string[];
}

export function marked(
  openTime: number,
  equity: number,
  { kind = 'cycle', holding = [] }: MarkOver = {},
): Fed {
  const data = {
    ...{ kind, cycleId: cycleOf(openTime), openTime, day: '2024-08-05' },
    ...{ equity: String(equity), equityMark: equity, cash: String(equity) },
    ...{ realisedPnl: '0', unrealisedPnl: '0', fees: '0', holding, ledgerVersion: 0 },
  };
  return { type: 'equity.marked', stream: 'portfolio.events', data, at: openTime + MINUTE };
}

export function denied(id: string, cycleId: string): Fed {
  const data = {
    ...{ proposalId: id, cycleId, symbol: SYMBOLS[0], code: 'TRADING_REDUCING', figures: {} },
    message: 'TRADING_REDUCING',
  };
  return { type: 'order.denied', stream: 'risk.responses', data, at: 0 };
}

export function approved(id: string, cycleId: string): Fed {
  const data = {
    ...{ proposalId: id, cycleId, symbol: SYMBOLS[0], side: 'buy', quantity: '1', requestedQuantity: '2' },
    ...{ shrunkBy: 'POSITION_ABOVE_LIMIT', figures: { limit: 1 }, clientOrderId: id.slice(0, 32) },
    proposal: {
      ...{ side: 'buy', type: 'market', purpose: 'entry', quantity: '2', limitPrice: null },
      ...{ referencePrice: '105', stopDistance: '5', confidence: 0.7, reason: 'cross-up', sequence: 0 },
      ...{ flattenId: null, barTime: 0, stateEpoch: 1 },
    },
  };
  return { type: 'order.approved', stream: 'risk.responses', data, at: 0 };
}

let sequence = 0;

export function order(event: string, id: string | null, cycleId: string, over: object = {}): Fed {
  sequence += 1;
  const data = {
    ...{ sequence, proposalId: id, clientOrderId: (id ?? 'x').slice(0, 32), venueOrderId: '17', cycleId },
    ...{ symbol: SYMBOLS[0], side: 'buy', type: 'market', purpose: 'entry', quantity: '1', time: 0 },
    ...extra(event),
    ...over,
  };
  return { type: `order.${event}`, stream: 'exec.status', data, at: 0 };
}

function extra(event: string): object {
  if (event === 'accepted') return { limitPrice: null, triggerPrice: null };
  if (event === 'resolved') return { outcome: 'found', state: 'ACCEPTED' };
  if (event !== 'filled') return { filledQuantity: '0', reason: 'because', code: 'BECAUSE' };
  return {
    ...{ tradeId: String(sequence), price: '105', fillQuantity: '1', quoteQuantity: '105', fee: '0.001' },
    ...{ feeAsset: 'BTC', maker: false, filledQuantity: '1', complete: true, referencePrice: '105' },
    ...{ stopDistance: null, reason: '' },
  };
}

export function status(type: string, data: object): Fed {
  sequence += 1;
  return { type, stream: 'exec.status', data: { sequence, time: 0, ...data }, at: 0 };
}

export const market = (type: 'stale' | 'recovered', symbol: string): Fed => ({
  type: `market-data.${type}`,
  stream: 'market.events',
  data: { symbol },
  at: 0,
});

export const local = (type: string, data: object): Fed => ({
  type,
  stream: null,
  data: { requestId: 'r1', actor: 'kim', reason: 'because', at: 5, ...data },
  at: 5,
});

/** Runs the decision as the kit does, one input after the other, and keeps what was said. */
export class Feed {
  readonly state: OrchestratorState;
  readonly said: NewEvent[] = [];
  #count = 0;
  wall = 1_000;

  constructor(over: Partial<Scope> = {}) {
    this.state = emptyState({ ...scope, ...over });
    this.give({ type: 'run.began', stream: null, data: { at: 0 }, at: 0 });
  }

  give(fed: Fed, context: Partial<DecideContext> = {}): Decided {
    this.#count += 1;
    const input: Input = {
      ...{ id: `input-${this.#count}`, type: fed.type, key: 'k', data: fed.data, stream: fed.stream },
      ...{ ts: new Date(fed.at).toISOString(), causationId: null, requestId: 'req', traceparent: '' },
    };
    const decided = decide(this.state, input, { wallNow: this.wall, waitExpired: false, ...context });
    if (decided.kind === 'done') this.said.push(...(decided.events ?? []));
    return decided;
  }

  all(...fed: readonly Fed[]): void {
    for (const each of fed) this.give(each);
  }

  /** Gives what can be decided, in order, and tries again what waits: as streams that are read side by side. */
  untilQuiet(fed: readonly Fed[]): Fed[] {
    let left = [...fed];
    for (let moved = true; moved; ) {
      const waiting = left.filter((each) => this.give(each).kind === 'wait');
      moved = waiting.length < left.length;
      left = waiting;
    }
    return left;
  }

  types(): string[] {
    return this.said.map(({ type }) => type).filter((type) => type !== 'notification.raised');
  }

  told(): string[] {
    return this.said
      .filter(({ type }) => type === 'notification.raised')
      .map(({ data }) => (data as { code: string }).code);
  }
}

/** A run whose first day is open at 1,000. */
export function openedFeed(over: Partial<Scope> = {}): Feed {
  const feed = new Feed(over);
  feed.all(marked(DAY_START, 1_000, { kind: 'opening' }), bar(DAY_START));
  return feed;
}
