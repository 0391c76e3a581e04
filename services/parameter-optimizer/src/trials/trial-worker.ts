/**
 * What the worker threads run. Known faults come back as values, because an error loses its code on the way between
 * threads; anything else is thrown and fails the task.
 */
import { getPriority, setPriority } from 'node:os';
import { performance } from 'node:perf_hooks';
import { isFleetError } from '@fleet/shared/errors';
import { candlesFromFolder, type FolderRequest } from '../candles/candle-folder.ts';
import { shareColumns } from '../candles/shared-columns.ts';
import { type ReportTask, reportOf, runTrial, type TrialTask } from './trial.ts';

export type WorkerTask =
  | ({ readonly kind: 'trial' } & TrialTask)
  | ({ readonly kind: 'report' } & ReportTask)
  | ({ readonly kind: 'load' } & FolderRequest);

export type WorkerAnswer =
  | { readonly ok: true; readonly value: unknown; readonly seconds: number }
  | { readonly ok: false; readonly code: string; readonly message: string };

/** The lowest that there is. */
const NICE_MAX = 19;

/** Given by the pool: so much below the process's own priority. On Linux the priority of a thread is its own. */
const nice = Number(process.argv[2] ?? 0);
try {
  if (nice > 0) setPriority(0, Math.min(NICE_MAX, getPriority(0) + nice));
} catch {
  // A system that forbids it runs the trials at the usual priority.
}

/** The pool calls it for each task. */
export default function run(task: WorkerTask): WorkerAnswer {
  const began = performance.now();
  try {
    return { ok: true, value: answer(task), seconds: (performance.now() - began) / 1_000 };
  } catch (error) {
    if (isFleetError(error)) return { ok: false, code: error.code, message: error.message };
    const { code } = error as { code?: unknown };
    if (typeof code === 'string') return { ok: false, code, message: (error as Error).message };
    throw error;
  }
}

function answer(task: WorkerTask): unknown {
  switch (task.kind) {
    case 'trial':
      return runTrial(task);
    case 'report':
      return reportOf(task);
    case 'load': {
      const columns = candlesFromFolder(task);
      return columns === null ? null : shareColumns(columns);
    }
  }
}
