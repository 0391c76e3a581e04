import { z } from 'zod';
import { constant, type Decimal, onStep, positiveDecimalText, roundToStep, ZERO } from '../money/index.ts';

const symbolText = z.string().regex(/^[A-Z0-9]{4,20}$/, 'must be a venue symbol such as BTCUSDT');

/** What a venue says about one tradable pair; prices in quote units, quantities in base units. */
export const instrumentSchema = z
  .strictObject({
    symbol: symbolText,
    base: z.string().regex(/^[A-Z0-9]{1,12}$/),
    quote: z.string().regex(/^[A-Z0-9]{1,12}$/),
    /** Smallest price step. */
    tickSize: positiveDecimalText,
    /** Smallest quantity step (the lot). */
    stepSize: positiveDecimalText,
    quantityMin: positiveDecimalText,
    quantityMax: positiveDecimalText,
    /** Smallest order value, in quote units. */
    notionalMin: positiveDecimalText,
  })
  .refine((i) => constant(i.quantityMin).lte(i.quantityMax), 'quantityMin must not be above quantityMax')
  .refine((i) => i.base !== i.quote, 'base and quote must differ');

export type Instrument = Readonly<z.infer<typeof instrumentSchema>>;

/** `config/instruments.yaml`: the order of the list is the configured order of the symbols. */
export const instrumentsSchema = z
  .strictObject({ instruments: z.array(instrumentSchema).min(1).max(200) })
  .refine(
    (f) => new Set(f.instruments.map((i) => i.symbol)).size === f.instruments.length,
    'a symbol stands twice',
  )
  .refine(
    (f) => new Set(f.instruments.map((i) => i.quote)).size === 1,
    'all instruments must share one quote currency',
  );

/** Why a quantity or price does not pass the venue's filters, or null. Checked on what will be sent. */
export type FilterBreach =
  | 'PRICE_PRECISION'
  | 'QUANTITY_PRECISION'
  | 'QUANTITY_BELOW_MINIMUM'
  | 'QUANTITY_ABOVE_MAXIMUM'
  | 'NOTIONAL_BELOW_MINIMUM';

/**
 * Venue filters in the order in which they are reported. `price` is the limit or trigger price, or null for a
 * market order; `reference` (quote units) values a market order for the smallest notional.
 */
export function filterBreach(
  instrument: Instrument,
  order: { quantity: Decimal; price: Decimal | null; reference: Decimal },
): FilterBreach | null {
  const { quantity, price } = order;
  if (price !== null && (price.lte(ZERO) || !onStep(price, instrument.tickSize))) return 'PRICE_PRECISION';
  if (!onStep(quantity, instrument.stepSize)) return 'QUANTITY_PRECISION';
  if (quantity.lt(constant(instrument.quantityMin))) return 'QUANTITY_BELOW_MINIMUM';
  if (quantity.gt(constant(instrument.quantityMax))) return 'QUANTITY_ABOVE_MAXIMUM';
  const notional = quantity.mul(price ?? order.reference);
  return notional.lt(constant(instrument.notionalMin)) ? 'NOTIONAL_BELOW_MINIMUM' : null;
}

/** Quantity rounded down to the lot. */
export function floorToLot(instrument: Instrument, quantity: Decimal): Decimal {
  return roundToStep(quantity, instrument.stepSize, 'down');
}

/**
 * What of a holding could be sold in one order at `price`: rounded down to the lot, and zero when the venue's
 * minima would refuse it, at most the venue's largest order. What is left is dust: it counts in equity, not as a
 * position.
 */
export function sellableQuantity(instrument: Instrument, held: Decimal, price: Decimal): Decimal {
  const lots = floorToLot(instrument, held);
  if (lots.lte(ZERO) || lots.lt(constant(instrument.quantityMin))) return ZERO;
  if (lots.mul(price).lt(constant(instrument.notionalMin))) return ZERO;
  const most = constant(instrument.quantityMax);
  return lots.gt(most) ? floorToLot(instrument, most) : lots;
}
