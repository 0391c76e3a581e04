import { decimal, text } from '@fleet/domain/money';
import { allowsOrderAction, nextOrderState, type OrderAction, type OrderState } from '@fleet/domain/orders';

/** What the executor has told of one order of ours. */
export interface TrackedOrder {
  readonly proposalId: string;
  readonly clientOrderId: string;
  venueOrderId: string | null;
  readonly cycleId: string | null;
  readonly symbol: string;
  readonly side: 'buy' | 'sell';
  readonly type: string;
  readonly purpose: string;
  readonly quantity: string;
  limitPrice: string | null;
  triggerPrice: string | null;
  state: OrderState;
  /** The venue holds it or held it, or it has ended: no cycle waits for it. */
  acknowledged: boolean;
  filled: string;
  reason: string;
  acceptedAt: number | null;
  changedAt: number;
  sequence: number;
}

/** The part that every order event of `exec.status` has. */
export interface OrderHead {
  readonly sequence: number;
  readonly proposalId: string | null;
  readonly clientOrderId: string;
  readonly venueOrderId: string | null;
  readonly cycleId: string | null;
  readonly symbol: string;
  readonly side: 'buy' | 'sell';
  readonly type: string;
  readonly purpose: string;
  readonly quantity: string;
  readonly time: number;
}

/** What an event says beyond the head; absent fields leave what is known. */
export interface OrderNews {
  readonly filledQuantity?: string;
  readonly complete?: boolean;
  readonly reason?: string;
  readonly limitPrice?: string | null;
  readonly triggerPrice?: string | null;
  readonly outcome?: 'found' | 'absent';
}

/** An event that the lifecycle does not allow: it is taken as it is, since the venue's word counts, and audited. */
export interface Violation {
  readonly from: OrderState;
  readonly action: OrderAction;
}

/** First sight of an order: it is on its way. Approval and submit are told on no stream that is read here. */
export function newTrack(head: OrderHead & { readonly proposalId: string }): TrackedOrder {
  const { proposalId, clientOrderId, venueOrderId, cycleId, symbol, side, type, purpose, quantity } = head;
  return {
    ...{ proposalId, clientOrderId, venueOrderId, cycleId, symbol, side, type, purpose, quantity },
    limitPrice: null,
    triggerPrice: null,
    state: 'SUBMITTING',
    acknowledged: false,
    filled: '0',
    reason: '',
    acceptedAt: null,
    changedAt: head.time,
    sequence: head.sequence,
  };
}

/** Takes one event of `exec.status`. Returns what the lifecycle has against it, or null. */
export function takeOrderEvent(
  order: TrackedOrder,
  type: string,
  head: OrderHead,
  news: OrderNews,
): Violation | null {
  const from = order.state;
  const action = actionOf(type, news);
  order.venueOrderId = head.venueOrderId ?? order.venueOrderId;
  order.changedAt = head.time;
  order.sequence = head.sequence;
  order.acknowledged ||= acknowledges(type, news);
  if (news.filledQuantity !== undefined) order.filled = larger(order.filled, news.filledQuantity);
  if (news.reason !== undefined && news.reason !== '') order.reason = news.reason;
  order.limitPrice = news.limitPrice ?? order.limitPrice;
  order.triggerPrice = news.triggerPrice ?? order.triggerPrice;
  if (type === 'order.accepted') order.acceptedAt ??= head.time;
  if (action === null) return null;
  if (allowsOrderAction(from, action)) {
    order.state = nextOrderState(from, action);
    return null;
  }
  order.state = TAKEN[action] ?? from;
  return { from, action };
}

/** Where an event leads that the lifecycle does not allow. */
const TAKEN: Partial<Record<OrderAction, OrderState>> = {
  accept: 'ACCEPTED',
  'fill-part': 'PARTIALLY_FILLED',
  'fill-rest': 'FILLED',
  reject: 'REJECTED',
  cancel: 'CANCELED',
  expire: 'EXPIRED',
  'lose-sight': 'UNKNOWN',
};

const ACTIONS: Readonly<Record<string, OrderAction>> = {
  'order.accepted': 'accept',
  'order.canceled': 'cancel',
  'order.rejected': 'reject',
  'order.expired': 'expire',
  'order.unknown': 'lose-sight',
};

function actionOf(type: string, { complete, outcome }: OrderNews): OrderAction | null {
  if (type === 'order.filled') return complete === true ? 'fill-rest' : 'fill-part';
  // Found: the event that says as what follows by itself. Absent: it goes out again, or expires.
  if (type === 'order.resolved') return outcome === 'absent' ? 'submit' : null;
  return ACTIONS[type] ?? null;
}

function acknowledges(type: string, { outcome }: OrderNews): boolean {
  if (type === 'order.unknown') return false;
  return type !== 'order.resolved' || outcome === 'found';
}

function larger(left: string, right: string): string {
  return text(decimal(left).gt(right) ? left : right);
}
