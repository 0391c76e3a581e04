import type { ReporterOptions } from 'knip';

/** A knip reporter that says how many files knip read, which its own reporters do not. */
export default function countFiles({ counters }: ReporterOptions): void {
  process.stdout.write(`knip: ${counters.processed} files read\n`);
}
