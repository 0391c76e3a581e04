import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { BTC } from '../instruments/instrument.fixture.ts';
import { decimal, ZERO } from '../money/index.ts';
import { applyFill, applyTransfer, costOfOpening, postingsOfFill, UnknownSymbolError } from './fills.ts';
import { equityMark, exactEquity, pnlFigures } from './mark.ts';
import { fill, funded } from './portfolio.fixture.ts';

describe('average cost', () => {
  it('a fee in base: less is received, cost is what was received at the price, the fee stands apart', () => {
    const state = funded();
    applyFill(state, fill({ quantity: '2', price: '100', fee: '0.002', feeAsset: 'BTC' }));
    const position = state.positions[0];
    expect([position?.quantity.toFixed(), position?.cost.toFixed(), position?.fees.toFixed()]).toEqual([
      '1.998',
      '199.8',
      '0.2',
    ]);
    expect(state.cash).toBe(9_800);
  });

  it('a sale realises against the average, and the average stays', () => {
    const state = funded();
    applyFill(state, fill({ quantity: '1', price: '100' }));
    applyFill(state, fill({ quantity: '1', price: '110' }));
    applyFill(state, fill({ side: 'sell', purpose: 'reduce', quantity: '0.5', price: '120', fee: '0.06' }));
    const position = state.positions[0];
    expect(position?.realisedPnl.toFixed()).toBe('7.5');
    expect(position?.cost.div(position.quantity).toFixed()).toBe('105');
    expect(pnlFigures(state).fees).toBe('0.06');
  });

  it('a fee in a third coin leaves the position alone and is valued at that coin', () => {
    const state = funded();
    applyFill(state, fill({ quantity: '1', fee: '0.01', feeAsset: 'ETH' }));
    expect(state.balances.get('ETH')?.toFixed()).toBe('-0.01');
    expect(state.positions[0]?.fees.toFixed()).toBe('1');
  });

  it('a fee paid out of a held coin leaves that position at its value, and is not counted twice', () => {
    const state = funded();
    applyFill(state, fill({ symbol: 'ETHUSDT', quantity: '1', price: '80' }));
    applyFill(state, fill({ quantity: '1', fee: '0.01', feeAsset: 'ETH' }));
    const ether = state.positions[1];
    expect([ether?.quantity.toFixed(), ether?.cost.toFixed(), ether?.realisedPnl.toFixed()]).toEqual([
      '0.99',
      '79.2',
      '0.2',
    ]);
    applyFill(
      state,
      fill({ symbol: 'ETHUSDT', side: 'sell', quantity: '0.5', fee: '0.01', feeAsset: 'ETH' }),
    );
    expect([ether?.quantity.toFixed(), ether?.cost.toFixed()]).toEqual(['0.48', '38.4']);
  });

  it("the venue's own quote quantity is what was paid, where it rounds", () => {
    const state = funded();
    applyFill(state, fill({ quantity: '0.00003', price: '33.333333', quoteQuantity: '0.001' }));
    expect(state.positions[0]?.cost.toFixed()).toBe('0.001');
    applyFill(
      state,
      fill({ side: 'sell', quantity: '0.00003', price: '33.333333', quoteQuantity: '0.00099999' }),
    );
    expect(state.positions[0]?.realisedPnl.toFixed()).toBe('-0.00000001');
  });

  it('slippage is against the decision price, positive to our cost', () => {
    const state = funded();
    applyFill(state, fill({ quantity: '2', price: '100.5', referencePrice: '100' }));
    applyFill(state, fill({ side: 'sell', quantity: '1', price: '99', referencePrice: '100' }));
    expect(pnlFigures(state).slippage).toBe('2');
  });

  it('a stop blocks the symbol', () => {
    const state = funded();
    applyFill(state, fill({}));
    applyFill(state, fill({ side: 'sell', purpose: 'stop', referencePrice: null }));
    expect(state.blocked[0]).toBe(1);
  });

  it('deposits, withdrawals and what was held before are no profit', () => {
    const state = funded();
    applyTransfer(state, 'BTC', decimal('2'), 'opening');
    costOfOpening(state, Float64Array.of(90, 100));
    applyTransfer(state, 'BTC', decimal('1'), 'external');
    applyTransfer(state, 'USDT', decimal('-500'), 'external');
    const before = pnlFigures(state);
    // 2 at 90 and 1 at 100, close 100.
    expect([before.realisedPnl, before.unrealisedPnl]).toEqual(['0', '20']);
    const postings = applyTransfer(state, 'BTC', decimal('-1.5'), 'external');
    const after = pnlFigures(state);
    expect(decimal(after.realisedPnl).add(after.unrealisedPnl).toDecimalPlaces(20).toFixed()).toBe('20');
    expect(state.quantities[0]).toBe(1.5);
    expect(postings.map((p) => `${p.account} ${p.amount.toFixed()} ${p.asset}`)).toEqual([
      'wallet -1.5 BTC',
      'external 1.5 BTC',
    ]);
  });

  it('refuses a symbol that it does not have', () => {
    expect(() => applyFill(funded(), fill({ symbol: 'ADAUSDT' }))).toThrow(UnknownSymbolError);
  });
});

