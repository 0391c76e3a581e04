import type { Metrics } from './metrics.ts';

export interface ClockSkewOptions {
  /** Own wall clock, milliseconds since 1970. */
  readonly wall: () => number;
  /** Clocks to compare with: each resolves with milliseconds since 1970. */
  readonly references: Readonly<Record<string, () => Promise<number>>>;
  /** Milliseconds that a reference may take; 1,000 when absent, which is below a scrape's time-out. */
  readonly timeoutMs?: number;
}

const ANSWER_MS_MAX = 1_000;

/**
 * `clock_skew_seconds{reference}`: the reference's clock less ours, asked at each scrape, taken against the middle of
 * the question and the answer (so at most half of the round trip wrong). A reference that does not answer has no series.
 */
export function clockSkewMetric(metrics: Metrics, options: ClockSkewOptions): void {
  const { wall, references, timeoutMs = ANSWER_MS_MAX } = options;
  metrics.gauge({
    name: 'clock_skew_seconds',
    help: "The reference's clock less this process's.",
    labelNames: ['reference'],
    collect: async (gauge) => {
      await Promise.all(
        Object.entries(references).map(async ([reference, ask]) => {
          const asked = wall();
          const theirs = await within(ask, timeoutMs);
          if (theirs === null) gauge.remove({ reference });
          else gauge.set({ reference }, (theirs - (asked + wall()) / 2) / 1_000);
        }),
      );
    },
  });
}

async function within(ask: () => Promise<number>, timeoutMs: number): Promise<number | null> {
  const { promise: late, resolve } = Promise.withResolvers<null>();
  const timer = setTimeout(() => resolve(null), timeoutMs);
  try {
    return await Promise.race([ask().catch(() => null), late]);
  } finally {
    clearTimeout(timer);
  }
}
