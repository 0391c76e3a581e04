import {
  eventId,
  type NotificationRaised,
  notificationRaised,
  type TradingState,
} from '@fleet/domain/events';
import type { DecideContext, Input, NewEvent } from '@fleet/shared/streams';
import { type AuditRecord, appendAudit } from '../audit/chain.ts';
import type { Cycle } from '../cycles/cycle.ts';
import { identity } from '../identity.ts';
import type { OrchestratorState } from './state.ts';

/** What becomes visible outside when the commit is confirmed. */
export type Effect =
  | { readonly kind: 'state'; readonly trading: TradingState }
  | { readonly kind: 'figures' }
  | { readonly kind: 'cycle'; readonly cycle: Cycle }
  | {
      readonly kind: 'completed';
      readonly outcome: 'complete' | 'timed-out';
      readonly latencyMs: number | null;
    }
  | { readonly kind: 'break-glass'; readonly asked: string }
  | { readonly kind: 'fill'; readonly fill: Fill; readonly quote: number }
  /** For the metrics alone, the rest. */
  | { readonly kind: 'accepted'; readonly afterMs: number }
  | { readonly kind: 'violation' };

/** A fill as the live events tell it. */
interface Fill extends Readonly<Record<string, unknown>> {
  readonly symbol: string;
  readonly side: string;
  readonly purpose: string;
}

/** The handling of one input: what it changes, says and records. */
export class Turn {
  readonly state: OrchestratorState;
  readonly input: Input;
  readonly context: DecideContext;
  readonly events: NewEvent[] = [];
  readonly effects: Effect[] = [];

  constructor(state: OrchestratorState, input: Input, context: DecideContext) {
    this.state = state;
    this.input = input;
    this.context = context;
  }

  /** `natural` makes the id: the same whichever input it was that tipped the scales. `at` is epoch ms. */
  say(type: string, natural: string, at: number, data: unknown): void {
    const { run } = this.state.scope;
    const ts = new Date(at).toISOString();
    this.events.push({ type, key: run, ts, data, id: eventId(run, type, natural) });
  }

  notify(at: number, natural: string, told: Omit<NotificationRaised, 'raisedBy'>): void {
    this.say(notificationRaised.type, `${identity.name}|${natural}`, at, {
      ...told,
      raisedBy: identity.name,
    });
  }

  audit(record: Pick<AuditRecord, 'kind' | 'detail'> & { readonly actor?: string }): void {
    const { state, input } = this;
    const row = appendAudit(state.scope.run, state.audit, {
      actor: identity.name,
      at: input.ts,
      requestId: input.requestId,
      ...record,
    });
    state.audit = { sequence: row.sequence, hash: row.hash };
    state.changes.audit.push({ ...row });
    state.changes.run = true;
  }

  touch(cycle: Cycle): void {
    this.state.changes.cycles.add(cycle);
    this.effects.push({ kind: 'cycle', cycle });
  }
}
