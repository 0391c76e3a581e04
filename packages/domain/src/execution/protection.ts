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

/**
 * Protection after a fill. `held` is the base held after it, dust included. When nothing sellable is left at the
 * fill's price, the position is over and the next entry begins anew. Executor, risk and backtest call this one.
 */
export function protectAfterFill(
  instrument: Instrument,
  before: Protection,
  fill: ProtectedFill,
  held: Decimal,
): Protection {
  if (fill.side === 'sell') {
    return sellableQuantity(instrument, held, decimal(fill.price)).isZero() ? UNPROTECTED : before;
  }
  const entryQuantity = before.entryQuantity.add(fill.quantity);
  const entryQuote = before.entryQuote.add(fill.quoteQuantity);
  const distance = fill.stopDistance === null ? before.distance : decimal(fill.stopDistance);
  const trigger =
    distance === null
      ? null
      : protectiveTrigger(instrument, entryQuote.div(entryQuantity), distance, before.trigger);
  return { entryQuantity, entryQuote, distance, trigger };
}
