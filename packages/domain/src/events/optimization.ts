import { z } from 'zod';
import { defineEvent } from './definition.ts';
import { epochMsField, symbolField } from './fields.ts';

const parametersField = z.record(z.string().max(60), z.union([z.number(), z.string().max(100), z.boolean()]));

export const studyRequested = defineEvent({
  type: 'study.requested',
  v: 1,
  stream: 'opt.requests',
  partitionBy: 'account',
  schema: z.strictObject({
    studyId: z.string().min(1).max(100),
    strategy: z.string().min(1).max(60),
    symbols: z.array(symbolField).min(1),
    interval: z.string().min(2).max(4),
    from: epochMsField,
    to: epochMsField,
    /** Share of the period, from its end, that is kept for the test. */
    testShare: z.number().min(0.1).max(0.5),
    trials: z.int().min(1).max(10_000),
    seed: z.int().nonnegative(),
    objective: z.enum(['sharpe', 'sortino', 'calmar', 'profitFactor', 'totalReturn']),
    requestedBy: z.string().max(100),
  }),
});
export type StudyRequested = z.infer<typeof studyRequested.schema>;

export const studyFinished = defineEvent({
  type: 'study.finished',
  v: 1,
  stream: 'opt.results',
  partitionBy: 'account',
  schema: z.strictObject({
    studyId: z.string().min(1).max(100),
    outcome: z.enum(['completed', 'failed']),
    strategy: z.string().min(1).max(60),
    symbols: z.array(symbolField).min(1),
    trials: z.int().nonnegative(),
    /** Candidate awaiting approval, or null when none met the conditions. */
    parameterVersion: z.string().max(100).nullable(),
    parameters: parametersField.nullable(),
    trainObjective: z.number().nullable(),
    testObjective: z.number().nullable(),
    message: z.string().max(500),
  }),
});

/** Parameters that the analyst takes at the next set that it opens, for all symbols named at once. */
export const parametersDeployed = defineEvent({
  type: 'parameters.deployed',
  v: 1,
  stream: 'opt.results',
  partitionBy: 'all',
  schema: z.strictObject({
    parameterVersion: z.string().min(1).max(100),
    strategy: z.string().min(1).max(60),
    symbols: z.array(symbolField).min(1),
    parameters: parametersField,
    deployedBy: z.string().max(100),
    rollbackOf: z.string().max(100).nullable(),
  }),
});
export type ParametersDeployed = z.infer<typeof parametersDeployed.schema>;
