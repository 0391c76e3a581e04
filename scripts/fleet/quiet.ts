import type { BookingStatus, CycleView, ExecutorStatus, VenueAccount } from './fleet-answers.ts';

/** What was answered after a step; null where nobody answered. */
export interface StepView {
  readonly venue: VenueAccount | null;
  readonly executor: ExecutorStatus | null;
  readonly portfolio: BookingStatus | null;
  readonly risk: BookingStatus | null;
  /** The cycle that the step opened; undefined when it opened none. */
  readonly cycle: CycleView | null | undefined;
}

/**
 * What the fleet has still to do after a step, in words; empty when it is quiet. Quiet: the executor's last trade ids
 * and open orders equal the venue's, no intent is open, no stop or cancel is owed; portfolio and risk have booked its
 * last exec.status sequence; after close, the cycle is complete, the orchestrator has decided on its mark, and
 * portfolio, risk and executor have applied its epoch.
 */
export function waitsFor({ venue, executor, portfolio, risk, cycle }: StepView): string[] {
  const words: string[] = [];
  if (cycle !== undefined) words.push(...cycleWaits(cycle));
  if (venue === null) words.push('simulator: does not answer');
  if (executor === null) words.push('trade-executor: does not answer');
  if (venue !== null && executor !== null) words.push(...executorWaits(executor, venue));
  const epoch = cycle?.stateEpoch ?? 0;
  if (executor !== null && executor.stateEpoch < epoch)
    words.push(behind('trade-executor', executor.stateEpoch, epoch));
  words.push(...bookingWaits('portfolio-manager', portfolio, executor, epoch));
  words.push(...bookingWaits('risk-manager', risk, executor, epoch));
  return words;
}

function cycleWaits(cycle: CycleView | null): string[] {
  if (cycle === null) return ['orchestrator: does not know the cycle yet'];
  if (cycle.settled) return [];
  const { status, waitingFor } = cycle;
  return [
    `orchestrator: the cycle is ${status}${waitingFor.length > 0 ? `, waiting for ${waitingFor.join(', ')}` : ''}`,
  ];
}

function executorWaits(executor: ExecutorStatus, venue: VenueAccount): string[] {
  const words: string[] = [];
  for (const [symbol, last] of Object.entries(venue.lastTradeIds)) {
    const known = executor.lastTradeIds[symbol] ?? 0;
    if (known !== last)
      words.push(`trade-executor: knows ${symbol} trades up to ${known}, the venue has ${last}`);
  }
  const [ours, theirs] = [
    new Set(executor.openOrders),
    new Set(venue.openOrders.map((o) => o.clientOrderId)),
  ];
  const differing = [...ours, ...theirs].filter((id) => !(ours.has(id) && theirs.has(id)));
  if (differing.length > 0)
    words.push(`trade-executor: open orders differ from the venue's: ${differing.slice(0, 3).join(', ')}`);
  if (executor.openIntents > 0) words.push(`trade-executor: ${executor.openIntents} open intents`);
  if (executor.owed > 0) words.push(`trade-executor: ${executor.owed} stops or cancels owed`);
  if (executor.inFlight > 0) words.push(`trade-executor: ${executor.inFlight} requests in flight`);
  return words;
}

function bookingWaits(
  name: string,
  status: BookingStatus | null,
  executor: ExecutorStatus | null,
  epoch: number,
): string[] {
  if (status === null) return [`${name}: does not answer`];
  const words: string[] = [];
  if (executor !== null && status.execSequence < executor.execSequence)
    words.push(`${name}: has booked exec.status up to ${status.execSequence} of ${executor.execSequence}`);
  if (status.stateEpoch < epoch) words.push(behind(name, status.stateEpoch, epoch));
  return words;
}

function behind(name: string, at: number, epoch: number): string {
  return `${name}: has applied the trading state of epoch ${at} of ${epoch}`;
}
