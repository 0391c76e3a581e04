import type { TradingConfiguration } from '@fleet/domain/configuration';
import { sha256Hex } from '@fleet/domain/ids';
import type { VenueConfig } from '@fleet/domain/matching';
import { type StrategyParameters, strategyByName } from '@fleet/domain/strategies';
import type { CandleRequest, CandleSet } from '../candles/candle-source.ts';
import type { LocalInputs } from '../optimizer/inputs.ts';
import { contentHash } from '../report/canonical-json.ts';
import { outcomeMessage, studyReport, testedCandidates, trialsForDeflation } from '../report/study-report.ts';
import { parameterDraws } from '../search/draw.ts';
import { rankTrials } from '../search/objective.ts';
import { configurationFor, type TrialSetup } from '../trials/trial.ts';
import type { TrialPool } from '../trials/trial-pool.ts';
import { inParallel } from './in-parallel.ts';
import type { Study, StudyStart } from './study.ts';
import { CandlesChanged, ConfigurationChanged } from './study-errors.ts';
import type { History, TrialRecord, TriedTrial } from './trial-record.ts';

export interface StudyTools {
  readonly configuration: TradingConfiguration;
  readonly venue: VenueConfig;
  readonly pool: Pick<TrialPool, 'trial' | 'report' | 'threads'>;
  readonly record: TrialRecord;
  readonly loadCandles: (request: CandleRequest) => Promise<CandleSet>;
}

/** Stores an input under the lease; resolves after its commit. */
export type Book = <Type extends keyof LocalInputs>(
  type: Type,
  /** What of the study it is: the same thing is stored once. */
  part: string,
  data: LocalInputs[Type],
) => Promise<void>;

/** More than the threads, so that none waits for a commit. */
const AHEAD = 2;
/** Draws that are repeated after a crash between two turns of the event loop. */
const DRAWS_AT_ONCE = 200;

/**
 * One study from where its rows stand to its outcome. Every step is stored before the next depends on it, and every
 * step is a function of the study and the candles: cut off and begun again, it comes to the same result bit for bit.
 * Rejects with a named error when it cannot be done, with the signal's reason when it is to stop.
 */
export async function runStudy(
  study: Study,
  tools: StudyTools,
  book: Book,
  signal: AbortSignal,
): Promise<void> {
  const { setup, start } = await begin(study, tools, book);
  signal.throwIfAborted();
  await tryAll({ study, tools, book, signal, setup });
  const trials = await tools.record.trials(study.id);
  const ranked = rankTrials(trials).slice(0, study.spec.candidates);
  await lookAtTest({ study, tools, book, signal, setup }, ranked);
  await settle({ study, tools, book, signal, setup }, { start, trials, ranked });
}

interface Work {
  readonly study: Study;
  readonly tools: StudyTools;
  readonly book: Book;
  readonly signal: AbortSignal;
  readonly setup: TrialSetup;
}

/** Rules and candles; those of the first start when the study goes on after a crash. */
async function begin(study: Study, tools: StudyTools, book: Book) {
  const { spec } = study;
  const configuration = configurationFor(tools.configuration, spec.symbols);
  const { interval, intervalMs } = configuration;
  // In the configuration's order, which is that of matching: the order in the request must not matter.
  const symbols = configuration.instruments.map(({ symbol }) => symbol);
  const period = { from: spec.from, to: spec.to };
  const { candles, bySymbol, sha256 } = await tools.loadCandles({ symbols, interval, intervalMs, period });
  const { assignments: _replaced, ...rules } = configuration;
  const start: StudyStart = {
    configurationSha256: contentHash({ rules, venue: tools.venue }),
    candlesSha256: sha256,
    sources: bySymbol,
    bars: candles.reduce((sum, { length }) => sum + length, 0),
  };
  if (study.started === null) await book('study.started', 'start', { studyId: study.id, start });
  else assertSame(study.started, start);
  const setup: TrialSetup = { configuration, venue: tools.venue, strategy: spec.strategy, candles };
  return { setup, start };
}

