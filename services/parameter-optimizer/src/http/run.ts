import { studyRequested } from '@fleet/domain/events';
import { actorOf, endpoint, fieldFaults, ValidationFailed } from '@fleet/shared/http';
import { z } from 'zod';
import { OBJECTIVES } from '../search/objective.ts';
import { specFaults } from '../studies/admission.ts';
import type { StudySpec } from '../studies/study.ts';
import { StudyConflict, StudyQueueFull } from '../studies/study-errors.ts';
import { decide, type OptimizerDeps } from './deps.ts';
import { symbolsField } from './fields.ts';

const { testShare, trials, seed } = studyRequested.schema.shape;
const timeField = z.union([z.int().nonnegative(), z.iso.date(), z.iso.datetime({ offset: true })]);

const bodySchema = z.strictObject({
  strategy: z.string().min(1).max(60),
  symbols: symbolsField.optional().meta({ description: 'All that the fleet trades when absent.' }),
  interval: z
    .string()
    .min(2)
    .max(4)
    .optional()
    .meta({ description: 'That of the fleet when absent; no other can be deployed.' }),
  from: timeField.meta({ description: 'Open time of the first bar: epoch ms, or ISO 8601.' }),
  to: timeField.meta({ description: 'End, exclusive: epoch ms, or ISO 8601.' }),
  testShare: testShare
    .default(0.3)
    .meta({ description: 'Share of the period, from its end, kept for the test.' }),
  trials: trials.default(200),
  seed: seed.default(1).meta({ description: 'Same seed, same candles and same rules: same result.' }),
  objective: z.enum(OBJECTIVES).default('sharpe'),
  tradesMin: z.int().min(0).max(100_000).optional(),
  drawdownMax: z
    .number()
    .min(0.001)
    .max(1)
    .optional()
    .meta({ description: 'A share: 0.25 is 25 % of equity.' }),
  candidates: z
    .int()
    .min(1)
    .max(50)
    .optional()
    .meta({ description: 'So many of the best are shown on the test period.' }),
  requestedBy: z.string().trim().min(1).max(100).default('api'),
});

export const postRun = endpoint({
  method: 'post',
  path: '/optimize/run',
  summary: 'Request a study: a seeded random search over the parameters of a strategy',
  description:
    'Answers when the study is stored; it is worked on in turn and goes on after a crash. Its outcome is at ' +
    '/optimize/studies/{id} and is published as study.finished. Nothing is deployed without an approval.',
  body: bodySchema,
  response: z.object({ studyId: z.string() }).meta({ id: 'StudyAccepted' }),
  status: 202,
  errors: [StudyQueueFull.code, StudyConflict.code, 'NOT_LEADER', 'QUEUE_FULL'],
  handle: async (deps: OptimizerDeps, { body, context }) => {
    const requestedBy = actorOf(context, body.requestedBy);
    const spec = specOf({ ...body, requestedBy }, deps);
    const faults = specFaults(spec, deps.configuration, deps.limits);
    if (faults.length > 0) {
      const listed = faults.map((fault) => ({ in: 'body' as const, ...fault }));
      throw new ValidationFailed('the study cannot be done here', fieldFaults(listed));
    }
    const studyId = deps.newId();
    await decide(deps, context, 'study.asked', { studyId, spec });
    return { studyId };
  },
});

function specOf(body: z.output<typeof bodySchema>, { configuration, defaults }: OptimizerDeps): StudySpec {
  const { symbols, interval, from, to, tradesMin, drawdownMax, candidates, ...rest } = body;
  return {
    ...rest,
    symbols: symbols ?? configuration.instruments.map(({ symbol }) => symbol),
    interval: interval ?? configuration.interval,
    from: typeof from === 'number' ? from : Date.parse(from),
    to: typeof to === 'number' ? to : Date.parse(to),
    tradesMin: tradesMin ?? defaults.tradesMin,
    drawdownMax: drawdownMax ?? defaults.drawdownMax,
    candidates: candidates ?? defaults.candidates,
  };
}
