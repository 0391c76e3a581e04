import type { TradingState } from '../events/orchestration.ts';
import type { DayRules } from './rules.ts';
import { dayPnlPct, type Mark, type OpenDay, type SupervisionState } from './state.ts';

/**
 * What a decision of the supervision sets in motion. Said in this order: day closed, cancel-all, state, day opened,
 * flatten. The state stands before the day on its stream, so that whoever has applied the day has applied the state
 * that the day begins with.
 */
export interface SupervisionOutcome {
  readonly dayClosed:
    | (OpenDay & {
        readonly closingEquity: string;
        readonly closingEquityMark: number;
        readonly pnlPct: number;
      })
    | null;
  readonly dayOpened: OpenDay | null;
  readonly stateChanged: TradingState | null;
  /** Null cycle: a person asked, and no cycle's mark. */
  readonly cancelAll: { readonly cycleId: string | null } | null;
  readonly flatten: { readonly flattenId: string; readonly cycleId: string | null } | null;
}

/** Nothing to do: the answer for almost every bar. */
export const NOTHING: SupervisionOutcome = Object.freeze({
  dayClosed: null,
  dayOpened: null,
  stateChanged: null,
  cancelAll: null,
  flatten: null,
});

export type Change = Pick<TradingState, 'mode' | 'reason' | 'cause' | 'detail'> & Partial<TradingState>;

/** Moves the trading state: the epoch rises by one. */
export function changeState(state: SupervisionState, time: number, change: Change): TradingState {
  state.trading = {
    actor: 'orchestrator',
    cycleId: null,
    flattenId: null,
    day: state.day?.day ?? null,
    ...change,
    epoch: state.trading.epoch + 1,
    since: time,
  };
  return state.trading;
}

/** True when the next trading day lifts this state: the target's always, the loss cap's when the rules say so. */
function liftsWithDay(trading: TradingState, rules: DayRules): boolean {
  const origin = trading.cause ?? trading.reason;
  if (origin === 'DAILY_TARGET') return true;
  return origin === 'DAILY_LOSS_CAP' && rules.lossCapResume === 'next-day';
}

/**
 * First bar of a new trading day, or of the run: closes the day before, opens the new one at the equity of the last
 * mark, and lifts what the old day had set. A flatten that is under way goes on.
 * @throws Error when no mark is known: a day cannot be opened without equity.
 */
export function rollDay(
  state: SupervisionState,
  rules: DayRules,
  day: string,
  time: number,
): SupervisionOutcome {
  const mark = state.lastMark;
  if (mark === null) throw new Error(`trading day ${day} cannot open: no equity was marked yet`);
  const closed = state.day;
  state.day = {
    day,
    openingEquity: mark.equity,
    openingEquityMark: mark.equityMark,
    openedAt: time,
    netDeposits: 0,
    targetReached: false,
    lossCapReached: false,
  };
  const lifts =
    state.trading.mode !== 'ACTIVE' &&
    state.trading.reason !== 'FLATTENING' &&
    liftsWithDay(state.trading, rules);
  const stateChanged = lifts
    ? changeState(state, time, {
        mode: 'ACTIVE',
        reason: 'NEW_DAY',
        cause: null,
        detail: `trading day ${day} begins`,
      })
    : null;
  return {
    ...NOTHING,
    dayClosed: closed && {
      ...closed,
      closingEquity: mark.equity,
      closingEquityMark: mark.equityMark,
      pnlPct: dayPnlPct(closed, mark.equityMark),
    },
    dayOpened: state.day,
    stateChanged,
  };
}

/**
 * Decides on the mark of a cycle, once, after its orders are acknowledged. What it sets binds the next bar set.
 * The loss cap comes before the target; a halt is never lifted here, except that a finished flatten of an earlier
 * day gives way to the new day.
 */
