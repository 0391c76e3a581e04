import { join } from 'node:path';
import type { VenueConfig, VenueRules } from '@fleet/domain/matching';
import type { Market } from '../market/market.ts';
import { JournalUnusable } from '../simulator-errors.ts';
import { readJson, writeDurably } from './durable-file.ts';
import { noJournal, openJournal } from './journal.ts';
import { markFinished, newRun, openRun, type RunRecord, runFolder } from './run-folder.ts';
import { Simulation, type SimulationSnapshot } from './simulation.ts';

export interface OpenSimulationOptions {
  readonly market: Market;
  readonly venue: VenueConfig;
  /** Folder of the journal; without one the run ends with the process. */
  readonly journalFolder?: string | undefined;
  readonly fresh?: boolean | undefined;
  /** Wall time, epoch ms. */
  readonly wallTime: number;
  readonly onBroken?: ((error: Error) => void) | undefined;
}

export interface OpenedSimulation {
  readonly simulation: Simulation;
  readonly run: RunRecord;
  /** True when it goes on with a run that was cut. */
  readonly continued: boolean;
  close(): void;
}

/**
 * Starts a run, or goes on with the unfinished one of the journal folder, exactly where it was.
 * @throws JournalUnusable when the journal is damaged or of another market.
 */
export function openSimulation(options: OpenSimulationOptions): OpenedSimulation {
  const { market, venue, journalFolder } = options;
  const rules: VenueRules = { ...venue, instruments: market.instruments };
  const source = `${market.descriptor}|${JSON.stringify([rules, venue.startBalances])}`;
  const base = { market, rules, startBalances: venue.startBalances, onBroken: options.onBroken };
  if (journalFolder === undefined) {
    const run = newRun(source, 1, options.wallTime);
    const simulation = new Simulation({ ...base, journal: noJournal });
    return { simulation, run, continued: false, close: () => undefined };
  }
  const run = openRun(journalFolder, source, options.fresh ?? false, options.wallTime);
  const folder = runFolder(journalFolder, run);
  const { journal, entries } = openJournal(join(folder, 'journal.ndjson'));
  const snapshotFile = join(folder, 'snapshot.json');
  const simulation = new Simulation({
    ...base,
    journal,
    entries,
    snapshot: readSnapshot(snapshotFile, entries.length),
    saveSnapshot: (snapshot) => writeDurably(snapshotFile, JSON.stringify(snapshot)),
    onFinished: () => markFinished(journalFolder, run),
  });
  if (simulation.finished) markFinished(journalFolder, run);
  return { simulation, run, continued: entries.length > 0, close: () => journal.close() };
}

/** Written by this program alone, whole or not at all; what can be wrong is that the journal beside it is shorter. */
function readSnapshot(path: string, entries: number): SimulationSnapshot | undefined {
  const snapshot = readJson(path) as SimulationSnapshot | undefined;
  if (snapshot !== undefined && !(snapshot.seq <= entries))
    throw new JournalUnusable(`${path} is ahead of the journal beside it: lines of the journal are lost`);
  return snapshot;
}
