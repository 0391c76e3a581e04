import { createHash, randomBytes } from 'node:crypto';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { JournalUnusable } from '../simulator-errors.ts';
import { readJson, writeDurably } from './durable-file.ts';

/** What a journal folder says about its current run. */
export interface RunRecord {
  readonly run: string;
  /** 1 for the folder's first run. */
  readonly counter: number;
  /** The market and the venue's rules: a run goes on only with the same. */
  readonly source: string;
  /** Wall time, ISO 8601. */
  readonly startedAt: string;
  readonly finished: boolean;
}

const recordSchema = z.strictObject({
  run: z.string().min(1),
  counter: z.int().positive(),
  source: z.string(),
  startedAt: z.string(),
  finished: z.boolean(),
});

const RECORD_FILE = 'run.json';

/**
 * The run to go on with, or a new one: the first, after a finished one, or `fresh`. Each run has its own folder.
 * @throws JournalUnusable when the unfinished run was made of another market or other rules.
 */
export function openRun(folder: string, source: string, fresh: boolean, wallTime: number): RunRecord {
  mkdirSync(folder, { recursive: true });
  const earlier = readRecord(folder);
  if (earlier !== null && !earlier.finished && !fresh) {
    if (earlier.source === source) return earlier;
    throw new JournalUnusable(
      `${folder} holds the unfinished run ${earlier.run} of another market or other rules of the venue`,
    );
  }
  const record = newRun(source, (earlier?.counter ?? 0) + 1, wallTime);
  mkdirSync(runFolder(folder, record), { recursive: true });
  writeDurably(join(folder, RECORD_FILE), JSON.stringify(record));
  return record;
}

/** A run's name is new in any folder: what a service keeps of an earlier run must never be taken for this one's. */
export function newRun(source: string, counter: number, wallTime: number): RunRecord {
  const seed = `${source}\n${counter}\n${wallTime}\n${randomBytes(8).toString('hex')}`;
  const short = createHash('sha256').update(seed).digest('hex').slice(0, 8);
  const startedAt = new Date(wallTime).toISOString();
  return { run: `sim-${short}-${counter}`, counter, source, startedAt, finished: false };
}

export function markFinished(folder: string, record: RunRecord): void {
  writeDurably(join(folder, RECORD_FILE), JSON.stringify({ ...record, finished: true }));
}

export function runFolder(folder: string, record: RunRecord): string {
  return join(folder, record.run);
}

function readRecord(folder: string): RunRecord | null {
  const path = join(folder, RECORD_FILE);
  const value = readJson(path);
  if (value === undefined) return null;
  const parsed = recordSchema.safeParse(value);
  if (!parsed.success) throw new JournalUnusable(`${path} is no run record`);
  return parsed.data;
}
