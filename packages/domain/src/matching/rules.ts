import { z } from 'zod';
import { Decimal, decimal, unsignedDecimalText } from '../money/index.ts';
import type { VenueRules } from './venue.ts';

const rateText = unsignedDecimalText.refine((value) => Number(value) < 1, 'must be a fraction below 1');

/** `config/venue.yaml`: what the simulated venue charges and what its account holds at the start of a run. */
export const venueConfigSchema = z.strictObject({
  makerFeeRate: rateText,
  takerFeeRate: rateText,
  /** Basis points, against us, on market and stop fills. */
  slippageBps: z.number().min(0).max(1000),
  /** Fraction that a market buy locks above the last price. */
  collar: rateText,
  /** Asset to amount, in units of the asset. */
  startBalances: z
    .record(z.string().regex(/^[A-Z0-9]{1,12}$/), unsignedDecimalText)
    .refine((balances) => Object.keys(balances).length > 0, 'name at least one asset'),
});

export type VenueConfig = Readonly<z.infer<typeof venueConfigSchema>>;

/** Rules or a start state that no venue can be made of. */
export class VenueSetupError extends Error {
  readonly code = 'VENUE_SETUP';
  override readonly name = 'VenueSetupError';
}

/** The rules as decimals, computed once. */
export interface Rates {
  readonly maker: Decimal;
  readonly taker: Decimal;
  /** 1 + slippage and 1 − slippage, as factors of a price. */
  readonly buySlippage: Decimal;
  readonly sellSlippage: Decimal;
  /** (1 + collar) × (1 + taker fee rate): what a market buy locks per unit of expected cost. */
  readonly marketLock: Decimal;
}

const ONE = new Decimal(1);

/** @throws VenueSetupError when a rate is not in [0, 1) or the slippage not in [0, 10000) basis points. */
export function ratesOf(rules: VenueRules): Rates {
  const slippage = fraction('slippageBps / 10000', decimal(rules.slippageBps).div(10_000));
  const taker = fraction('takerFeeRate', decimal(rules.takerFeeRate));
  return {
    maker: fraction('makerFeeRate', decimal(rules.makerFeeRate)),
    taker,
    buySlippage: ONE.add(slippage),
    sellSlippage: ONE.sub(slippage),
    marketLock: ONE.add(fraction('collar', decimal(rules.collar))).mul(ONE.add(taker)),
  };
}

function fraction(name: string, value: Decimal): Decimal {
  if (value.isNegative() || value.gte(1))
    throw new VenueSetupError(`venue rule ${name} is ${value.toFixed()}: it must be in [0, 1)`);
  return value;
}
