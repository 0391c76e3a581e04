export {
  type Conditions,
  decideOnConditions,
  faultOf,
  NO_FAULTS,
  restingChange,
} from './conditions.ts';
export { changeState, decideOnMark, NOTHING, rollDay, type SupervisionOutcome } from './decide.ts';
export {
  decideFlattenTimeout,
  decideHalt,
  decideReduce,
  decideUnhalt,
  type PersonsRequest,
  type PersonsRuling,
  REFUSAL_CODES,
  type RefusalCode,
  resetDay,
} from './persons.ts';
export { type DayRules, dayRulesSchema } from './rules.ts';
export { dayPnlPct, initialSupervision, type Mark, type OpenDay, type SupervisionState } from './state.ts';
