import {
  cancelAllRequested,
  dayClosed,
  dayOpened,
  flattenRequested,
  type TradingState,
  tradingStateChanged,
} from '@fleet/domain/events';
import { decideOnConditions, type OpenDay, type SupervisionOutcome } from '@fleet/domain/supervision';
import { emptyCycle } from '../cycles/cycle.ts';
import { identity } from '../identity.ts';
import type { Turn } from './turn.ts';

/** Who set it in motion; a mark's decision is the orchestrator's own. */
export interface Origin {
  /** Epoch ms that the events carry. */
  readonly at: number;
  /** Tells one occasion from another: a cycle, or a person's request. */
  readonly occasion: string;
  readonly requestedBy?: string;
}

/**
 * Says, records and audits a decision. The state stands before the day on their stream: whoever has applied the day has
 * applied the state that it begins with.
 */
export function carryOut(turn: Turn, outcome: SupervisionOutcome, origin: Origin): void {
  const { at, occasion, requestedBy = identity.name } = origin;
  if (outcome.dayClosed !== null) closeDay(turn, outcome.dayClosed, origin);
  if (outcome.cancelAll !== null) {
    const { cycleId } = outcome.cancelAll;
    const requestId = `cancel:${occasion}`.slice(0, 100);
    turn.say(cancelAllRequested.type, requestId, at, { requestId, cancelStops: false, cycleId, requestedBy });
  }
  if (outcome.stateChanged !== null) {
    recordState(turn, outcome.stateChanged, at);
    applyConditions(turn, at);
  }
  if (outcome.dayOpened !== null) openDay(turn, outcome.dayOpened, origin);
  if (outcome.flatten !== null) startFlatten(turn, outcome.flatten, { at, occasion, requestedBy });
}

export function recordState(turn: Turn, trading: TradingState, at: number): void {
  const { changes } = turn.state;
  turn.say(tradingStateChanged.type, String(trading.epoch), at, { state: trading });
  changes.trading.push(trading);
  changes.run = true;
  turn.audit({ kind: 'state.changed', actor: trading.actor, detail: { ...trading } });
  turn.effects.push({ kind: 'state', trading });
  if (trading.epoch > 1) tellState(turn, trading, at);
}

/** What is wrong brings a state down that something else has lifted; what has passed lifts its own. */
export function applyConditions(turn: Turn, at: number): void {
  const { supervision, scope, conditions } = turn.state;
  const changed = decideOnConditions(supervision, scope.rules, conditions, at);
  if (changed !== null) recordState(turn, changed, at);
}

/** The day's row as it stands, before it is closed. */
export function noteDay(turn: Turn): void {
  const { supervision, changes } = turn.state;
  if (supervision.day !== null)
    changes.days.set(supervision.day.day, dayRow(turn, supervision.day, NOT_CLOSED));
  changes.run = true;
}

const NOT_CLOSED = { closed_at: null, closing_equity: null, pnl_pct: null };

function dayRow(turn: Turn, day: OpenDay, closing: typeof NOT_CLOSED | Readonly<Record<string, unknown>>) {
  return {
    run: turn.state.scope.run,
    day: day.day,
    opened_at: day.openedAt,
    opening_equity: day.openingEquity,
    net_deposits: day.netDeposits,
    target_reached: day.targetReached,
    loss_cap_reached: day.lossCapReached,
    ...closing,
  };
}

function closeDay(turn: Turn, closed: NonNullable<SupervisionOutcome['dayClosed']>, { at }: Origin): void {
  const { day, closingEquity, closingEquityMark, pnlPct, targetReached, lossCapReached } = closed;
  const said = { day, closingEquity, closingEquityMark, pnlPct, targetReached, lossCapReached, closedAt: at };
  turn.say(dayClosed.type, day, at, said);
  const closing = { closed_at: at, closing_equity: closingEquity, pnl_pct: pnlPct };
  turn.state.changes.days.set(day, dayRow(turn, closed, closing));
  turn.audit({ kind: 'day.closed', detail: { ...said, openingEquity: closed.openingEquity } });
  turn.notify(at, `day|${day}`, {
    dedupeKey: `DAY_CLOSED:${day}`,
    severity: 'info',
    code: 'DAY_CLOSED',
    title: `Trading day ${day}: ${pnlPct.toFixed(2)} %`,
    text: 'Profit of the day in percent of its opening equity, fees included, deposits not counted.',
    figures: { pnlPct, openingEquity: closed.openingEquity, closingEquity },
  });
}

function openDay(turn: Turn, day: OpenDay, { at, occasion }: Origin): void {
  const { openingEquity, openingEquityMark, openedAt } = day;
  const said = { day: day.day, openingEquity, openingEquityMark, openedAt };
  turn.say(dayOpened.type, `${day.day}|${occasion}`, at, said);
  noteDay(turn);
  turn.audit({ kind: 'day.opened', detail: said });
  turn.effects.push({ kind: 'figures' });
}

function startFlatten(
  turn: Turn,
  { flattenId, cycleId }: NonNullable<SupervisionOutcome['flatten']>,
  { at, requestedBy = identity.name }: Origin,
): void {
  const { state } = turn;
  const stateEpoch = state.supervision.trading.epoch;
  turn.say(flattenRequested.type, flattenId, at, { flattenId, stateEpoch, cycleId, requestedBy });
  turn.audit({ kind: 'flatten.requested', actor: requestedBy, detail: { flattenId, stateEpoch, cycleId } });
  if (state.cycles.get(flattenId) !== undefined) return;
  const openTime = state.supervision.lastMark?.openTime ?? 0;
  const cycle = state.cycles.add(
    emptyCycle({ cycleId: flattenId, kind: 'orders', parent: cycleId, openTime }),
  );
  cycle.openedAt = turn.context.wallNow;
  turn.touch(cycle);
}

const TOLD = {
  ACTIVE: { severity: 'info', code: 'TRADING_RESUMED', title: 'Trading goes on' },
  REDUCING: { severity: 'warning', code: 'TRADING_REDUCING', title: 'Only orders that reduce positions' },
  HALTED: { severity: 'critical', code: 'TRADING_HALTED', title: 'Trading is halted' },
} as const;

function tellState(turn: Turn, trading: TradingState, at: number): void {
  const { mode, reason, cause, detail, actor, epoch, cycleId } = trading;
  const { title, ...told } = TOLD[mode];
  turn.notify(at, `state|${epoch}`, {
    ...told,
    dedupeKey: `TRADING_STATE:${mode}:${reason}`,
    title: `${title}: ${reason}`,
    text: `${detail}. Set by ${actor}.`,
    figures: { epoch, cause, cycleId },
  });
}
