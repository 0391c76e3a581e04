import { filterBreach } from '../instruments/index.ts';
import { type Decimal, decimal, ZERO } from '../money/index.ts';
import { equityMark } from '../portfolio/mark.ts';
import { type Check, type CheckInput, missing } from './check.ts';
import type { RiskLimits } from './limits.ts';
import { riskBalance } from './state.ts';

/** 9: the venue's filters, on the strings that will be sent. */
export const venueFilters: Check = ({ instrument, proposal, quantity, price }) => {
  const limit = proposal.limitPrice === null ? null : decimal(proposal.limitPrice);
  const code = filterBreach(instrument, { quantity, price: limit, reference: price });
  if (code === null) return null;
  const { tickSize, stepSize, quantityMin, quantityMax, notionalMin } = instrument;
  return {
    code,
    figures: {
      quantity: quantity.toFixed(),
      price: price.toFixed(),
      tickSize,
      stepSize,
      quantityMin,
      quantityMax,
      notionalMin,
    },
  };
};

/** 11 ↑: value of one order. */
export const orderNotional: Check = ({ state, quantity, price, raises }) => {
  if (!raises) return null;
  const max = decimal(state.limits.orderNotionalMax);
  const notional = quantity.mul(price);
  if (notional.lte(max)) return null;
  return {
    code: 'ORDER_NOTIONAL_ABOVE_LIMIT',
    figures: { notional: notional.toFixed(), max: max.toFixed() },
    room: max.div(price),
  };
};

/** 12 ↑: position of the symbol by value and by share of equity, with what is reserved for open orders. */
export const positionLimit: Check = (input) => {
  const { state, quantity, price, raises, instrument, index } = input;
  if (!raises) return null;
  const equity = equityMark(state.cash, state.quantities, state.closes);
  if (!(equity > 0)) return missing('POSITION_ABOVE_LIMIT', 'equity');
  const max = decimal(Math.min(state.limits.positionNotionalMax, state.limits.positionShareMax * equity));
  const held = riskBalance(state, instrument.base).add(reservedBase(input, 'buy', index));
  const value = held.add(quantity).mul(price);
  if (value.lte(max)) return null;
  return {
    code: 'POSITION_ABOVE_LIMIT',
    figures: { position: value.toFixed(), max: max.toFixed(), held: held.toFixed() },
    room: max.div(price).sub(held),
  };
};

function reservedBase({ state }: CheckInput, side: 'buy' | 'sell', index: number): Decimal {
  let reserved = ZERO;
  for (const reservation of state.reservations.values()) {
    if (reservation.index === index && reservation.side === side)
      reserved = reserved.add(reservation.remaining);
  }
  return reserved;
}

/** Quote that one base unit of a buy needs: reference (or limit) × (1 + collar) × (1 + fee). */
export function quotePerUnit({
  state,
  proposal,
  price,
}: Pick<CheckInput, 'state' | 'proposal' | 'price'>): Decimal {
  const { collar, fee } = factorsOf(state.limits);
  const worst = proposal.limitPrice === null ? price.mul(collar) : decimal(proposal.limitPrice);
  return worst.mul(fee);
}

interface Factors {
  readonly collar: Decimal;
  readonly fee: Decimal;
}

const factors = new WeakMap<RiskLimits, Factors>();

/** 1 + collar and 1 + fee of these limits, computed once. */
function factorsOf(limits: RiskLimits): Factors {
  const known = factors.get(limits);
  if (known !== undefined) return known;
  const made = { collar: decimal(limits.collar).add(1), fee: decimal(limits.takerFeeRate).add(1) };
  factors.set(limits, made);
  return made;
}

/**
 * 15: a buy is paid from free quote after reservations, collar and fee; a sell from base that no other sell holds.
 * A protective stop holds no base here: the sell replaces it.
 */
export const balance: Check = (input) => {
  const { state, proposal, quantity, instrument, index } = input;
  if (Number.isNaN(state.cash)) return missing('BALANCE_INSUFFICIENT', 'account');
  if (proposal.side === 'sell') {
    const free = riskBalance(state, instrument.base).sub(reservedBase(input, 'sell', index));
    if (quantity.lte(free)) return null;
    return {
      code: 'BALANCE_INSUFFICIENT',
      figures: { asset: instrument.base, free: free.toFixed(), needed: quantity.toFixed() },
      room: free,
    };
  }
  let free = riskBalance(state, state.quote);
  for (const reservation of state.reservations.values()) {
    if (reservation.side === 'buy') free = free.sub(reservation.remaining.mul(reservation.quotePerUnit));
  }
  const unit = quotePerUnit(input);
  const needed = quantity.mul(unit);
  if (needed.lte(free)) return null;
  return {
    code: 'BALANCE_INSUFFICIENT',
    figures: { asset: state.quote, free: free.toFixed(), needed: needed.toFixed() },
    room: free.div(unit),
  };
};

/** Loss of one base unit to its stop, slippage counted, quote; without a stop all of it can go. */
export function lossPerUnit({
  state,
  proposal,
  price,
}: Pick<CheckInput, 'state' | 'proposal' | 'price'>): number {
  const worst = price.toNumber();
  if (proposal.stopDistance === null) return worst;
  return Math.min(
    worst,
    Number(proposal.stopDistance) * state.limits.stopSlippageFactor + worst * 2 * state.limits.takerFeeRate,
  );
}

/** 16 ↑: the day's loss at the cap, or what is open and this order could together pass it at their stops. */
export const dailyLossCap: Check = (input) => {
  const { state, quantity, raises } = input;
  if (!raises) return null;
  const { day } = state;
  if (day === null) return missing('DAILY_LOSS_CAP', 'trading day');
  const equity = equityMark(state.cash, state.quantities, state.closes);
  if (!Number.isFinite(equity)) return missing('DAILY_LOSS_CAP', 'equity');
  const cap = (state.lossCapPct / 100) * day.openingEquityMark;
  const loss = day.openingEquityMark + day.netDeposits - equity;
  if (loss >= cap) return { code: 'DAILY_LOSS_CAP', figures: { loss, cap } };
  const open = openRisk(input);
  const unit = lossPerUnit(input);
  const worst = quantity.toNumber() * unit;
  if (loss + open + worst <= cap) return null;
  return {
    code: 'DAILY_LOSS_CAP',
    figures: { loss, openRisk: open, worst, cap },
    room: decimal(Math.max(0, (cap - loss - open) / unit)),
  };
};

/** Loss that held positions (down to their stops) and reserved entries can still make, quote. */
function openRisk({ state }: CheckInput): number {
  let risk = 0;
  for (let index = 0; index < state.held.length; index += 1) {
    const stop = state.held[index]?.stop ?? null;
    const close = state.closes[index] as number;
    const quantity = state.quantities[index] as number;
    risk += quantity * (stop === null ? close : Math.max(0, close - stop));
  }
  for (const reservation of state.reservations.values()) {
    if (reservation.side === 'buy') risk += reservation.remaining.toNumber() * reservation.lossPerUnit;
  }
  return risk;
}