function assertSame(before: StudyStart, now: StudyStart): void {
  if (before.configurationSha256 !== now.configurationSha256)
    throw new ConfigurationChanged(
      'config/ has other rules than when the study began; its trials would not be comparable',
    );
  if (before.candlesSha256 !== now.candlesSha256)
    throw new CandlesChanged('the candles are not those that the study began with');
}

async function tryAll(work: Work): Promise<void> {
  const { study, tools, book, signal, setup } = work;
  const { id: studyId, spec, periods } = study;
  const done = new Set((await tools.record.trials(studyId)).map(({ index }) => index));
  await inParallel(openDraws(study, done), tools.pool.threads + AHEAD, signal, async (drawn) => {
    const { index, parameters } = drawn;
    const { objective } = spec;
    const task = { setup, parameters, period: periods.train, objective, constraints: spec };
    const outcome = await tools.pool.trial(task);
    signal.throwIfAborted();
    await book('trial.finished', `trial:${index}`, { studyId, index, parameters, ...outcome });
  });
}

/** The study's draws in order, without those whose trials are stored. */
async function* openDraws(
  { spec }: Study,
  done: ReadonlySet<number>,
): AsyncGenerator<{ readonly index: number; readonly parameters: StrategyParameters }> {
  const draws = parameterDraws(strategyByName(spec.strategy), spec.seed);
  for (let index = 0; index < spec.trials; index += 1) {
    const parameters = draws.next();
    if (parameters === null) return;
    if (!done.has(index)) yield { index, parameters };
    else if (index % DRAWS_AT_ONCE === 0) await new Promise((resolve) => setImmediate(resolve));
  }
}

/** Each candidate once on the test period; what was looked at before a crash is not looked at again. */
async function lookAtTest(work: Work, ranked: readonly TriedTrial[]): Promise<void> {
  const { study, tools, book, signal, setup } = work;
  const { id: studyId, spec, periods } = study;
  const looked = new Set((await tools.record.looks(studyId)).map(({ index }) => index));
  const open = ranked.filter(({ index }) => !looked.has(index));
  await inParallel(open, tools.pool.threads, signal, async ({ index, parameters }) => {
    const { objective: name } = spec;
    const task = { setup, parameters, period: periods.test, objective: name, constraints: spec };
    const { objective, metrics } = await tools.pool.trial(task);
    signal.throwIfAborted();
    await book('candidate.tested', `look:${index}`, { studyId, index, objective, metrics });
  });
}

interface Found {
  readonly start: StudyStart;
  readonly trials: readonly TriedTrial[];
  readonly ranked: readonly TriedTrial[];
}

async function settle(work: Work, { start, trials, ranked }: Found): Promise<void> {
  const { study, tools, book, signal } = work;
  const { id: studyId, spec } = study;
  const looks = await tools.record.looks(studyId);
  const history = await tools.record.history(spec, study.periods);
  const candidates = testedCandidates(ranked, looks);
  const [best] = candidates;
  const winner = best === undefined ? null : await wholeReports(work, best.parameters, { trials, history });
  signal.throwIfAborted();
  const { searchSpace } = strategyByName(spec.strategy);
  const { volWindow } = tools.configuration.portfolio;
  const report = { study, start, searchSpace, volWindow, trials, candidates, history, winner };
  const body = JSON.stringify(studyReport(report));
  await book('study.settled', 'settled', {
    ...{ studyId, outcome: 'completed', code: null, message: outcomeMessage(spec.objective, trials, best) },
    candidate: best ?? null,
    report: { body, sha256: sha256Hex(body) },
  });
}

async function wholeReports(
  { study, tools, setup }: Work,
  parameters: StrategyParameters,
  { trials, history }: Pick<Found, 'trials'> & { readonly history: History },
) {
  const deflation = trialsForDeflation(trials, history);
  const task = { setup, parameters, trials: deflation };
  const [train, test] = await Promise.all([
    tools.pool.report({ ...task, period: study.periods.train }),
    tools.pool.report({ ...task, period: study.periods.test }),
  ]);
  return { train, test };
}
