import { describe, expect, it } from 'vitest';
import { decimal } from '../money/index.ts';
import { filterBreach, floorToLot, type Instrument, instrumentsSchema, sellableQuantity } from './index.ts';

const BTC: Instrument = {
  symbol: 'BTCUSDT',
  base: 'BTC',
  quote: 'USDT',
  tickSize: '0.01',
  stepSize: '0.001',
  quantityMin: '0.002',
  quantityMax: '10',
  notionalMin: '5',
};

describe('venue filters', () => {
  it.each([
    { quantity: '1', price: '100.01', breach: null },
    { quantity: '1', price: '100.001', breach: 'PRICE_PRECISION' },
    { quantity: '1', price: '0', breach: 'PRICE_PRECISION' },
    { quantity: '1.0001', price: null, breach: 'QUANTITY_PRECISION' },
    { quantity: '0.001', price: null, breach: 'QUANTITY_BELOW_MINIMUM' },
    { quantity: '10.001', price: null, breach: 'QUANTITY_ABOVE_MAXIMUM' },
    { quantity: '0.049', price: null, breach: 'NOTIONAL_BELOW_MINIMUM' },
    { quantity: '0.05', price: null, breach: null },
    { quantity: '0.049', price: '200', breach: null },
  ])('$quantity at $price: $breach', ({ quantity, price, breach }) => {
    const order = {
      quantity: decimal(quantity),
      price: price === null ? null : decimal(price),
      reference: decimal(100),
    };
    expect(filterBreach(BTC, order)).toBe(breach);
  });
});

it('rounds quantities down to the lot', () => {
  expect(floorToLot(BTC, decimal('1.2349')).toFixed()).toBe('1.234');
});

it.each([
  { held: '1.2349', price: '100', sellable: '1.234' },
  { held: '0.0019', price: '100000', sellable: '0' },
  { held: '0.04', price: '100', sellable: '0' },
  { held: '0', price: '100', sellable: '0' },
  // More than the venue takes in one order goes in several.
  { held: '25', price: '100', sellable: '10' },
])('of $held at $price, $sellable can be sold', ({ held, price, sellable }) => {
  expect(sellableQuantity(BTC, decimal(held), decimal(price)).toFixed()).toBe(sellable);
});

describe('the file', () => {
  it.each([
    { fault: 'a symbol stands twice', instruments: [BTC, BTC] },
    {
      fault: 'one quote currency',
      instruments: [BTC, { ...BTC, symbol: 'ETHEUR', base: 'ETH', quote: 'EUR' }],
    },
    { fault: 'must be above zero', instruments: [{ ...BTC, tickSize: '0' }] },
    { fault: 'must not be above quantityMax', instruments: [{ ...BTC, quantityMin: '11' }] },
    { fault: 'plain decimal', instruments: [{ ...BTC, stepSize: '1e-5' }] },
  ])('is refused: $fault', ({ fault, instruments }) => {
    expect(instrumentsSchema.safeParse({ instruments }).error?.message).toContain(fault);
  });
});
