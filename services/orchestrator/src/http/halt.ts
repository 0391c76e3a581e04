import { endpoint, type RequestContext } from '@fleet/shared/http';
import { z } from 'zod';
import type { OrchestratorDeps } from './deps.ts';
import { command } from './persons.ts';
import { personsBody, tradingSchema, tradingView } from './schemas.ts';

/** The executor bounds its submits to 2 s; the rest is transport and commits. */
const CONFIRM_MS_MAX = 7_000;

export const postHalt = endpoint({
  method: 'post',
  path: '/admin/orchestrate/halt',
  summary: 'Stop all trading now; with flatten, sell everything first',
  description:
    'Answers when the executor has stored the state and nothing of an older one is in flight, or after 7 s with ' +
    '`confirmed: false`; new orders stop by the state all the same. Protective stops stay. Only a person lifts it.',
  tags: ['admin'],
  // Carried out each time it is asked: the stored answer of an earlier halt would hide that somebody lifted it since.
  idempotent: false,
  body: z.strictObject({ ...personsBody, flatten: z.boolean().default(false) }),
  response: z.object({
    confirmed: z.boolean(),
    changed: z.boolean().meta({ description: 'False when it held already.' }),
    trading: tradingSchema,
  }),
  errors: ['NOT_LEADER', 'QUEUE_FULL'],
  handle: async (deps: OrchestratorDeps, { body, context }) => {
    const { kind, trading } = await command(deps, context, 'person.halt', body, { flatten: body.flatten });
    const confirmed = await haltConfirmed(deps, context, trading.epoch);
    return { confirmed, changed: kind === 'done', trading: tradingView(trading) };
  },
});

/** Whether the executor says in time that it works under this epoch or a later one; if not, people are told. */
export async function haltConfirmed(
  deps: OrchestratorDeps,
  { signal, logger }: Pick<RequestContext, 'signal' | 'logger'>,
  epoch: number,
): Promise<boolean> {
  const { board } = deps;
  const applied = () => (board.figures?.appliedEpoch ?? 0) >= epoch;
  const confirmed = await board.until(applied, CONFIRM_MS_MAX, signal);
  if (!confirmed) tellUnconfirmed(deps, epoch, logger);
  return confirmed;
}

function tellUnconfirmed(
  { submit, wall }: OrchestratorDeps,
  epoch: number,
  logger: { error(fields: object, message: string): void },
): void {
  const told = submit('halt.unconfirmed', `halt.unconfirmed:${epoch}`, { epoch, at: wall() });
  told.catch((err: unknown) => logger.error({ err, epoch }, 'an unconfirmed halt could not be recorded'));
}
