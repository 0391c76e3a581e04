import { eventId } from '@fleet/domain/events';
import type { DeskEvent, DeskOrder } from '@fleet/domain/execution';
import { text } from '@fleet/domain/money';
import { marketTime } from './state.ts';
import type { Turn } from './turn.ts';

type Fields = Readonly<Record<string, unknown>>;

/**
 * Says something on `exec.status`. Every event has the next sequence of the account, counted in the state that the
 * same commit stores: no gap, no repetition.
 */
export function speak(
  turn: Turn,
  type: string,
  data: Fields,
  about: { key?: string; id?: string } = {},
): number {
  const { account, scope } = turn.state;
  account.sequence += 1;
  const time = Number(data['time']);
  turn.events.push({
    type,
    key: about.key ?? scope.run,
    ts: new Date(time).toISOString(),
    data: { sequence: account.sequence, ...data },
    ...(about.id === undefined ? {} : { id: about.id }),
  });
  return account.sequence;
}

/** What became of an order, and its line in the order's history. */
export function speakOfOrder(
  turn: Turn,
  type: string,
  order: DeskOrder,
  detail: { time: number; fields?: Fields; words?: string; id?: string },
): void {
  const { time, fields = {}, words = '', id } = detail;
  const sequence = speak(
    turn,
    type,
    { ...headOf(order), time, ...fields },
    { key: order.symbol, ...(id === undefined ? {} : { id }) },
  );
  const row = {
    run: turn.state.scope.run,
    sequence,
    client_order_id: order.clientOrderId,
    type,
    state: order.state,
    time,
    detail: words,
  };
  turn.state.appended.push({ table: 'order_events', row });
}

function headOf(order: DeskOrder): Fields {
  return {
    proposalId: order.proposalId,
    clientOrderId: order.clientOrderId,
    venueOrderId: order.venueOrderId,
    cycleId: order.cycleId,
    symbol: order.symbol,
    side: order.side,
    type: order.type,
    purpose: order.purpose,
    quantity: order.quantity,
  };
}

const ENDED_TYPES = {
  canceled: 'order.canceled',
  expired: 'order.expired',
  rejected: 'order.rejected',
} as const;

/** The desk's event as `exec.status` says it. */
export function speakDeskEvent(turn: Turn, event: DeskEvent): void {
  const { order } = event;
  switch (event.kind) {
    case 'accepted': {
      const { limitPrice, triggerPrice } = order;
      noteAccepted(turn, order);
      speakOfOrder(turn, 'order.accepted', order, { time: event.time, fields: { limitPrice, triggerPrice } });
      return;
    }
    case 'filled':
      speakFill(turn, event);
      if (event.complete) noteEnd(turn, order);
      return;
    case 'ended': {
      const { time, code, how } = event;
      const reason = event.reason.slice(0, 300);
      const fields = { filledQuantity: text(order.filled), reason, ...(how === 'rejected' ? { code } : {}) };
      const words = code === reason ? code : `${code}: ${reason}`;
      speakOfOrder(turn, ENDED_TYPES[how], order, { time, fields, words });
      noteEnd(turn, order);
      return;
    }
    case 'unknown': {
      const reason = event.reason.slice(0, 300);
      turn.effects.push({ kind: 'unknown' });
      speakOfOrder(turn, 'order.unknown', order, { time: event.time, fields: { reason }, words: reason });
    }
  }
}

/** Counted from this process's own taking of the approval: an order of before a restart has no such time. */
function noteAccepted({ state, now, effects }: Turn, { clientOrderId }: DeskOrder): void {
  const takenAt = state.takenAt.get(clientOrderId);
  if (takenAt === undefined) return;
  state.takenAt.delete(clientOrderId);
  effects.push({ kind: 'accepted', afterMs: now - takenAt });
}

function noteEnd(turn: Turn, { clientOrderId, state, purpose }: DeskOrder): void {
  turn.state.takenAt.delete(clientOrderId);
  turn.effects.push({ kind: 'ended', state, purpose });
}

function speakFill(turn: Turn, event: Extract<DeskEvent, { kind: 'filled' }>): void {
  const { order, trade, complete } = event;
  const { run, venue } = turn.state.scope;
  speakOfOrder(turn, 'order.filled', order, {
    time: trade.time,
    id: eventId(run, 'order.filled', `${venue}|${order.symbol}|${trade.tradeId}`),
    words: `${trade.quantity} at ${trade.price}`,
    fields: {
      tradeId: trade.tradeId,
      price: trade.price,
      fillQuantity: trade.quantity,
      quoteQuantity: trade.quoteQuantity,
      fee: trade.fee,
      feeAsset: trade.feeAsset,
      maker: trade.maker,
      filledQuantity: text(order.filled),
      complete,
      referencePrice: order.referencePrice,
      stopDistance: order.stopDistance,
      reason: order.reason,
    },
  });
}

export interface Alarm {
  readonly code: string;
  readonly severity: 'warning' | 'critical';
  readonly title: string;
  readonly text: string;
  /** What is the same thing; the code and this. */
  readonly about: string;
  readonly figures?: Readonly<Record<string, string | number | null>>;
}

/** Tells people. */
export function alarm(turn: Turn, { about, figures = {}, ...words }: Alarm): void {
  turn.events.push({
    type: 'notification.raised',
    key: turn.state.scope.run,
    ts: new Date(Math.max(0, marketTime(turn.state, turn.now))).toISOString(),
    data: {
      ...words,
      title: words.title.slice(0, 200),
      text: words.text.slice(0, 2_000),
      dedupeKey: `${words.code}:${about}`.slice(0, 200),
      figures,
      raisedBy: 'trade-executor',
    },
  });
}
