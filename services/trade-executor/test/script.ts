import { type AuthorisedOrder, authorisedOrderSchema } from '@fleet/domain/events';
import type { Instrument } from '@fleet/domain/instruments';
import { decimal, roundToStep, text } from '@fleet/domain/money';
import { clientOrderId, cycleId, type OrderPurpose, proposalId } from '@fleet/domain/orders';

export const MINUTE = 60_000;
export const FROM = Date.UTC(2024, 7, 1);

const instrument = (base: string): Instrument => ({
  symbol: `${base}USDT`,
  base,
  quote: 'USDT',
  tickSize: '0.01',
  stepSize: '0.0001',
  quantityMin: '0.0001',
  quantityMax: '9000',
  notionalMin: '5',
});

export const INSTRUMENTS: readonly Instrument[] = [instrument('BTC'), instrument('ETH')];
export const SYMBOLS = INSTRUMENTS.map(({ symbol }) => symbol);

/** The venue's rules of the scripted market. */
export const VENUE = {
  makerFeeRate: '0.001',
  takerFeeRate: '0.001',
  slippageBps: 2,
  collar: '0.02',
  startBalances: { USDT: '10000' },
};

export interface Situation {
  readonly run: string;
  readonly openTime: number;
  readonly epoch: number;
  /** Base held by symbol, and last price. */
  readonly held: Readonly<Record<string, string>>;
  readonly prices: Readonly<Record<string, number>>;
}

/** Same text, same number in [0, 1): what the script does depends on the situation alone. */
function chance(seed: string): number {
  let hash = 2_166_136_261;
  for (const letter of seed) hash = Math.imul(hash ^ letter.charCodeAt(0), 16_777_619) >>> 0;
  hash = Math.imul(hash ^ (hash >>> 15), 2_246_822_519) >>> 0;
  return ((hash ^ (hash >>> 13)) >>> 0) / 4_294_967_296;
}

/** Approvals of a bar set: entries with stops, additions, part sales and exits, by chance that can be repeated. */
export function scripted(situation: Situation): AuthorisedOrder[] {
  const wishes = INSTRUMENTS.flatMap((each) => wish(each, situation));
  return wishes.map((each, sequence) => approval(each, sequence, situation));
}

export interface Wish {
  readonly symbol: string;
  readonly side: 'buy' | 'sell';
  readonly purpose: OrderPurpose;
  readonly quantity: string;
  readonly stopDistance: string | null;
}

function wish(each: Instrument, { openTime, held, prices }: Situation): Wish[] {
  const { symbol, stepSize } = each;
  const price = prices[symbol] ?? 0;
  const dice = chance(`${openTime}|${symbol}|what`);
  const lot = (quantity: number | string) => text(roundToStep(decimal(quantity), stepSize, 'down'));
  const has = Number(lot(held[symbol] ?? '0')) * price > 5;
  const distance = (price * (0.0005 + 0.002 * chance(`${openTime}|${symbol}|stop`))).toFixed(2);
  const buy = {
    symbol,
    side: 'buy',
    quantity: lot((400 / price).toFixed(8)),
    stopDistance: distance,
  } as const;
  if (!has) return dice < 0.5 ? [{ ...buy, purpose: 'entry' }] : [];
  const sell = { symbol, side: 'sell', stopDistance: null } as const;
  if (dice < 0.12) return [{ ...buy, purpose: 'rebalance' }];
  if (dice < 0.3)
    return [
      {
        ...sell,
        purpose: 'reduce',
        quantity: lot(
          decimal(held[symbol] ?? '0')
            .div(2)
            .toFixed(8),
        ),
      },
    ];
  return dice < 0.42 ? [{ ...sell, purpose: 'exit', quantity: lot(held[symbol] ?? '0') }] : [];
}

export function approval(
  each: Wish,
  sequence: number,
  { run, openTime, epoch }: Pick<Situation, 'run' | 'openTime' | 'epoch'>,
): AuthorisedOrder {
  const cycle = cycleId('1m', openTime);
  const id = proposalId({ run, cycle, symbol: each.symbol, purpose: each.purpose, sequence });
  return authorisedOrderSchema.parse({
    ...each,
    run,
    proposalId: id,
    clientOrderId: clientOrderId(id),
    cycleId: cycle,
    type: 'market',
    limitPrice: null,
    sequence,
    flattenId: null,
    stateEpoch: epoch,
    expiresAt: openTime + 2 * MINUTE,
  });
}
