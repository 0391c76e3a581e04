import { text } from '@fleet/domain/money';
import type { z } from 'zod';
import { VenueUnreadable } from './errors.ts';
import type { OrderFact, TradeFact, VenueOrderStatus, VenueReport } from './port.ts';
import type {
  balanceUpdateSchema,
  canceledSchema,
  executionReportSchema,
  orderSchema,
  tradesSchema,
} from './schema.ts';

/** The vendor's fields end here. */

const STATUSES: Readonly<Record<string, VenueOrderStatus>> = {
  PENDING_NEW: 'open',
  NEW: 'open',
  PARTIALLY_FILLED: 'open',
  PENDING_CANCEL: 'open',
  FILLED: 'filled',
  CANCELED: 'canceled',
  EXPIRED: 'expired',
  EXPIRED_IN_MATCH: 'expired',
  REJECTED: 'rejected',
};

function statusOf(status: string): VenueOrderStatus {
  const known = STATUSES[status];
  if (known === undefined) throw new VenueUnreadable(`order status ${status} is not known`);
  return known;
}

export function orderFact(order: z.output<typeof orderSchema>): OrderFact {
  return {
    symbol: order.symbol,
    clientOrderId: order.clientOrderId,
    venueOrderId: order.orderId,
    side: order.side === 'BUY' ? 'buy' : 'sell',
    type: order.type,
    status: statusOf(order.status),
    quantity: text(order.origQty),
    executed: text(order.executedQty),
    time: order.transactTime ?? order.updateTime ?? 0,
  };
}

export function canceledFact(order: z.output<typeof canceledSchema>): OrderFact {
  return orderFact({ ...order, clientOrderId: order.origClientOrderId });
}

export function tradeFact(trade: z.output<typeof tradesSchema>[number]): TradeFact {
  return {
    symbol: trade.symbol,
    tradeId: trade.id,
    venueOrderId: trade.orderId,
    clientOrderId: null,
    side: trade.isBuyer ? 'buy' : 'sell',
    price: text(trade.price),
    quantity: text(trade.qty),
    quoteQuantity: text(trade.quoteQty),
    fee: text(trade.commission),
    feeAsset: trade.commissionAsset,
    maker: trade.isMaker,
    time: trade.time,
  };
}

/** Reports of an order, and of a trade; null for what changes neither (prevented trades, locks). */
export function executionOf(report: z.output<typeof executionReportSchema>): VenueReport | null {
  // A cancel names itself in `c` and the order in `C`; every other report names the order in `c`.
  const clientOrderId = report.C ? report.C : report.c;
  const side = report.S === 'BUY' ? 'buy' : 'sell';
  const head = { symbol: report.s, clientOrderId, venueOrderId: report.i, side, time: report.T } as const;
  if (report.x === 'TRADE') {
    return {
      kind: 'trade',
      executed: text(report.z),
      fact: {
        ...head,
        tradeId: report.t,
        price: text(report.L),
        quantity: text(report.l),
        quoteQuantity: text(report.Y),
        fee: text(report.n),
        feeAsset: report.N ?? '',
        maker: report.m,
      },
    };
  }
  if (report.x === 'TRADE_PREVENTION' || report.x === 'REPLACED') return null;
  const fact: OrderFact = {
    ...head,
    type: report.o,
    status: statusOf(report.X),
    quantity: text(report.q),
    executed: text(report.z),
  };
  return { kind: 'order', fact, executionId: report.I };
}

export function cashOf(update: z.output<typeof balanceUpdateSchema>): VenueReport {
  return { kind: 'cash', asset: update.a, amount: text(update.d), time: update.T };
}
