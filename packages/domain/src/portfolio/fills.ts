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
 * fill's price; selling realises against the average. A fee never touches cost: it is a number of its own.
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
  bookPosition(position, instrument, fill, feeInQuote(state, instrument, fill));
  const postings = postingsOfFill(instrument, fill);
  for (const posting of postings) {
    if (posting.account === 'wallet') addBalance(state, posting.asset, posting.amount);
  }
  if (fill.purpose === 'stop' || fill.purpose === 'emergency') state.blocked[index] = 1;
  return postings;
}

function bookPosition(position: Position, instrument: Instrument, fill: Fill, fee: Decimal): void {
  const price = decimal(fill.price);
  const quantity = decimal(fill.quantity);
  if (fill.side === 'buy') {
    const received = fill.feeAsset === instrument.base ? quantity.sub(fill.fee) : quantity;
    position.cost = position.cost.add(received.mul(price));
  } else {
    const average = position.quantity.isZero() ? price : position.cost.div(position.quantity);
    position.realisedPnl = position.realisedPnl.add(quantity.mul(price.sub(average)));
    position.cost = position.quantity.eq(quantity) ? ZERO : position.cost.sub(quantity.mul(average));
  }
  position.fees = position.fees.add(fee);
  if (fill.referencePrice !== null) {
    const worse =
      fill.side === 'buy' ? price.sub(fill.referencePrice) : decimal(fill.referencePrice).sub(price);
    position.slippage = position.slippage.add(worse.mul(quantity));
  }
}

/** The fee's value in quote units at the fill; a third coin by its own last close, 0 when that has no price. */
function feeInQuote(state: PortfolioState, instrument: Instrument, fill: Fill): Decimal {
  const fee = decimal(fill.fee);
  if (fill.feeAsset === instrument.quote) return fee;
  if (fill.feeAsset === instrument.base) return fee.mul(fill.price);
  const index = state.indexOf.get(`${fill.feeAsset}${state.quote}`);
  return index === undefined ? ZERO : fee.mul(decimal(state.closes[index] ?? 0));
}
