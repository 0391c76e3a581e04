import { type Instrument, sellableQuantity } from '../instruments/index.ts';
import { type Decimal, decimal, roundToStep, ZERO } from '../money/index.ts';

/** What decides a position's protective stop: its entry fills since it was flat, and the signed distance. */
export interface Protection {
  readonly entryQuantity: Decimal;
  readonly entryQuote: Decimal;
  readonly distance: Decimal | null;
  readonly trigger: Decimal | null;
}

export const UNPROTECTED: Protection = Object.freeze({
  entryQuantity: ZERO,
  entryQuote: ZERO,
  distance: null,
  trigger: null,
});

/** A fill as far as the stop depends on it; decimal texts. */
export interface ProtectedFill {
  readonly side: 'buy' | 'sell';
  readonly price: string;
  readonly quantity: string;
  readonly quoteQuantity: string;
  readonly stopDistance: string | null;
}

/**
 * Trigger of the protective stop: average price of the position's entry fills − distance, rounded down to the tick,
 * and never lower than it stood. Null when the distance leaves no positive price.
 */
export function protectiveTrigger(
  instrument: Instrument,
  averageEntryPrice: Decimal,
  distance: Decimal,
  standing: Decimal | null,
): Decimal | null {
  const trigger = roundToStep(averageEntryPrice.sub(distance), instrument.tickSize, 'down');
  if (standing?.gt(trigger)) return standing;
  return trigger.gt(ZERO) ? trigger : null;
}

/** Base held before and after a fill, dust and fees included. */
export interface HeldAround {
  readonly before: Decimal;
  readonly after: Decimal;
}

/**
 * Protection after a fill. When nothing sellable is left at the fill's price, the position is over; an entry into what
 * is not sellable begins anew, also where the rest has become dust by the price alone: an old trigger would stand above
 * the new entry, an old average would move its stop. Executor, risk and backtest call this one.
 */
export function protectAfterFill(
  instrument: Instrument,
  standing: Protection,
  fill: ProtectedFill,
  held: HeldAround,
): Protection {
  const price = decimal(fill.price);
  if (fill.side === 'sell') {
    return sellableQuantity(instrument, held.after, price).isZero() ? UNPROTECTED : standing;
  }
  const before = sellableQuantity(instrument, held.before, price).isZero() ? UNPROTECTED : standing;
  const entryQuantity = before.entryQuantity.add(fill.quantity);
  const entryQuote = before.entryQuote.add(fill.quoteQuantity);
  const distance = fill.stopDistance === null ? before.distance : decimal(fill.stopDistance);
  const trigger =
    distance === null
      ? null
      : protectiveTrigger(instrument, entryQuote.div(entryQuantity), distance, before.trigger);
  return { entryQuantity, entryQuote, distance, trigger };
}
