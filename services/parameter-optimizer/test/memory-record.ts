import type { LocalInputs, Settlement } from '../src/optimizer/inputs.ts';
import type { LookRow, TrialRow } from '../src/optimizer/state.ts';
import type { StudyStart } from '../src/studies/study.ts';
import type { Book } from '../src/studies/study-run.ts';
import type { TrialRecord } from '../src/studies/trial-record.ts';

/** Rows of one study in memory; an input that comes again changes nothing, as behind the inbox. */
export class MemoryRecord implements TrialRecord {
  readonly rows = new Map<number, TrialRow>();
  readonly seen = new Map<number, Omit<LookRow, 'lookedAt'>>();
  start: StudyStart | null = null;
  settled: Settlement | null = null;
  /** After so many trials each further one is refused, like a process that is killed. */
  killAfter = Number.POSITIVE_INFINITY;

  readonly book: Book = async (type, _part, data) => {
    if (type === 'trial.finished') {
      if (this.rows.size >= this.killAfter) throw new Error('killed');
      const trial = data as LocalInputs['trial.finished'];
      if (!this.rows.has(trial.index)) this.rows.set(trial.index, trial);
    } else if (type === 'candidate.tested') {
      const look = data as LocalInputs['candidate.tested'];
      this.seen.set(look.index, look);
    } else if (type === 'study.started') this.start = (data as LocalInputs['study.started']).start;
    else if (type === 'study.settled') this.settled = data as Settlement;
    else throw new Error(`nothing books ${type}`);
  };

  async trials() {
    return [...this.rows.values()].toSorted((a, b) => a.index - b.index);
  }

  async looks() {
    return [...this.seen.values()].toSorted((a, b) => a.index - b.index);
  }

  async history() {
    return { trials: this.rows.size, testLooks: this.seen.size };
  }
}
