import { randomUUID } from 'node:crypto';
import { eventId } from '@fleet/domain/events';
import type { DayRules } from '@fleet/domain/supervision';
import { actorOf, type RequestContext } from '@fleet/shared/http';
import { NotLeaderError, type StreamAdmin } from '@fleet/shared/streams';
import type { AuditReader } from '../audit/audit-reader.ts';
import type { CycleReader } from '../cycles/cycle-reader.ts';
import type { Board, Figures } from '../live/board.ts';
import type { EventHub } from '../live/event-hub.ts';
import type { WhyReader } from '../orders/why-reader.ts';
import type { LocalInputs, PersonsInput } from '../supervision/inputs.ts';

/** Into the queue of the leaseholder; resolves with the answer after the commit, undefined for a repetition. */
export type SubmitLocal = <Type extends keyof LocalInputs>(
  type: Type,
  id: string,
  data: LocalInputs[Type],
  context?: Pick<RequestContext, 'requestId' | 'traceparent'>,
) => Promise<unknown>;

/** What the routes use. */
export interface OrchestratorDeps {
  readonly run: string;
  readonly lockstep: boolean;
  readonly rules: DayRules;
  readonly symbols: readonly string[];
  readonly board: Board;
  readonly leads: () => boolean;
  readonly submit: SubmitLocal;
  readonly cycles: CycleReader;
  readonly why: WhyReader;
  readonly audit: AuditReader;
  readonly streams: StreamAdmin;
  readonly hub: EventHub;
  readonly wall: () => number;
}

/** What is committed; a replica that stands by, or has not begun, says so. */
export function figuresOf({ leads, board }: Pick<OrchestratorDeps, 'leads' | 'board'>): Figures {
  const { figures } = board;
  if (!leads() || figures === null) throw new NotLeaderError();
  return figures;
}

/** What of a request makes its id and its trace, and says who asked. */
export type AskedBy = Pick<
  RequestContext,
  'requestId' | 'traceparent' | 'idempotencyKey' | 'person' | 'service'
>;

/**
 * A person's request; the same id for a repetition under the same Idempotency-Key, and never otherwise: a request id is
 * the client's to choose, and one used twice must not make the second request a repetition. `actor` counts only where
 * nobody was recognised: what a body says of its sender is no identity.
 */
export function personsInput(
  { run, wall }: Pick<OrchestratorDeps, 'run' | 'wall'>,
  context: AskedBy,
  { reason, actor }: { readonly reason: string; readonly actor: string },
): PersonsInput {
  return {
    requestId: eventId(run, 'request', context.idempotencyKey ?? randomUUID()),
    reason,
    actor: actorOf(context, actor),
    at: wall(),
  };
}
