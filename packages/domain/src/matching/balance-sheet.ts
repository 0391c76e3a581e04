import { type Decimal, decimal, text, ZERO } from '../money/index.ts';
import { VenueSetupError } from './rules.ts';
import type { VenueBalance } from './venue.ts';

interface Holding {
  free: Decimal;
  locked: Decimal;
}

/**
 * The account's balances per asset, free and locked apart. Keeps true: neither part is ever below zero; a posting
 * that would break it throws, because the admission check should have refused the order.
 */
export class BalanceSheet {
  private readonly holdings = new Map<string, Holding>();
  private view: Readonly<Record<string, Readonly<VenueBalance>>> | null = null;

  constructor(start: Readonly<Record<string, string | VenueBalance>>) {
    for (const [asset, value] of Object.entries(start)) {
      const { free, locked } = typeof value === 'string' ? { free: value, locked: '0' } : value;
      const holding = { free: decimal(free), locked: decimal(locked) };
      if (holding.free.isNegative() || holding.locked.isNegative())
        throw new VenueSetupError(`start balance of ${asset} is negative`);
      this.holdings.set(asset, holding);
    }
  }

  /** Free amount, in units of the asset. */
  free(asset: string): Decimal {
    return this.holdings.get(asset)?.free ?? ZERO;
  }

  /** Moves free to locked. */
  lock(asset: string, amount: Decimal): void {
    this.post(asset, amount.neg(), amount);
  }

  /** Moves locked to free. */
  release(asset: string, amount: Decimal): void {
    this.post(asset, amount, amount.neg());
  }

  /** Takes from what is locked. */
  spend(asset: string, amount: Decimal): void {
    this.post(asset, ZERO, amount.neg());
  }

  /** Adds to what is free; below zero takes from it. */
  receive(asset: string, amount: Decimal): void {
    this.post(asset, amount, ZERO);
  }

  /** All balances as text; the same object until something changes. */
  all(): Readonly<Record<string, Readonly<VenueBalance>>> {
    if (this.view === null) {
      const view: Record<string, VenueBalance> = {};
      for (const [asset, { free, locked }] of this.holdings)
        view[asset] = { free: text(free), locked: text(locked) };
      this.view = view;
    }
    return this.view;
  }

  private post(asset: string, free: Decimal, locked: Decimal): void {
    const holding = this.holdings.get(asset) ?? { free: ZERO, locked: ZERO };
    const next = { free: holding.free.add(free), locked: holding.locked.add(locked) };
    if (next.free.isNegative() || next.locked.isNegative())
      throw new RangeError(
        `balance of ${asset} would fall below zero: free ${next.free.toFixed()}, locked ${next.locked.toFixed()}`,
      );
    this.holdings.set(asset, next);
    this.view = null;
  }
}