const cents = (min: number, max: number) =>
  fc.integer({ min, max }).map((n) => decimal(n).div(100).toFixed());
const trades = fc.array(
  fc.record({
    symbol: fc.constantFrom('BTCUSDT', 'ETHUSDT'),
    side: fc.constantFrom('buy' as const, 'sell' as const),
    quantity: cents(1, 500),
    price: cents(5_000, 15_000),
    feeShare: fc.integer({ min: 0, max: 30 }),
    feeIn: fc.constantFrom('received', 'ETH'),
  }),
  { maxLength: 40 },
);

describe('whatever is traded', () => {
  it('every entry sums to zero in each asset, and balances are the sums of the postings', () => {
    fc.assert(
      fc.property(trades, (list) => {
        const state = funded();
        const wallet = new Map([['USDT', decimal(10_000)]]);
        for (const trade of list) {
          const postings = applyFill(state, withFee(trade));
          const sums = new Map<string, ReturnType<typeof decimal>>();
          for (const { asset, amount, account } of postings) {
            sums.set(asset, (sums.get(asset) ?? ZERO).add(amount));
            if (account === 'wallet') wallet.set(asset, (wallet.get(asset) ?? ZERO).add(amount));
          }
          for (const sum of sums.values()) expect(sum.isZero()).toBe(true);
        }
        for (const [asset, amount] of wallet)
          expect(state.balances.get(asset)?.toFixed()).toBe(amount.toFixed());
      }),
    );
  });

  it('equity changes by realised + unrealised − fees, as long as nothing is sold short', () => {
    fc.assert(
      fc.property(trades, (list) => {
        const state = funded();
        for (const trade of list) {
          const base = trade.symbol === 'BTCUSDT' ? 0 : 1;
          const held = state.positions[base]?.quantity ?? ZERO;
          if (trade.side === 'sell' && held.lt(trade.quantity)) continue;
          applyFill(state, withFee(trade));
        }
        const { realisedPnl, unrealisedPnl, fees } = pnlFigures(state);
        const change = decimal(exactEquity(state, state.closes)).sub(10_000);
        const explained = decimal(realisedPnl).add(unrealisedPnl).sub(fees);
        expect(change.sub(explained).abs().lt('1e-30')).toBe(true);
        expect(equityMark(state.cash, state.quantities, state.closes)).toBeCloseTo(
          Number(exactEquity(state, state.closes)),
          6,
        );
      }),
    );
  });
});

function withFee(trade: {
  symbol: string;
  side: 'buy' | 'sell';
  quantity: string;
  price: string;
  feeShare: number;
  feeIn: string;
}) {
  const base = trade.symbol.slice(0, 3);
  const received = trade.side === 'buy' ? base : 'USDT';
  const feeAsset = trade.feeIn === 'received' ? received : trade.feeIn;
  const of = feeAsset === 'USDT' ? decimal(trade.quantity).mul(trade.price) : decimal(trade.quantity);
  return fill({ ...trade, fee: of.mul(trade.feeShare).div(10_000).toFixed(), feeAsset });
}

it('posts a fill as wallet against market and the fee as an expense', () => {
  const postings = postingsOfFill(BTC, fill({ quantity: '1', price: '100', fee: '0.001', feeAsset: 'BTC' }));
  expect(postings.map((p) => `${p.account} ${p.amount.toFixed()} ${p.asset}`)).toEqual([
    'wallet 1 BTC',
    'market -1 BTC',
    'wallet -100 USDT',
    'market 100 USDT',
    'wallet -0.001 BTC',
    'fees 0.001 BTC',
  ]);
});
