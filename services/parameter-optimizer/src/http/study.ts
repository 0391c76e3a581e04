import { endpoint, NotFound } from '@fleet/shared/http';
import { z } from 'zod';
import { isOpen, STUDY_STATES } from '../studies/study.ts';
import { bestTrials, type StudyView, studyById } from '../studies/study-reader.ts';
import type { OptimizerDeps } from './deps.ts';
import { trialView } from './fields.ts';

const spanView = z.object({ from: z.iso.datetime(), to: z.iso.datetime() });

const studyView = z
  .object({
    studyId: z.string(),
    run: z.string(),
    state: z.enum(STUDY_STATES),
    strategy: z.string(),
    symbols: z.array(z.string()),
    interval: z.string(),
    objective: z.string(),
    seed: z.int(),
    requestedBy: z.string(),
    train: spanView,
    test: spanView,
    progress: z.object({
      trials: z.int(),
      tried: z.int(),
      testLooks: z.int(),
      ahead: z.int().meta({ description: 'Studies that are worked on before this one.' }),
    }),
    requestedAt: z.iso.datetime(),
    startedAt: z.iso.datetime().nullable(),
    finishedAt: z.iso.datetime().nullable(),
    code: z.string().nullable().meta({ description: 'Why it failed.' }),
    message: z.string(),
    parameterVersion: z.string().nullable().meta({ description: 'What it proposes.' }),
    best: z.array(trialView).meta({ description: 'Best trials so far, by the train period.' }),
  })
  .meta({ id: 'Study' });

export const getStudy = endpoint({
  method: 'get',
  path: '/optimize/studies/{id}',
  summary: 'A study: state, progress, its best trials so far, outcome',
  params: z.object({ id: z.string().min(1).max(100) }),
  query: z.strictObject({
    trials: z.coerce
      .number()
      .int()
      .min(0)
      .max(10_000)
      .default(5)
      .meta({ description: 'Best trials to list.' }),
  }),
  response: studyView,
  errors: ['NOT_FOUND'],
  handle: async ({ db, run }: OptimizerDeps, { params, query }) => {
    const found = await studyById(db, run, params.id);
    if (found === undefined) throw new NotFound(`no study ${params.id}`);
    const best = await bestTrials(db, { run: found.run, study: params.id, limit: query.trials });
    return { ...viewOf(found), best: best.map((trial) => ({ ...trial, metrics: { ...trial.metrics } })) };
  },
});

function viewOf({ run, study, tried, looked, ahead }: StudyView) {
  const { spec, periods } = study;
  return {
    ...{ studyId: study.id, run, state: study.state, strategy: spec.strategy, symbols: spec.symbols },
    ...{ interval: spec.interval, objective: spec.objective, seed: spec.seed },
    ...{ requestedBy: spec.requestedBy, train: isoSpan(periods.train), test: isoSpan(periods.test) },
    progress: { trials: spec.trials, tried, testLooks: looked, ahead: isOpen(study) ? ahead : 0 },
    ...{ requestedAt: study.requestedAt, startedAt: study.startedAt, finishedAt: study.finishedAt },
    ...{ code: study.code, message: study.message, parameterVersion: study.parameterVersion },
  };
}

function isoSpan({ from, to }: { readonly from: number; readonly to: number }) {
  return { from: new Date(from).toISOString(), to: new Date(to).toISOString() };
}
