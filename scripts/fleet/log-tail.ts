import { existsSync, readFileSync, statSync } from 'node:fs';

const LINES_SHOWN = 15;
const LINE_CHARACTERS_MAX = 400;

export function logLength(file: string): number {
  return existsSync(file) ? statSync(file).size : 0;
}

/** The end of what was written since `from` (bytes), plain words before log lines. */
export function lastLines(file: string, from: number): string {
  const text = existsSync(file) ? readFileSync(file).subarray(from).toString('utf8') : '';
  const lines = text.trimEnd().split('\n');
  const words = lines.filter((line) => line !== '' && !line.startsWith('{'));
  return (words.length > 0 ? words : lines)
    .slice(-LINES_SHOWN)
    .map((line) => `  ${line.slice(0, LINE_CHARACTERS_MAX)}`)
    .join('\n');
}
