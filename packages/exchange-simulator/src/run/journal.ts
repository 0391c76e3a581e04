import { closeSync, fdatasyncSync, ftruncateSync, openSync, readFileSync, writeSync } from 'node:fs';
import { z } from 'zod';
import type { Command } from '../exchange/command.ts';
import { JournalUnusable } from '../simulator-errors.ts';

/** One line: its number, the command, and how many user events it made (replaying must make as many). */
export interface JournalEntry {
  readonly seq: number;
  readonly command: Command;
  readonly events: number;
}

const targetSchema = z.strictObject({ symbol: z.string(), clientOrderId: z.string(), cancelId: z.string() });
const requestSchema = z.strictObject({
  clientOrderId: z.string(),
  symbol: z.string(),
  side: z.enum(['buy', 'sell']),
  type: z.enum(['MARKET', 'LIMIT', 'LIMIT_MAKER', 'STOP_LOSS']),
  quantity: z.string(),
  price: z.string().nullable(),
  stopPrice: z.string().nullable(),
});
const entrySchema = z.strictObject({
  seq: z.int().positive(),
  events: z.int().nonnegative(),
  command: z.discriminatedUnion('kind', [
    z.strictObject({ kind: z.literal('place'), request: requestSchema }),
    z.strictObject({ kind: z.literal('cancel'), targets: z.array(targetSchema) }),
    z.strictObject({
      kind: z.literal('replace'),
      target: targetSchema,
      request: requestSchema,
      allowFailure: z.boolean(),
    }),
    z.strictObject({ kind: z.literal('transfer'), asset: z.string(), amount: z.string() }),
    z.strictObject({
      kind: z.literal('step'),
      step: z.enum(['open', 'path', 'close', 'end']),
      openTime: z.int(),
    }),
  ]),
});

/** Append-only lines of JSON; `append` returns when the line is on the disk. */
export interface Journal {
  append(entry: JournalEntry): void;
  close(): void;
}

/** A journal that keeps nothing: the run ends with the process. */
export const noJournal: Journal = { append: () => undefined, close: () => undefined };

/**
 * Opens a journal and reads what it holds. A half-written last line (the process was cut while writing it; its
 * command was never answered) is cut off.
 * @throws JournalUnusable for a damaged line before the last, or a gap in the numbers.
 */
export function openJournal(path: string): { readonly journal: Journal; readonly entries: JournalEntry[] } {
  const { entries, goodBytes } = readEntries(path);
  const file = openSync(path, 'a');
  ftruncateSync(file, goodBytes);
  const journal = {
    append(entry: JournalEntry): void {
      writeSync(file, `${JSON.stringify(entry)}\n`);
      fdatasyncSync(file);
    },
    close: () => closeSync(file),
  };
  return { journal, entries };
}

function readEntries(path: string): { entries: JournalEntry[]; goodBytes: number } {
  const text = readOrEmpty(path);
  const end = text.lastIndexOf('\n') + 1;
  const whole = text.slice(0, end);
  const lines = whole.split('\n').slice(0, -1);
  const entries = lines.map((line, at) => parseEntry(path, line, at + 1));
  return { entries, goodBytes: Buffer.byteLength(whole) };
}

function parseEntry(path: string, line: string, number: number): JournalEntry {
  let value: unknown;
  try {
    value = JSON.parse(line);
  } catch (cause) {
    throw new JournalUnusable(`${path}: line ${number} is damaged`, { cause });
  }
  const parsed = entrySchema.safeParse(value);
  if (!parsed.success) throw new JournalUnusable(`${path}: line ${number} is no journal entry`);
  if (parsed.data.seq !== number)
    throw new JournalUnusable(`${path}: line ${number} has the number ${parsed.data.seq}: lines are missing`);
  return parsed.data;
}

function readOrEmpty(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return '';
    throw error;
  }
}
