import { describe, expect, it } from 'vitest';
import { proofText, proveBooks } from './proof.ts';

const books = {
  ledger: { USDT: '9000.10', BTC: '0.5', ETH: '0' },
  balances: { USDT: '9000.1', BTC: '0.50' },
  positions: { BTC: '0.5', ETH: '0' },
};
const venue = {
  balances: {
    USDT: { free: '9000.1', locked: '0' },
    BTC: { free: '0.2', locked: '0.3' },
    ETH: { free: '0', locked: '0' },
  },
};

describe('proof', () => {
  it('is equal when ledger, balances and positions are the free and locked amounts of the venue', () => {
    const proof = proveBooks(books, venue);
    expect(proof.equal).toBe(true);
    expect(proofText(proof)).toBe('proof: ledger equals the venue: USDT 9000.1, BTC 0.5');
  });

  it.each([
    [
      'a ledger',
      { ...books, ledger: { ...books.ledger, BTC: '0.50000001' } },
      'BTC: ledger 0.50000001, venue 0.5',
    ],
    ['a missing asset', { ...books, ledger: { USDT: '9000.1' } }, 'BTC: ledger 0, venue 0.5'],
    ['a balance', { ...books, balances: { USDT: '9000', BTC: '0.5' } }, 'USDT: balances 9000, venue 9000.1'],
    ['a position', { ...books, positions: { BTC: '0.4' } }, 'BTC: positions 0.4, venue 0.5'],
    [
      'an asset the venue does not have',
      { ...books, ledger: { ...books.ledger, BNB: '1' } },
      'BNB: ledger 1, venue 0',
    ],
  ])('shows %s that differs', (_, differing, words) => {
    const proof = proveBooks(differing, venue);
    expect(proof.equal).toBe(false);
    expect(proofText(proof)).toBe(`proof: ledger DIFFERS from the venue: ${words}`);
  });
});