export function decideOnMark(
  state: SupervisionState,
  rules: DayRules,
  mark: Mark,
  time: number,
): SupervisionOutcome {
  state.lastMark = mark;
  const { day, trading } = state;
  if (trading.reason === 'FLATTENING' && !mark.holding) return flattened(state, rules, mark, time);
  if (day === null) return NOTHING;
  const pnlPct = dayPnlPct(day, mark.equityMark);
  if (pnlPct <= -rules.lossCapPct && !day.lossCapReached) {
    day.lossCapReached = true;
    return reached(state, mark, time, 'DAILY_LOSS_CAP', rules.lossCapFlatten ? 'flatten' : 'halt', pnlPct);
  }
  if (pnlPct >= rules.targetPct && !day.targetReached && rules.targetPolicy !== 'ignore') {
    day.targetReached = true;
    return reached(state, mark, time, 'DAILY_TARGET', rules.targetPolicy, pnlPct);
  }
  return NOTHING;
}

function flattened(state: SupervisionState, rules: DayRules, mark: Mark, time: number): SupervisionOutcome {
  const { trading } = state;
  const outlived = trading.day !== state.day?.day && liftsWithDay(trading, rules);
  const stateChanged = outlived
    ? changeState(state, time, {
        mode: 'ACTIVE',
        reason: 'NEW_DAY',
        cause: null,
        detail: 'flat, and a new day began',
        cycleId: mark.cycleId,
      })
    : changeState(state, time, {
        mode: 'HALTED',
        reason: 'FLATTENED',
        cause: capPassed(state, rules, mark) ? 'DAILY_LOSS_CAP' : trading.cause,
        detail: 'nothing sellable is left',
        cycleId: mark.cycleId,
        day: trading.day,
      });
  return { ...NOTHING, stateChanged };
}

/** A flatten for the target may sell so badly that the day ends past the loss cap: then that is what halts. */
function capPassed({ trading, day }: SupervisionState, rules: DayRules, mark: Mark): boolean {
  if (trading.cause !== 'DAILY_TARGET' || day === null) return false;
  day.lossCapReached ||= dayPnlPct(day, mark.equityMark) <= -rules.lossCapPct;
  return day.lossCapReached;
}

function reached(
  state: SupervisionState,
  mark: Mark,
  time: number,
  reason: 'DAILY_LOSS_CAP' | 'DAILY_TARGET',
  policy: 'lock' | 'flatten' | 'halt',
  pnlPct: number,
): SupervisionOutcome {
  const { trading } = state;
  // A halt stands; a flatten under way ends in one, which a target's cause would let the next day lift.
  if (trading.mode === 'HALTED') return NOTHING;
  if (trading.reason === 'FLATTENING')
    return reason === 'DAILY_LOSS_CAP' && trading.cause === 'DAILY_TARGET'
      ? flatteningByCap(state, mark, time, pnlPct)
      : NOTHING;
  const detail = `day PnL ${pnlPct.toFixed(4)} %`;
  const common = { cycleId: mark.cycleId, detail };
  if (policy === 'lock') {
    if (trading.mode !== 'ACTIVE') return NOTHING;
    return {
      ...NOTHING,
      stateChanged: changeState(state, time, { ...common, mode: 'REDUCING', reason, cause: null }),
    };
  }
  const cancelAll = { cycleId: mark.cycleId };
  if (policy === 'halt') {
    return {
      ...NOTHING,
      cancelAll,
      stateChanged: changeState(state, time, { ...common, mode: 'HALTED', reason, cause: null }),
    };
  }
  const flattenId = `flatten:${mark.cycleId}`;
  return {
    ...NOTHING,
    cancelAll,
    flatten: { flattenId, cycleId: mark.cycleId },
    stateChanged: changeState(state, time, {
      ...common,
      mode: 'REDUCING',
      reason: 'FLATTENING',
      cause: reason,
      flattenId,
    }),
  };
}

/** The sells under way go on under their own id; the halt that follows them is the loss cap's. */
function flatteningByCap(
  state: SupervisionState,
  mark: Mark,
  time: number,
  pnlPct: number,
): SupervisionOutcome {
  const { mode, reason, flattenId } = state.trading;
  const detail = `day PnL ${pnlPct.toFixed(4)} % while flattening`;
  const change = { mode, reason, cause: 'DAILY_LOSS_CAP', flattenId, detail, cycleId: mark.cycleId } as const;
  return { ...NOTHING, stateChanged: changeState(state, time, change) };
}
