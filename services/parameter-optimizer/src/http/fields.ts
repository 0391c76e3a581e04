import { z } from 'zod';
import { VERSION_STATES } from '../versions/version.ts';

export const symbolField = z.string().regex(/^[A-Z0-9]{4,20}$/, 'must be a venue symbol such as BTCUSDT');
export const symbolsField = z
  .array(symbolField)
  .min(1)
  .max(200)
  .refine((symbols) => new Set(symbols).size === symbols.length, 'a symbol stands twice');
export const parametersField = z.record(z.string(), z.union([z.string(), z.number(), z.boolean()]));
export const versionIdField = z.string().min(1).max(100);
export const byField = z
  .string()
  .trim()
  .min(1)
  .max(100)
  .default('admin')
  .meta({ description: 'Who decides; it is stored and published.' });

export const metricsView = z
  .record(z.string(), z.number().nullable())
  .meta({ description: 'Shares unless a name says otherwise; null where undefined.' });

export const trialView = z
  .object({
    index: z.int().meta({ description: 'In the order of drawing.' }),
    parameters: parametersField,
    objective: z.number().nullable(),
    violations: z.array(z.string()).meta({ description: 'Conditions that keep it from being a candidate.' }),
    metrics: metricsView,
  })
  .meta({ id: 'Trial' });

export const versionView = z
  .object({
    parameterVersion: z.string(),
    strategy: z.string(),
    symbols: z.array(z.string()),
    parameters: parametersField,
    state: z.enum(VERSION_STATES),
    studyId: z.string(),
    reportSha256: z.string(),
    objective: z.string(),
    trainObjective: z.number().nullable(),
    testObjective: z.number().nullable(),
    reason: z.string(),
    decidedBy: z.string().nullable(),
    createdAt: z.iso.datetime(),
    decidedAt: z.iso.datetime().nullable(),
  })
  .meta({ id: 'ParameterVersion' });

export const deploymentView = z
  .object({
    position: z.int(),
    parameterVersion: z.string(),
    strategy: z.string(),
    symbols: z.array(z.string()),
    parameters: parametersField,
    rollbackOf: z.string().nullable().meta({ description: 'The version that this rollback took off.' }),
    deployedBy: z.string(),
    deployedAt: z.iso.datetime(),
  })
  .meta({ id: 'Deployment' });
