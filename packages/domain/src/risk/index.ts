export {
  applyRiskFill,
  applyTradingState,
  observeRiskBar,
  openRiskDay,
  type RiskFill,
  releaseReservation,
} from './bookings.ts';
export type { GateContext, Proposal } from './check.ts';
export { RISK_CODE_NAMES, RISK_CODES, type RiskCode, type RiskCodeName } from './codes.ts';
export { denialText, judge, payloadHash, record } from './gate.ts';
export { type RiskLimits, riskLimitsSchema } from './limits.ts';
export {
  DECISIONS_MAX,
  type EarlierDecision,
  emptyRiskState,
  type Figures,
  type HeldRisk,
  type Reservation,
  type RiskMarket,
  type RiskSetup,
  type RiskState,
  riskBalance,
  setRiskBalance,
  type Verdict,
} from './state.ts';
