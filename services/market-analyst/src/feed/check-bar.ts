import { type BarFault, createReturnHistory, judgeBar, toBar } from '@fleet/domain/bars';
import type { ExactBar } from '../bar-set/decide.ts';

/** Only what is impossible by itself is judged here: gaps are repaired, and jumps are for the risk gate. */
const LIMITS = {
  missingBarsMax: Number.MAX_SAFE_INTEGER,
  zeroVolumeRunMax: Number.MAX_SAFE_INTEGER,
  jumpSigmaMax: Number.MAX_VALUE,
  jumpShareMin: Number.MAX_VALUE,
};
const NO_HISTORY = createReturnHistory(2);

/** What makes a bar impossible, or null. */
export function impossibility(bar: ExactBar, intervalMs: number): BarFault | null {
  const verdict = judgeBar(null, toBar(bar.symbol, bar), NO_HISTORY, { ...LIMITS, intervalMs });
  return verdict.verdict === 'impossible' ? (verdict.faults[0] ?? null) : null;
}
