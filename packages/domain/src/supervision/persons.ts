import type { TradingState } from '../events/orchestration.ts';
import { type Conditions, faultOf, restingChange } from './conditions.ts';
import { changeState, NOTHING, type SupervisionOutcome } from './decide.ts';
import type { DayRules } from './rules.ts';
import type { SupervisionState } from './state.ts';

export interface PersonsRequest {
  /** Epoch ms. */
  readonly time: number;
  readonly actor: string;
  /** In the person's words. */
  readonly reason: string;
}

/** Why a person's wish is refused; each is an error code of the service. */
export const REFUSAL_CODES = [
  'TRADING_NOT_STOPPED',
  'FLATTEN_UNDER_WAY',
  'RECONCILIATION_NOT_CLEAN',
  'MARKET_DATA_NOT_FRESH',
  'DAILY_TARGET_REACHED',
  'NO_OPEN_DAY',
] as const;
export type RefusalCode = (typeof REFUSAL_CODES)[number];

export type PersonsRuling =
  | { readonly kind: 'done'; readonly outcome: SupervisionOutcome }
  /** What was asked for holds already. */
  | { readonly kind: 'unchanged' }
  | { readonly kind: 'refused'; readonly code: RefusalCode; readonly message: string };

const UNCHANGED: PersonsRuling = Object.freeze({ kind: 'unchanged' });

function changed(stateChanged: TradingState, more: Partial<SupervisionOutcome> = {}): PersonsRuling {
  return { kind: 'done', outcome: { ...NOTHING, ...more, stateChanged } };
}

function refused(code: RefusalCode, message: string): PersonsRuling {
  return { kind: 'refused', code, message };
}

/** True for a state that a target reached has set, also by way of a flatten. */
function setByTarget({ reason, cause }: TradingState): boolean {
  return (cause ?? reason) === 'DAILY_TARGET';
}

/**
 * Stops trading at once: open entries are canceled, and only a person lifts it. With `flattenId` everything sellable
 * is sold first (REDUCING, reason FLATTENING; the halt follows when nothing is left). A halt that something else has
 * set becomes the person's, so that no new day lifts it.
 */
export function decideHalt(
  state: SupervisionState,
  request: PersonsRequest & { readonly flattenId: string | null },
): PersonsRuling {
  const { time, actor, flattenId } = request;
  const { trading } = state;
  const detail = request.reason.slice(0, 300);
  const common = { actor, detail, cause: null };
  const cancelAll = { cycleId: null };
  if (flattenId === null || trading.reason === 'FLATTENED') {
    if (trading.mode === 'HALTED' && (trading.cause ?? trading.reason) === 'ADMIN') return UNCHANGED;
    return changed(changeState(state, time, { ...common, mode: 'HALTED', reason: 'ADMIN' }), { cancelAll });
  }
  const flattening = { ...common, mode: 'REDUCING', reason: 'FLATTENING', cause: 'ADMIN' } as const;
  if (trading.reason !== 'FLATTENING') {
    const stateChanged = changeState(state, time, { ...flattening, flattenId });
    return changed(stateChanged, { cancelAll, flatten: { flattenId, cycleId: null } });
  }
  if (trading.cause === 'ADMIN') return UNCHANGED;
  // The sells under way go on under their own id.
  return changed(changeState(state, time, { ...flattening, flattenId: trading.flattenId }));
}

/** Lifts a halt or a reduction; refuses what a person may not lift. */
export function decideUnhalt(
  state: SupervisionState,
  rules: DayRules,
  conditions: Conditions,
  request: PersonsRequest,
): PersonsRuling {
  const { trading } = state;
  if (trading.mode === 'ACTIVE') return refused('TRADING_NOT_STOPPED', 'trading is active already');
  if (trading.reason === 'FLATTENING') return flattenUnderWay(trading);
  const fault = faultOf(conditions);
  if (fault !== null) {
    const code = fault.reason === 'RECONCILIATION' ? 'RECONCILIATION_NOT_CLEAN' : 'MARKET_DATA_NOT_FRESH';
    return refused(code, fault.detail);
  }
  const locked = state.day?.targetReached === true && rules.targetPolicy === 'flatten';
  if (setByTarget(trading) || locked) return targetReached(state);
  const lifted = { reason: 'ADMIN', detail: request.reason.slice(0, 300) } as const;
  const change = restingChange(state, rules, conditions, lifted);
  return changed(changeState(state, request.time, { ...change, actor: request.actor }));
}

/** Allows only what makes positions smaller, until a person lifts it. */
export function decideReduce(state: SupervisionState, request: PersonsRequest): PersonsRuling {
  const { trading } = state;
  if (trading.reason === 'FLATTENING') return flattenUnderWay(trading);
  if (trading.mode === 'REDUCING' && trading.reason === 'ADMIN') return UNCHANGED;
  if (trading.mode === 'HALTED' && setByTarget(trading)) return targetReached(state);
  const { time, actor, reason } = request;
  const detail = reason.slice(0, 300);
  return changed(changeState(state, time, { actor, detail, mode: 'REDUCING', reason: 'ADMIN', cause: null }));
}

/**
 * Opens the trading day anew at the equity of the last mark: its profit, target and cap count from here. Lifts what
 * the target had set; a loss cap's halt stays for a person to lift.
 */
export function resetDay(
  state: SupervisionState,
  rules: DayRules,
  conditions: Conditions,
  request: PersonsRequest,
): PersonsRuling {
  const { day, lastMark, trading } = state;
  if (day === null || lastMark === null)
    return refused('NO_OPEN_DAY', 'no trading day is open: no equity was marked yet');
  if (trading.reason === 'FLATTENING') return flattenUnderWay(trading);
  state.day = {
    day: day.day,
    openingEquity: lastMark.equity,
    openingEquityMark: lastMark.equityMark,
    openedAt: request.time,
    netDeposits: 0,
    targetReached: false,
    lossCapReached: false,
  };
  const dayOpened = state.day;
  if (trading.mode === 'ACTIVE' || !setByTarget(trading))
    return { kind: 'done', outcome: { ...NOTHING, dayOpened } };
  const lifted = { reason: 'ADMIN', detail: request.reason.slice(0, 300) } as const;
  const change = restingChange(state, rules, conditions, lifted);
  return changed(changeState(state, request.time, { ...change, actor: request.actor }), { dayOpened });
}

/** A flatten that took too long ends in a halt; `held` is what could not be sold. Null when it is not under way. */
export function decideFlattenTimeout(
  state: SupervisionState,
  time: number,
  flattenId: string,
  held: readonly string[],
): TradingState | null {
  const { trading } = state;
  if (trading.reason !== 'FLATTENING' || trading.flattenId !== flattenId) return null;
  const rest = held.length === 0 ? 'what is left is not known' : `still held: ${held.join(', ')}`;
  return changeState(state, time, {
    mode: 'HALTED',
    reason: 'FLATTENED',
    cause: trading.cause,
    detail: `the flatten took too long; ${rest}`.slice(0, 300),
    day: trading.day,
  });
}

function flattenUnderWay({ flattenId }: TradingState): PersonsRuling {
  return refused('FLATTEN_UNDER_WAY', `everything is being sold (${flattenId}); a halt follows`);
}

function targetReached(state: SupervisionState): PersonsRuling {
  const day = state.day?.day ?? 'the day';
  return refused('DAILY_TARGET_REACHED', `the target of ${day} was reached; the next trading day lifts it`);
}
