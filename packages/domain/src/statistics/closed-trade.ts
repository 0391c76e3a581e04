/** A position from its first entry fill to the fill that left nothing sellable. Money is in quote units. */
export interface ClosedTrade {
  readonly symbol: string;
  /** Market time of the first entry fill and of the last exit fill, epoch ms UTC. */
  readonly entryTime: number;
  readonly exitTime: number;
  /** Base units bought. */
  readonly quantity: number;
  /** Average prices of the fills. */
  readonly entryPrice: number;
  readonly exitPrice: number;
  /** Profit after all fees. */
  readonly pnl: number;
  /** Fees of entry and exit. */
  readonly fees: number;
  /** Profit in percent of what the entry cost: 1.5 is 1.5 %. */
  readonly returnPct: number;
  readonly entryReason: string;
  readonly exitReason: string;
  /** Farthest move against (≤ 0) and in favour (≥ 0) while held, in percent of the entry price. */
  readonly mae: number;
  readonly mfe: number;
}
