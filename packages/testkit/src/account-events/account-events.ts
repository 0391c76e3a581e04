import type { TradingState } from '@fleet/domain/events';
import { clientOrderId } from '@fleet/domain/orders';
import { BOTH, type EventFactory, type Fed, MINUTE, START } from './event-factory.ts';

/** What the reports of an order say about it. */
export interface OrderOf {
  readonly proposalId: string;
  readonly cycleId: string;
  readonly symbol: string;
  readonly side: string;
  /** Default: market. */
  readonly type?: string;
  readonly purpose: string;
  readonly quantity: string;
}

export interface FillOf {
  readonly quantity: string;
  readonly price: string;
  readonly filledQuantity: string;
  readonly complete: boolean;
  readonly fee?: string;
  readonly feeAsset?: string;
  readonly stopDistance?: string | null;
}

export type AccountEvents = ReturnType<typeof accountEvents>;

/** What the other services say to one that keeps the account: market, trading state, days, reports of the venue. */
export function accountEvents(fed: EventFactory) {
  return { ...runEvents(fed), ...venueEvents(fed), ...orderEvents(fed) };
}

function runEvents(fed: EventFactory) {
  return {
    bar(openTime: number, symbol: string, close = '100', set: readonly string[] = BOTH): Fed {
      const data = {
        ...{ venue: 'sim', symbol, interval: '1m', openTime, closeTime: openTime + MINUTE },
        ...{ open: close, high: close, low: close, close, volume: '7' },
        ...{ set, missing: BOTH.filter((one) => !set.includes(one)) },
      };
      return fed('bar.closed', data, `${symbol}|${openTime}`);
    },
    tradingState(epoch: number, changes: Partial<TradingState> = {}): Fed {
      const state = {
        ...{ mode: 'ACTIVE', epoch, reason: 'START', cause: null, detail: '', actor: 'test' },
        ...{ cycleId: null, flattenId: null, day: null, since: START },
        ...changes,
      };
      return fed('trading-state.changed', { state }, String(epoch));
    },
    dayOpened(day = '2024-08-05', openingEquityMark = 10_000): Fed {
      const openingEquity = String(openingEquityMark);
      return fed('day.opened', { day, openingEquity, openingEquityMark, openedAt: START });
    },
  };
}

function venueEvents(fed: EventFactory) {
  return {
    snapshot(sequence: number, balances: Record<string, string> = { USDT: '10000' }): Fed {
      const amounts = Object.entries(balances).map(([asset, free]) => [asset, { free, locked: '0' }]);
      return fed('account.snapshot', { sequence, balances: Object.fromEntries(amounts), time: START });
    },
    reconciled(sequence: number, frozenSymbols: readonly string[] = []): Fed {
      const clean = frozenSymbols.length === 0;
      return fed('reconciliation.completed', {
        ...{ sequence, clean, differences: [], frozenSymbols, time: START },
      });
    },
    cashMoved(sequence: number, asset: string, amount: string): Fed {
      return fed('cash.moved', { sequence, asset, amount, time: START, reason: 'test' });
    },
  };
}

function orderEvents(fed: EventFactory) {
  return {
    fill(sequence: number, order: OrderOf, of: FillOf): Fed {
      return fed('order.filled', {
        ...headOf(order),
        ...{ sequence, tradeId: String(sequence), price: of.price, fillQuantity: of.quantity },
        quoteQuantity: String(Number((Number(of.price) * Number(of.quantity)).toFixed(8))),
        ...{ fee: of.fee ?? '0', feeAsset: of.feeAsset ?? 'USDT', maker: false },
        ...{ filledQuantity: of.filledQuantity, complete: of.complete },
        ...{ referencePrice: '100', stopDistance: of.stopDistance ?? null, reason: 'test' },
      });
    },
    ended(sequence: number, order: OrderOf, how: 'canceled' | 'expired' | 'rejected'): Fed {
      const code = how === 'rejected' ? { code: 'TEST' } : {};
      return fed(`order.${how}`, {
        ...headOf(order),
        ...{ sequence, filledQuantity: '0', reason: 'test' },
        ...code,
      });
    },
    unknown(sequence: number, order: OrderOf): Fed {
      return fed('order.unknown', { ...headOf(order), sequence, reason: 'test' });
    },
    resolved(sequence: number, order: OrderOf): Fed {
      return fed('order.resolved', { ...headOf(order), sequence, outcome: 'found', state: 'ACCEPTED' });
    },
  };
}

const headOf = (order: OrderOf) => ({
  proposalId: order.proposalId,
  clientOrderId: clientOrderId(order.proposalId),
  venueOrderId: '1',
  cycleId: order.cycleId,
  symbol: order.symbol,
  side: order.side,
  type: order.type ?? 'market',
  purpose: order.purpose,
  quantity: order.quantity,
  time: START,
});
