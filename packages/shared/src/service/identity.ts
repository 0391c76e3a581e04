/** Who a service is, the same in every replica of it. */
export interface ServiceIdentity {
  /** Such as `risk-manager`: log field, metric label, `source` of its events. */
  readonly name: string;
  /** Its Postgres schema, which is also its consumer group: `risk`. */
  readonly schema: string;
  readonly version: string;
  /** One sentence, for its API description. */
  readonly description: string;
}

/**
 * What the service works on. A run is the account's name at a real venue; the simulator makes one for each market
 * that it starts. State rows, inbox, outbox and leases carry it, and a service processes its own run alone.
 */
export interface RunInfo {
  readonly run: string;
  readonly mode: 'lockstep' | 'paced' | 'live';
  /** True in lock-step replay, where a consumer that is behind waits without limit. */
  readonly lockstep: boolean;
}

export function runInfo(run: string, mode: RunInfo['mode']): RunInfo {
  return { run, mode, lockstep: mode === 'lockstep' };
}

/** The two clocks of a process, in milliseconds. Never the time of a decision: that is the event's own. */
export interface ServiceClock {
  /** Since 1970-01-01 UTC. */
  wall(): number;
  /** Since some moment of this process; only differences mean anything, and they never run backwards. */
  monotonic(): number;
}

export const systemClock: ServiceClock = {
  wall: () => Date.now(),
  monotonic: () => performance.now(),
};
