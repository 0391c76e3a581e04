import { STATE_REASONS, type TradingState } from '@fleet/domain/events';
import { z } from 'zod';

export const tradingSchema = z
  .object({
    mode: z.enum(['ACTIVE', 'REDUCING', 'HALTED']),
    epoch: z.int(),
    reason: z.enum(STATE_REASONS),
    cause: z.enum(STATE_REASONS).nullable().meta({ description: 'What a flatten came from.' }),
    detail: z.string(),
    actor: z.string(),
    since: z.iso.datetime().nullable().meta({ description: 'Null for the beginning of a replay.' }),
    flattenId: z.string().nullable(),
    cycleId: z.string().nullable().meta({ description: 'Cycle whose mark decided it.' }),
    day: z.string().nullable(),
  })
  .meta({ id: 'TradingState' });

export function tradingView({ since, ...trading }: TradingState): z.input<typeof tradingSchema> {
  return { ...trading, since: since === 0 ? null : new Date(since).toISOString() };
}

export const cycleSchema = z
  .object({
    cycleId: z.string(),
    kind: z
      .enum(['bars', 'orders'])
      .meta({ description: "A bar set's; or orders outside of one, such as the sells of a flatten." }),
    parent: z.string().nullable().meta({ description: 'Cycle whose decision asked for the flatten.' }),
    openTime: z.int().meta({ description: 'Of the bar set, epoch milliseconds UTC.' }),
    status: z.enum(['open', 'planned', 'complete', 'settled', 'timed-out']),
    settled: z.boolean(),
    proposals: z.array(z.string()),
    waitingFor: z.array(z.string()),
    equity: z.string().nullable(),
    latencyMs: z.number().nullable().meta({ description: 'From the first bar seen to complete, wall time.' }),
    stateEpoch: z.int().nullable().meta({ description: 'Epoch after the decision on its mark.' }),
    flattenId: z.string().nullable(),
    openedAt: z.number().nullable(),
  })
  .meta({ id: 'Cycle' });

const textField = (max: number) => z.string().trim().min(1).max(max);

/** What every command of a person carries. */
export const personsBody = {
  reason: textField(300).meta({ description: 'Why, in words; kept in the audit.' }),
  actor: textField(80).default('admin').meta({ description: 'Who asks.' }),
};
