import type { ApiDescription } from '@fleet/shared/http';
import { identity } from '../identity.ts';
import { getAudit } from './audit.ts';
import { getCycle } from './cycle.ts';
import { getCycles } from './cycles.ts';
import type { OrchestratorDeps } from './deps.ts';
import { getEvents } from './events.ts';
import { postHalt } from './halt.ts';
import { postPnlReset } from './pnl-reset.ts';
import { getPnlStatus } from './pnl-status.ts';
import { postReduce, postStop } from './reduce.ts';
import { postRun } from './run.ts';
import { getDeadLetters } from './streams-dlq.ts';
import { getPending } from './streams-pending.ts';
import { postRequeue } from './streams-requeue.ts';
import { postUnhalt } from './unhalt.ts';
import { getWhy } from './why.ts';

export const api: ApiDescription<OrchestratorDeps> = {
  service: identity.name,
  title: 'Orchestrator',
  description: identity.description,
  endpoints: [
    postRun,
    postStop,
    getPnlStatus,
    getCycles,
    getCycle,
    getWhy,
    getEvents,
    postHalt,
    postUnhalt,
    postReduce,
    postPnlReset,
    getPending,
    getDeadLetters,
    postRequeue,
    getAudit,
  ],
};
