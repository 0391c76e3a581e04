import { type StudyRequested, studyRequested } from '@fleet/domain/events';
import type { Decided, Input, Processor, RunnerControl, Subscription } from '@fleet/shared/streams';
import {
  askStudy,
  bookLook,
  bookTrial,
  cancelStudy,
  requestStudy,
  type StudyEffect,
  settleStudy,
  startStudy,
} from '../studies/decide.ts';
import { approveVersion, rejectVersion, rollBack } from '../versions/decide.ts';
import type { LocalInputs } from './inputs.ts';
import type { OptimizerScope, OptimizerState } from './state.ts';
import { loadState, stateRows } from './state-store.ts';

/** Commands are read because their stream waits for every group before it is trimmed; none of them is for a study. */
export const SUBSCRIPTIONS: readonly Subscription[] = [
  { stream: 'opt.requests', partitions: 'all' },
  { stream: 'orchestrator.commands', partitions: 'own' },
];
export const HANDLES: readonly string[] = [studyRequested.type];

/** Works on the open studies while this replica holds the lease. */
export interface LeasedDriver {
  take(control: RunnerControl): void;
  wake(): void;
  /** The study ended by a decision of somebody else: nothing more of it is worked on. */
  abandon(studyId: string): void;
  release(): void;
}

export interface ProcessorOptions {
  readonly scope: OptimizerScope;
  readonly driver: LeasedDriver;
  readonly onEnded: (effect: Extract<StudyEffect, { kind: 'ended' }>) => void;
}

/** Studies, trials and versions of a run in one place, so that one lease covers them. */
export function createProcessor({
  scope,
  driver,
  onEnded,
}: ProcessorOptions): Processor<OptimizerState | null> {
  return {
    load: (db) => loadState(db, scope),
    decide: (state, input) => decide(state, input),
    rows: (state) => (state === null ? [] : stateRows(state)),
    // The streams do not wait for the studies: requests are taken while one is worked on.
    onLease: async (_state, control) => driver.take(control),
    onLost: () => driver.release(),
    afterCommit: (effects) => {
      for (const effect of effects as readonly StudyEffect[]) {
        if (effect.kind === 'queued') driver.wake();
        else {
          driver.abandon(effect.studyId);
          onEnded(effect);
        }
      }
    },
  };
}

/** Of further partitions: the first one's leaseholder reads the requests of all. */
export function createIdleProcessor(): Processor<OptimizerState | null> {
  return { load: async () => null, decide: () => ({ kind: 'done' }), rows: () => [] };
}

type Handler<Data> = (state: OptimizerState, data: Data, input: Input) => Decided;

const LOCAL: { readonly [Type in keyof LocalInputs]: Handler<LocalInputs[Type]> } = {
  'study.asked': askStudy,
  'study.canceled': cancelStudy,
  'study.started': startStudy,
  'trial.finished': bookTrial,
  'candidate.tested': bookLook,
  'study.settled': settleStudy,
  'version.approved': approveVersion,
  'version.rejected': rejectVersion,
  'version.rolled-back': rollBack,
};

const HANDLERS: ReadonlyMap<string, Handler<never>> = new Map<string, Handler<never>>([
  ...Object.entries(LOCAL),
  [studyRequested.type, (state, data: StudyRequested, input) => requestStudy(state, data, input)],
]);

function decide(state: OptimizerState | null, input: Input): Decided {
  const handler = HANDLERS.get(input.type);
  if (handler === undefined || state === null) throw new Error(`input type ${input.type} has no handler`);
  // The catalog parsed the events, and local inputs are typed where they are submitted.
  return handler(state, input.data as never, input);
}
