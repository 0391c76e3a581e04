import { type TradingState, tradingStateSchema } from '@fleet/domain/events';
import { z } from 'zod';

/** Written by the orchestrator every second, with a life of five: a dead one stops new orders by itself. */
export const STATE_KEY = 'trading:state';

const keySchema = z.looseObject({ run: z.string() });

/** The trading state of this run, or null: missing, unreadable, or another run's. Null never allows anything. */
export function parseStateKey(text: string | null, run: string): TradingState | null {
  if (text === null) return null;
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return null;
  }
  const keyed = keySchema.safeParse(value);
  if (!keyed.success || keyed.data.run !== run) return null;
  const { run: _run, ...state } = keyed.data;
  const parsed = tradingStateSchema.safeParse(state);
  return parsed.success ? parsed.data : null;
}
