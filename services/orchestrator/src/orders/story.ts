import type { Chain } from './why-reader.ts';

/** The chain in sentences, in the order in which it happened. */
export function storyOf(chain: Chain): string[] {
  return [
    ...market(chain),
    ...asked(chain),
    ...judged(chain),
    ...venue(chain),
    ...chain.fills.map(
      ({ quantity, price, fee, feeAsset, time }) =>
        `${iso(time)}: filled ${quantity} at ${price}, fee ${fee} ${feeAsset}.`,
    ),
  ];
}

function market({ symbol, inputs: { bar, signal }, cycle }: Chain): string[] {
  const words: string[] = [];
  if (bar !== undefined && cycle !== null)
    words.push(`The bar of ${symbol} that opened ${iso(cycle.openTime)} closed at ${bar.close}.`);
  if (signal !== undefined) {
    const { strategy, strategyVersion, target, reason, confidence } = signal;
    words.push(
      `Strategy ${strategy} (${strategyVersion}) asked for an exposure of ${target} with confidence ${confidence}: ${reason}.`,
    );
  }
  return words;
}

function asked({ state, proposal, entry, order }: Chain): string[] {
  const words: string[] = [];
  if (state !== null)
    words.push(
      `Everything was to be sold: ${state.cause ?? state.reason}, ${state.detail} (${state.actor}).`,
    );
  if (proposal !== null) {
    const { side, quantity, purpose, reason, referencePrice } = proposal;
    words.push(`Proposed: ${side} ${quantity} (${purpose}, ${reason}), decided at ${referencePrice}.`);
  }
  if (entry !== null && order !== null)
    words.push(
      `The executor's own ${order.purpose}, covered by the approval of entry ${entry.clientOrderId}.`,
    );
  return words;
}

function judged({ decision }: Chain): string[] {
  if (decision === null) return [];
  const { outcome, message, quantity, decidedAt } = decision;
  const said = outcome === 'approved' ? `risk approved ${quantity}` : 'risk denied it';
  return [`${iso(decidedAt)}: ${said}: ${message}.`];
}

function venue({ order }: Chain): string[] {
  if (order === null) return [];
  const { acceptedAt, venueOrderId, state, filled, quantity, reason } = order;
  const words: string[] = [];
  if (acceptedAt !== null)
    words.push(`${iso(acceptedAt)}: the venue took it as order ${venueOrderId ?? '?'}.`);
  const because = reason === '' ? '' : ` (${reason})`;
  words.push(`It is ${state}, ${filled} of ${quantity} filled${because}.`);
  return words;
}

function iso(time: number): string {
  return new Date(time).toISOString();
}
