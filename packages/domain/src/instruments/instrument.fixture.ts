import type { Instrument } from './instrument.ts';

/** Two instruments of one quote, with the filters that the venue has for them. */
export const BTC: Instrument = {
  symbol: 'BTCUSDT',
  base: 'BTC',
  quote: 'USDT',
  tickSize: '0.01',
  stepSize: '0.00001',
  quantityMin: '0.00001',
  quantityMax: '9000',
  notionalMin: '5',
};
export const ETH: Instrument = {
  ...BTC,
  symbol: 'ETHUSDT',
  base: 'ETH',
  stepSize: '0.0001',
  quantityMin: '0.0001',
};
