export { changeState, decideOnMark, NOTHING, rollDay, type SupervisionOutcome } from './decide.ts';
export { type DayRules, dayRulesSchema } from './rules.ts';
export { dayPnlPct, initialSupervision, type Mark, type OpenDay, type SupervisionState } from './state.ts';
