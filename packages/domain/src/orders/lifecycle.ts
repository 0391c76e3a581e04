/** States of an order from proposal to end. */
export const ORDER_STATES = [
  'PROPOSED',
  'DENIED',
  'AUTHORISED',
  'SUBMITTING',
  'ACCEPTED',
  'PARTIALLY_FILLED',
  'FILLED',
  'REJECTED',
  'CANCEL_PENDING',
  'CANCELED',
  'EXPIRED',
  'UNKNOWN',
] as const;
export type OrderState = (typeof ORDER_STATES)[number];

/** What can happen to an order. */
export const ORDER_ACTIONS = [
  'deny',
  'authorise',
  'submit',
  'accept',
  'fill-part',
  'fill-rest',
  'reject',
  'request-cancel',
  'cancel',
  'expire',
  'lose-sight',
] as const;
export type OrderAction = (typeof ORDER_ACTIONS)[number];

type Row = Partial<Record<OrderAction, OrderState>>;

/**
 * The whole lifecycle. An action that a row does not name is an error that is audited.
 * Fills may overtake the answer to the submit (SUBMITTING → FILLED), and a venue may still report a fill
 * that happened before a cancel took effect (CANCELED or EXPIRED → a fill): such fills are real and are booked.
 */
const TABLE: Readonly<Record<OrderState, Row>> = {
  PROPOSED: { deny: 'DENIED', authorise: 'AUTHORISED' },
  DENIED: {},
  // An approval may run out, or the trading state may forbid it, before anything was sent.
  AUTHORISED: { submit: 'SUBMITTING', expire: 'EXPIRED', cancel: 'CANCELED', reject: 'REJECTED' },
  SUBMITTING: {
    accept: 'ACCEPTED',
    reject: 'REJECTED',
    'fill-part': 'PARTIALLY_FILLED',
    'fill-rest': 'FILLED',
    cancel: 'CANCELED',
    expire: 'EXPIRED',
    'lose-sight': 'UNKNOWN',
  },
  ACCEPTED: {
    'fill-part': 'PARTIALLY_FILLED',
    'fill-rest': 'FILLED',
    'request-cancel': 'CANCEL_PENDING',
    cancel: 'CANCELED',
    expire: 'EXPIRED',
    reject: 'REJECTED',
  },
  PARTIALLY_FILLED: {
    'fill-part': 'PARTIALLY_FILLED',
    'fill-rest': 'FILLED',
    'request-cancel': 'CANCEL_PENDING',
    cancel: 'CANCELED',
    expire: 'EXPIRED',
  },
  FILLED: {},
  REJECTED: {},
  CANCEL_PENDING: {
    'fill-part': 'CANCEL_PENDING',
    'fill-rest': 'FILLED',
    cancel: 'CANCELED',
    expire: 'EXPIRED',
    // The venue refused the cancel: the order stands.
    accept: 'ACCEPTED',
    'lose-sight': 'UNKNOWN',
  },
  CANCELED: { 'fill-part': 'CANCELED', 'fill-rest': 'FILLED' },
  EXPIRED: { 'fill-part': 'EXPIRED', 'fill-rest': 'FILLED' },
  UNKNOWN: {
    accept: 'ACCEPTED',
    reject: 'REJECTED',
    'fill-part': 'PARTIALLY_FILLED',
    'fill-rest': 'FILLED',
    cancel: 'CANCELED',
    expire: 'EXPIRED',
    // Proven absent at the venue, approval and state still allow it: the same id goes out again.
    submit: 'SUBMITTING',
  },
};

const TERMINAL: ReadonlySet<OrderState> = new Set(['DENIED', 'FILLED', 'REJECTED', 'CANCELED', 'EXPIRED']);

/** An order event that the lifecycle does not allow; it is audited, never ignored. */
export class OrderTransitionError extends Error {
  readonly code = 'ORDER_TRANSITION_NOT_ALLOWED';
  override readonly name = 'OrderTransitionError';
  readonly from: OrderState;
  readonly action: OrderAction;
  constructor(from: OrderState, action: OrderAction) {
    super(`order in state ${from} cannot ${action}`);
    this.from = from;
    this.action = action;
  }
}

/**
 * State after `action`.
 * @throws OrderTransitionError when the table has no such row.
 */
export function nextOrderState(from: OrderState, action: OrderAction): OrderState {
  const to = TABLE[from][action];
  if (to === undefined) throw new OrderTransitionError(from, action);
  return to;
}

/** True when `action` is allowed in state `from`. */
export function allowsOrderAction(from: OrderState, action: OrderAction): boolean {
  return TABLE[from][action] !== undefined;
}

/** True for states that no order leaves, except by a late fill. */
export function isTerminal(state: OrderState): boolean {
  return TERMINAL.has(state);
}
