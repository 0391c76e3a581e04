import { ZERO } from '../money/index.ts';
import { type Check, missing } from './check.ts';
import { riskBalance } from './state.ts';

/** 2: older than it is valid, or what it names did not come in time. */
export const proposalExpired: Check = ({ proposal, context }) => {
  if (context.joinExpired)
    return { code: 'PROPOSAL_EXPIRED', figures: { missing: 'inputs that the proposal names' } };
  const ageMs = context.market - proposal.decidedAt;
  return ageMs > proposal.validForMs
    ? { code: 'PROPOSAL_EXPIRED', figures: { ageMs, validForMs: proposal.validForMs } }
    : null;
};

/** 3: halted, or flattening and no sell of that flatten. */
export const tradingHalted: Check = ({ state, proposal }) => {
  const { trading } = state;
  if (trading === null) return missing('TRADING_HALTED', 'trading state');
  if (trading.mode === 'HALTED')
    return { code: 'TRADING_HALTED', figures: { reason: trading.reason, epoch: trading.epoch } };
  if (trading.reason !== 'FLATTENING') return null;
  if (proposal.side === 'sell' && proposal.flattenId !== null && proposal.flattenId === trading.flattenId)
    return null;
  return {
    code: 'TRADING_HALTED',
    figures: { reason: 'FLATTENING', flattenId: trading.flattenId, epoch: trading.epoch },
  };
};

/** 4: reducing, and the order does not bring the position down or would take it through zero. */
export const tradingReducing: Check = ({ state, proposal, instrument, quantity }) => {
  const { trading } = state;
  if (trading === null) return missing('TRADING_REDUCING', 'trading state');
  if (trading.mode !== 'REDUCING') return null;
  const held = riskBalance(state, instrument.base);
  if (proposal.side === 'sell' && quantity.lte(held) && held.gt(ZERO)) return null;
  return {
    code: 'TRADING_REDUCING',
    figures: { reason: trading.reason, epoch: trading.epoch, held: held.toFixed(), side: proposal.side },
  };
};

/** 5: not on the allow list, or frozen. (No instrument at all is found before the checks run.) */
export const symbolAllowed: Check = ({ state, proposal }) => {
  if (!state.limits.allowedSymbols.includes(proposal.symbol)) {
    return { code: 'SYMBOL_NOT_ALLOWED', figures: { symbol: proposal.symbol } };
  }
  const why = state.frozen.get(proposal.symbol);
  return why === undefined ? null : { code: 'SYMBOL_FROZEN', figures: { symbol: proposal.symbol, why } };
};

/** 6 ↑: outside the configured windows, or on a blackout date. */
export const tradingWindow: Check = ({ state, context, raises }) => {
  const { tradingWindows, blackoutDates } = state.limits;
  if (!raises || (tradingWindows.length === 0 && blackoutDates.length === 0)) return null;
  const local = context.localTime(context.market);
  if (blackoutDates.includes(local.date))
    return { code: 'OUTSIDE_TRADING_WINDOW', figures: { blackout: local.date } };
  if (tradingWindows.length === 0) return null;
  const open = tradingWindows.some(
    (w) =>
      w.days.includes(local.weekday) && local.minutes >= minutesOf(w.from) && local.minutes < minutesOf(w.to),
  );
  return open
    ? null
    : { code: 'OUTSIDE_TRADING_WINDOW', figures: { weekday: local.weekday, minutes: local.minutes } };
};

function minutesOf(clock: string): number {
  return Number(clock.slice(0, 2)) * 60 + Number(clock.slice(3, 5));
}

/** 7: no bar, a stale one, or (only what raises exposure) an implausible one. */
export const marketData: Check = ({ state, index, context, raises }) => {
  const closeTime = state.closeTimes[index] as number;
  if (closeTime < 0) return missing('MARKET_DATA_STALE', 'bar');
  const ageMs = context.market - closeTime;
  if (ageMs > state.limits.marketDataAgeMsMax) {
    return { code: 'MARKET_DATA_STALE', figures: { ageMs, ageMsMax: state.limits.marketDataAgeMsMax } };
  }
  const why = state.implausible[index] ?? null;
  return raises && why !== null ? { code: 'MARKET_DATA_IMPLAUSIBLE', figures: { why } } : null;
};

/** 18 ↑: the target of the day was reached and the policy takes no new risk. */
export const targetLocked: Check = ({ state, raises }) => {
  if (!raises || state.targetLockedDay === null || state.targetLockedDay !== state.day?.day) return null;
  return { code: 'DAILY_TARGET_LOCKED', figures: { day: state.targetLockedDay } };
};
