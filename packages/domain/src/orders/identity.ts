import { sha256Hex } from '../ids/index.ts';

/**
 * What an order is for. `stop` and `emergency` are the executor's own, covered by the approval of the entry
 * that they protect; everything else passes the risk gate by itself.
 */
export const ORDER_PURPOSES = [
  'entry',
  'exit',
  'reduce',
  'flatten',
  'rebalance',
  'manual',
  'stop',
  'emergency',
] as const;
export type OrderPurpose = (typeof ORDER_PURPOSES)[number];

export interface ProposalIdentity {
  readonly run: string;
  /** Interval and open time of the bar set, the flatten id, or the id of a person's request. */
  readonly cycle: string;
  readonly symbol: string;
  readonly purpose: OrderPurpose;
  readonly sequence: number;
}

/** Proposal id: 64 hex digits, the same for the same content. */
export function proposalId(identity: ProposalIdentity): string {
  return sha256Hex(
    [identity.run, identity.cycle, identity.symbol, identity.purpose, identity.sequence].join('\n'),
  );
}

/** Client order id at the venue: the first 32 hex digits of the proposal id (venues allow 36 characters). */
export function clientOrderId(proposal: string): string {
  return proposal.slice(0, 32);
}

/** Cycle id of a bar set: interval and open time (epoch ms, UTC). */
export function cycleId(interval: string, openTime: number): string {
  return `${interval}:${openTime}`;
}
