export {
  clientOrderId,
  cycleId,
  ORDER_PURPOSES,
  type OrderPurpose,
  type ProposalIdentity,
  proposalId,
} from './identity.ts';
export {
  allowsOrderAction,
  isTerminal,
  nextOrderState,
  ORDER_ACTIONS,
  ORDER_STATES,
  type OrderAction,
  type OrderState,
  OrderTransitionError,
} from './lifecycle.ts';
