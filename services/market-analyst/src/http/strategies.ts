import { endpoint } from '@fleet/shared/http';
import { z } from 'zod';
import type { Version } from '../signals/speaker.ts';
import type { AnalysisDeps } from './deps.ts';
import { openTimeField, symbolField } from './fields.ts';

const versionSchema = z.strictObject({
  symbol: symbolField,
  strategy: z.string(),
  strategyVersion: z.string(),
  parameters: z.record(z.string(), z.union([z.string(), z.number(), z.boolean()])),
  parameterVersion: z.string().nullable().describe("The optimizer's name; null for the configuration's"),
  rollbackOf: z.string().nullable(),
});

const spokenSchema = versionSchema.extend({
  firstOpenTime: openTimeField.describe('First bar set that it spoke on'),
  warmUpBars: z.int().describe('Bars that it was given beforehand'),
});

interface SpokenRow {
  readonly symbol: string;
  readonly first_open_time: string;
  readonly strategy: string;
  readonly strategy_version: string;
  readonly parameters: z.infer<typeof versionSchema>['parameters'];
  readonly parameter_version: string | null;
  readonly rollback_of: string | null;
  readonly warm_up_bars: number;
}

/** Which strategy version speaks for which symbol, and which did before. */
export const strategies = endpoint<AnalysisDeps>()({
  method: 'get',
  path: '/analysis/strategies',
  summary: 'Strategy versions: speaking, waiting for the next bar set, and earlier ones',
  tags: ['analysis'],
  response: z.strictObject({
    interval: z.string(),
    active: z.array(versionSchema).describe('In configured order'),
    pending: z.array(versionSchema).describe('Take over at the next bar set'),
    history: z.array(spokenSchema).describe('By first bar set, ascending'),
  }),
  handle: async ({ pool, run, interval, symbols }) => {
    const { rows: states } = await pool.query<{
      active: { version: Version } | null;
      pending: Version | null;
    }>(
      'SELECT active, pending FROM analysis.symbol_states WHERE run = $1 ORDER BY array_position($2::text[], symbol)',
      [run, symbols],
    );
    const { rows: spoken } = await pool.query<SpokenRow>(
      'SELECT * FROM analysis.strategy_versions WHERE run = $1 ORDER BY first_open_time, array_position($2::text[], symbol)',
      [run, symbols],
    );
    return {
      interval,
      active: states.flatMap(({ active }) => (active === null ? [] : [shown(active.version)])),
      pending: states.flatMap(({ pending }) => (pending === null ? [] : [shown(pending)])),
      history: spoken.map(shownRow),
    };
  },
});

function shown({ version, ...rest }: Version): z.infer<typeof versionSchema> {
  return { ...rest, strategyVersion: version };
}

function shownRow(row: SpokenRow): z.infer<typeof spokenSchema> {
  return {
    symbol: row.symbol,
    strategy: row.strategy,
    strategyVersion: row.strategy_version,
    parameters: row.parameters,
    parameterVersion: row.parameter_version,
    rollbackOf: row.rollback_of,
    firstOpenTime: Number(row.first_open_time),
    warmUpBars: row.warm_up_bars,
  };
}
