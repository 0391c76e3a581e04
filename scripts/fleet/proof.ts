import { decimal, text } from '@fleet/domain/money';
import type { VenueAccount } from './fleet-answers.ts';

/** Amounts by asset, decimal text, under each name that the books have for them. */
export interface Books {
  /** Sum of the ledger's postings to the wallet. */
  readonly ledger: Readonly<Record<string, string>>;
  /** Balances that the portfolio manager trades by. */
  readonly balances: Readonly<Record<string, string>>;
  /** Quantity of each position, under its base asset. */
  readonly positions: Readonly<Record<string, string>>;
}

export interface Proof {
  readonly equal: boolean;
  /** The venue's totals, free and locked together; assets without any left out. */
  readonly venue: Readonly<Record<string, string>>;
  /** In words. */
  readonly differences: readonly string[];
}

/** The ledger, the balances and the positions against the venue's account: each must equal it to the last digit. */
export function proveBooks(books: Books, venue: Pick<VenueAccount, 'balances'>): Proof {
  const totals = Object.fromEntries(
    Object.entries(venue.balances).map(([asset, { free, locked }]) => [
      asset,
      text(decimal(free).add(decimal(locked))),
    ]),
  );
  const differences = [
    ...differencesOf('ledger', books.ledger, totals, Object.keys({ ...books.ledger, ...totals })),
    ...differencesOf('balances', books.balances, totals, Object.keys({ ...books.balances, ...totals })),
    ...differencesOf('positions', books.positions, totals, Object.keys(books.positions)),
  ];
  const held = Object.entries(totals).filter(([, amount]) => !decimal(amount).isZero());
  return { equal: differences.length === 0, venue: Object.fromEntries(held), differences };
}

function differencesOf(
  what: string,
  ours: Readonly<Record<string, string>>,
  theirs: Readonly<Record<string, string>>,
  assets: readonly string[],
): string[] {
  return assets.flatMap((asset) => {
    const [left, right] = [ours[asset] ?? '0', theirs[asset] ?? '0'];
    return decimal(left).eq(right) ? [] : [`${asset}: ${what} ${left}, venue ${right}`];
  });
}

export function proofText({ equal, venue, differences }: Proof): string {
  if (!equal) return `proof: ledger DIFFERS from the venue: ${differences.join('; ')}`;
  const amounts = Object.entries(venue).map(([asset, amount]) => `${asset} ${amount}`);
  return `proof: ledger equals the venue: ${amounts.join(', ') || 'nothing held'}`;
}
