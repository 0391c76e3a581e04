import type { Finding } from './dependency-rules.ts';

/** Prints the findings and the count of files; returns the exit code. Nothing read is a failure: it proves nothing. */
export function report(check: string, filesRead: number, findings: readonly Finding[]): number {
  for (const { path, line, rule, message } of findings) {
    process.stdout.write(`${path}:${line} ${rule}: ${message}\n`);
  }
  process.stdout.write(`${check}: ${filesRead} files read, ${findings.length} findings\n`);
  if (filesRead === 0)
    process.stdout.write(`${check}: read nothing, so it says nothing: run it in the checkout\n`);
  return findings.length === 0 && filesRead > 0 ? 0 : 1;
}
