import { z } from 'zod';
import { askJson } from '../fleet/http-json.ts';
import { type SmokeProject, STUDY } from './smoke-project.ts';
import { until } from './until.ts';

const STUDY_MS_MAX = 90_000;
const TRIALS = 20;
const MINUTE_MS = 60_000;

const accepted = z.object({ studyId: z.string() });
const study = z.looseObject({ state: z.string(), message: z.string().nullable() });

/** The optimizer's worker threads, which start from files of their own in its image, run a study. */
export async function checkStudy({ urls }: SmokeProject, signal: AbortSignal): Promise<string> {
  const base = urls['parameter-optimizer'];
  const { studyId } = accepted.parse(
    await askJson(`${base}/optimize/run`, {
      method: 'POST',
      headers: { 'idempotency-key': `smoke-${STUDY.from}` },
      body: {
        ...{ strategy: 'ema-cross', symbols: [STUDY.symbol], trials: TRIALS, tradesMin: 0 },
        ...{ from: STUDY.from, to: STUDY.from + STUDY.bars * MINUTE_MS, objective: 'totalReturn' },
      },
    }),
  );
  let found = '';
  await until(STUDY_MS_MAX, signal, async () => {
    const { state, message } = study.parse(await askJson(`${base}/optimize/studies/${studyId}`));
    found = `${state}: ${message ?? ''}`;
    return state === 'completed' ? null : found;
  });
  return found;
}
