import { eventId } from '@fleet/domain/events';
import { type LocalInput, NotLeaderError, type RunnerControl } from '@fleet/shared/streams';
import { newTraceparent } from '@fleet/shared/telemetry';
import type { ExecutorState } from '../book/state.ts';
import type { LocalInputs, LocalType } from '../inputs.ts';

export interface SubmitOptions {
  /** What it is about: the symbol, or the run. */
  readonly key: string;
  /** Event time. */
  readonly time: number;
  /** Names it among inputs of its type. */
  readonly natural: string;
  /** It cannot have been submitted before. */
  readonly fresh?: boolean;
  /** Client order id whose trace goes on. */
  readonly order?: string;
}

/** Hands inputs to the leaseholder's queue for one leadership; after its end nothing is handed in any more. */
export class Submitter {
  readonly #control: RunnerControl;
  readonly #run: string;
  readonly signal: AbortSignal;
  #pending = 0;

  constructor(control: RunnerControl, run: string, signal: AbortSignal) {
    this.#control = control;
    this.#run = run;
    this.signal = signal;
  }

  /** Inputs that are not committed yet. */
  get pending(): number {
    return this.#pending;
  }

  /** The state as of now; rejects nothing, throws when the lease is gone. */
  get state(): ExecutorState {
    return this.#control.state() as ExecutorState;
  }

  holdsLease(): boolean {
    return !this.signal.aborted && this.#control.holdsLease();
  }

  /** Resolves with the decision's result after the commit. */
  async submit<Type extends LocalType>(
    type: Type,
    data: LocalInputs[Type],
    options: SubmitOptions,
  ): Promise<unknown> {
    if (this.signal.aborted) throw new NotLeaderError('this leadership is over');
    this.#pending += 1;
    try {
      return await this.#control.submit(this.#input(type, data, options));
    } finally {
      this.#pending -= 1;
    }
  }

  #input(type: LocalType, data: unknown, options: SubmitOptions): LocalInput {
    const { key, time, natural, fresh, order } = options;
    const trace = order === undefined ? undefined : this.#traceOf(order);
    return {
      id: eventId(this.#run, type, natural),
      type,
      key,
      ts: new Date(Math.max(0, time)).toISOString(),
      data,
      ...(fresh === undefined ? {} : { fresh }),
      traceparent: trace?.traceparent || newTraceparent(),
      ...(trace?.requestId ? { requestId: trace.requestId } : {}),
    };
  }

  #traceOf(clientOrderId: string) {
    return this.state.traces.get(clientOrderId);
  }
}
