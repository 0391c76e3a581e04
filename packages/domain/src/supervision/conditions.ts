import type { TradingState } from '../events/orchestration.ts';
import { type Change, changeState } from './decide.ts';
import type { DayRules } from './rules.ts';
import type { SupervisionState } from './state.ts';

/** What makes trading unsafe although nobody decided anything; each lifts by itself when it has passed. */
export interface Conditions {
  /** The executor's last reconciliation; `unknown` before the first. */
  readonly reconciliation: 'unknown' | 'clean' | 'failed';
  /** Symbols without fresh market data; empty in a lock-step replay, where time stands between steps. */
  readonly staleSymbols: readonly string[];
}

export const NO_FAULTS: Conditions = Object.freeze({
  reconciliation: 'unknown',
  staleSymbols: Object.freeze([]),
});

type Fault = Pick<TradingState, 'reason' | 'detail'> & {
  readonly reason: 'RECONCILIATION' | 'MARKET_DATA';
};

/** The gravest condition that holds, or null. */
export function faultOf({ reconciliation, staleSymbols }: Conditions): Fault | null {
  if (reconciliation === 'failed') {
    return { reason: 'RECONCILIATION', detail: "the executor's record and the venue's differ" };
  }
  if (staleSymbols.length === 0) return null;
  return { reason: 'MARKET_DATA', detail: `no fresh bars of ${staleSymbols.join(', ')}`.slice(0, 300) };
}

/**
 * The state that holds when what held so far is lifted: a fault reduces, a target reached stays locked until its day
 * closes, else `lifted` is ACTIVE with the reason given.
 */
export function restingChange(
  state: SupervisionState,
  rules: DayRules,
  conditions: Conditions,
  lifted: Pick<Change, 'reason' | 'detail'>,
): Change {
  const fault = faultOf(conditions);
  if (fault !== null) return { ...fault, mode: 'REDUCING', cause: null };
  if (state.day?.targetReached && rules.targetPolicy !== 'ignore') {
    const detail = 'the target of the day stays reached until the day closes';
    const mode = rules.targetPolicy === 'lock' ? 'REDUCING' : 'HALTED';
    return { mode, reason: 'DAILY_TARGET', cause: null, detail };
  }
  return { mode: 'ACTIVE', cause: null, ...lifted };
}

/**
 * After a condition came or passed, or after a day lifted what it had set: a fault brings ACTIVE down to REDUCING; a
 * state that a fault has set follows the faults. What a person, target or cap has set is left alone.
 */
export function decideOnConditions(
  state: SupervisionState,
  rules: DayRules,
  conditions: Conditions,
  time: number,
): TradingState | null {
  const { mode, reason } = state.trading;
  const fault = faultOf(conditions);
  if (mode === 'ACTIVE') {
    return fault === null ? null : changeState(state, time, { ...fault, mode: 'REDUCING', cause: null });
  }
  if (reason !== 'RECONCILIATION' && reason !== 'MARKET_DATA') return null;
  if (fault?.reason === reason) return null;
  const detail =
    reason === 'RECONCILIATION' ? 'reconciliation is clean again' : 'market data are fresh again';
  return changeState(state, time, restingChange(state, rules, conditions, { reason: 'RECOVERED', detail }));
}
