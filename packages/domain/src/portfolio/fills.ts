import type { Instrument } from '../instruments/index.ts';
import { type Decimal, decimal, ZERO } from '../money/index.ts';
import type { OrderPurpose } from '../orders/index.ts';
import { addBalance, type PortfolioState, type Position } from './state.ts';

/** One trade with the venue's own numbers; decimal texts, prices in quote units. */
export interface Fill {
  readonly tradeId: string;
  readonly clientOrderId: string;
  readonly symbol: string;
  readonly side: 'buy' | 'sell';
  readonly purpose: OrderPurpose;
  readonly price: string;
  readonly quantity: string;
  readonly quoteQuantity: string;
  readonly fee: string;
  readonly feeAsset: string;
  /** Price of the decision; null for a stop (its slippage counts from the trigger, which the venue knows). */
  readonly referencePrice: string | null;
  readonly time: number;
}

/** A fill of a symbol that is not configured cannot be booked to a position. */
export class UnknownSymbolError extends Error {
  readonly code = 'SYMBOL_NOT_CONFIGURED';
  override readonly name = 'UnknownSymbolError';
}

/** One side of a journal entry. The postings of an entry sum to zero in every asset. */
export interface Posting {
  readonly account: string;
  readonly asset: string;
  readonly amount: Decimal;
}

/**
 * Double entry of a fill: the wallet against the market, and the fee as an expense out of the wallet.
 * Sums are zero in each asset, so a ledger of such entries always balances.
 */
export function postingsOfFill(instrument: Instrument, fill: Fill): Posting[] {
  const sign = fill.side === 'buy' ? 1 : -1;
  const base = decimal(fill.quantity).mul(sign);
  const quote = decimal(fill.quoteQuantity).mul(-sign);
  const fee = decimal(fill.fee);
  const postings: Posting[] = [
    { account: 'wallet', asset: instrument.base, amount: base },
    { account: 'market', asset: instrument.base, amount: base.neg() },
    { account: 'wallet', asset: instrument.quote, amount: quote },
    { account: 'market', asset: instrument.quote, amount: quote.neg() },
  ];
  if (!fee.isZero()) {
    postings.push({ account: 'wallet', asset: fill.feeAsset, amount: fee.neg() });
    postings.push({ account: 'fees', asset: fill.feeAsset, amount: fee });
  }
  return postings;
}

/** Double entry of money that came (positive) or went without an order. */
export function postingsOfTransfer(
  asset: string,
  amount: Decimal,
  source: 'opening' | 'external',
): Posting[] {
  return [
    { account: 'wallet', asset, amount },
    { account: source, asset, amount: amount.neg() },
  ];
}

/**
 * Books a fill: wallet balances by the postings, position by average cost. Buying adds what was received at the
 * fill's price; selling realises against the average. A fee never touches cost: it is a number of its own, and where
 * it is paid out of a held coin, those units leave that coin's position at their value.
 * @throws UnknownSymbolError for a symbol without an instrument.
 */
export function applyFill(state: PortfolioState, fill: Fill): readonly Posting[] {
  const index = state.indexOf.get(fill.symbol);
  const instrument = index === undefined ? undefined : state.instruments[index];
  const position = index === undefined ? undefined : state.positions[index];
  if (index === undefined || instrument === undefined || position === undefined) {
    throw new UnknownSymbolError(
      `a fill of ${fill.symbol} cannot be booked: it is not in config/instruments.yaml`,
    );
  }
  const average = averageOr(position, decimal(fill.price));
  bookPosition(position, instrument, fill, average);
  bookFee(state, position, { instrument, fill, average });
  const postings = postingsOfFill(instrument, fill);
  for (const posting of postings) {
    if (posting.account === 'wallet') addBalance(state, posting.asset, posting.amount);
  }
  if (fill.purpose === 'stop' || fill.purpose === 'emergency') state.blocked[index] = 1;
  return postings;
}

/**
 * Money that came (positive) or went without an order, in units of the asset. A traded coin enters at its last close
 * and leaves at it, so that it is never profit.
 */
export function applyTransfer(
  state: PortfolioState,
  asset: string,
  amount: Decimal,
  source: 'opening' | 'external',
): readonly Posting[] {
  const index = positionOf(state, asset);
  if (index !== undefined) {
    const position = state.positions[index] as Position;
    const price = decimal(state.closes[index] ?? 0);
    if (amount.isPositive()) position.cost = position.cost.add(amount.mul(price));
    else dispose(position, amount.neg(), price, averageOr(position, price));
  }
  addBalance(state, asset, amount);
  return postingsOfTransfer(asset, amount, source);
}

/** What the account held before the run costs what it is worth at the opening mark: it is no profit of the run. */
export function costOfOpening(state: PortfolioState, prices: Float64Array): void {
  for (const [index, position] of state.positions.entries()) {
    if (!position.quantity.isZero()) position.cost = position.quantity.mul(decimal(prices[index] ?? 0));
  }
}

/** Index of the symbol whose base the asset is, or undefined. */
export function positionOf(state: PortfolioState, asset: string): number | undefined {
  return state.indexOf.get(`${asset}${state.quote}`);
}

function bookPosition(position: Position, instrument: Instrument, fill: Fill, average: Decimal): void {
  const { price, quantity, quoteQuantity } = fill;
  if (fill.side === 'buy') {
    // What the fee took was never received: its cost is the fee's.
    const unreceived = fill.feeAsset === instrument.base ? decimal(fill.fee).mul(price) : ZERO;
    position.cost = position.cost.add(quoteQuantity).sub(unreceived);
  } else {
    const sold = position.quantity.eq(quantity) ? position.cost : average.mul(quantity);
    position.realisedPnl = position.realisedPnl.add(quoteQuantity).sub(sold);
    position.cost = position.cost.sub(sold);
  }
  if (fill.referencePrice === null) return;
  const worse =
    fill.side === 'buy' ? decimal(price).sub(fill.referencePrice) : decimal(fill.referencePrice).sub(price);
  position.slippage = position.slippage.add(worse.mul(quantity));
}

/** The fee's value in quote units; a third coin by its own last close, 0 when that has no price. */
function bookFee(
  state: PortfolioState,
  position: Position,
  {
    instrument,
    fill,
    average,
  }: { readonly instrument: Instrument; readonly fill: Fill; readonly average: Decimal },
): void {
  const fee = decimal(fill.fee);
  if (fee.isZero()) return;
  if (fill.feeAsset === instrument.quote) {
    position.fees = position.fees.add(fee);
    return;
  }
  const own = fill.feeAsset === instrument.base;
  const payer = own ? undefined : positionOf(state, fill.feeAsset);
  const price = own ? decimal(fill.price) : decimal((payer === undefined ? 0 : state.closes[payer]) ?? 0);
  position.fees = position.fees.add(fee.mul(price));
  if (own) {
    if (fill.side === 'sell') dispose(position, fee, price, average);
    return;
  }
  const paid = payer === undefined ? undefined : state.positions[payer];
  if (paid !== undefined) dispose(paid, fee, price, averageOr(paid, price));
}

/** Units that leave a position at a price, without a trade. */
function dispose(position: Position, amount: Decimal, price: Decimal, average: Decimal): void {
  position.realisedPnl = position.realisedPnl.add(amount.mul(price.sub(average)));
  position.cost = position.cost.sub(amount.mul(average));
}

function averageOr(position: Position, price: Decimal): Decimal {
  return position.quantity.isZero() ? price : position.cost.div(position.quantity);
}
