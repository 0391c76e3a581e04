export { canonicalOrder, deskOrderOf, refuseSubmit, type SubmitRefusal } from './approval.ts';
export { isUnprotected, nextCommand, repeatCommand } from './commands.ts';
export {
  type DeskOrder,
  type DeskState,
  emptyDesk,
  type SymbolDesk,
  type VenueCommand,
} from './desk-state.ts';
export {
  type HeldAround,
  type ProtectedFill,
  type Protection,
  protectAfterFill,
  protectiveTrigger,
  UNPROTECTED,
} from './protection.ts';
export {
  accepted,
  authorise,
  cancelEntries,
  cancelRefused,
  cancelStops,
  type DeskEvent,
  ended,
  filled,
  forgetEnded,
  lostSight,
  MARKET_CLOSED,
  openEntries,
  REPLACE_NOT_SENT,
  remainingQuantity,
  requestCancel,
  type TradeReport,
  UnknownOrderError,
} from './reports.ts';
