import { endpoint, NotFound } from '@fleet/shared/http';
import { z } from 'zod';
import { figuresOf, type OrchestratorDeps } from './deps.ts';
import { cycleSchema } from './schemas.ts';

const WAIT_MS_MAX = 25_000;

export const getCycle = endpoint({
  method: 'get',
  path: '/cycles/{id}',
  summary: 'One cycle; with waitMs, as soon as it is settled or given up',
  description:
    'Settled: every proposal is denied, acknowledged by the venue or ended, the mark is decided on, and so are the ' +
    'sells of a flatten that the decision asked for. With `waitMs` also a cycle that has not begun yet is waited for.',
  tags: ['cycles'],
  params: z.strictObject({ id: z.string().min(1).max(100) }),
  query: z.strictObject({ waitMs: z.coerce.number().int().min(0).max(WAIT_MS_MAX).default(0) }),
  response: cycleSchema,
  errors: ['NOT_LEADER', 'NOT_FOUND'],
  timeoutMs: WAIT_MS_MAX + 3_000,
  handle: async (deps: OrchestratorDeps, { params: { id }, query: { waitMs }, context }) => {
    figuresOf(deps);
    const { board } = deps;
    const answers = () => {
      const known = board.cycle(id);
      return known !== undefined && (known.settled || known.status === 'timed-out');
    };
    if (!answers() && !isGone(deps, id))
      await board.until(() => answers() || !deps.leads(), waitMs, context.signal);
    figuresOf(deps);
    const report = board.cycle(id) ?? (await deps.cycles.byId(id));
    if (report === undefined) throw new NotFound(`no cycle "${id}" in this run`);
    return report;
  },
});

/** Older than what memory holds: nothing will come of it. */
function isGone({ board }: OrchestratorDeps, id: string): boolean {
  if (board.cycle(id) !== undefined) return false;
  const openTime = Number(id.slice(id.lastIndexOf(':') + 1));
  const [oldest] = board.all();
  return oldest !== undefined && openTime < oldest.openTime;
}
