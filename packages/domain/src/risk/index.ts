export { RISK_CODE_NAMES, RISK_CODES, type RiskCode, type RiskCodeName } from './codes.ts';
