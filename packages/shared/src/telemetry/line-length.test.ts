import { describe, expect, it } from 'vitest';
import { createLogger, type Logger } from './index.ts';
import { boundLine, LINE_BYTES_MAX } from './line-length.ts';

/** What Docker's json-file driver takes as one line. */
const DOCKER_LINE_BYTES = 16 * 1024;

function lineOf(use: (logger: Logger) => void): string {
  const lines: string[] = [];
  use(createLogger({ service: 'test', destination: { write: (line: string) => lines.push(line) } }));
  expect(lines).toHaveLength(1);
  return lines[0] ?? '';
}

const deep = (levels: number): unknown =>
  levels === 0 ? 'x'.repeat(500) : { a: deep(levels - 1), b: deep(levels - 1) };

const LONG: readonly (readonly [string, (log: Logger) => void])[] = [
  [
    'a long text',
    (log) => log.info({ requestId: 'r1', body: 'x'.repeat(50_000), answer: 'x'.repeat(50_000) }, 'm'),
  ],
  ['a long message', (log) => log.info({ requestId: 'r1', body: 'x'.repeat(50_000) }, 'x'.repeat(50_000))],
  [
    'characters of several bytes',
    (log) => log.info({ requestId: 'r1', body: '€'.repeat(7_900), more: '😀'.repeat(3_900) }, 'm'),
  ],
  ['characters that JSON escapes', (log) => log.info({ requestId: 'r1', body: '\u0001'.repeat(7_900) }, 'm')],
  [
    'a long list',
    (log) =>
      log.info(
        {
          requestId: 'r1',
          list: Array.from({ length: 200 }, (_, index) => ({ index, text: 'x'.repeat(400) })),
        },
        'm',
      ),
  ],
  [
    'many fields',
    (log) =>
      log.info(
        {
          requestId: 'r1',
          ...Object.fromEntries(Array.from({ length: 190 }, (_, index) => [`f${index}`, 'x'.repeat(300)])),
        },
        'm',
      ),
  ],
  ['a tree', (log) => log.info({ requestId: 'r1', tree: deep(5) }, 'm')],
  ['causes with stacks', (log) => log.error({ requestId: 'r1', err: chain(6) }, 'm')],
];

function chain(length: number): Error {
  const error = new Error('y'.repeat(5_000), length === 0 ? {} : { cause: chain(length - 1) });
  error.stack = `Error\n${'    at somewhere (file.ts:1:1)\n'.repeat(400)}`;
  return error;
}

describe('the length of a line', () => {
  it.each(LONG)('stays below what the log driver splits: %s', (_name, use) => {
    const line = lineOf(use);
    expect(Buffer.byteLength(line)).toBeLessThanOrEqual(LINE_BYTES_MAX);
    expect(LINE_BYTES_MAX).toBeLessThan(DOCKER_LINE_BYTES);
    const fields = JSON.parse(line) as Record<string, unknown>;
    expect(fields).toMatchObject({ service: 'test', requestId: 'r1', truncated: true });
    expect(fields['originalBytes']).toBeGreaterThan(LINE_BYTES_MAX);
    expect(line.endsWith('}\n')).toBe(true);
  });

  it('leaves a line alone that fits', () => {
    const line = lineOf((log) => log.info({ body: 'x'.repeat(7_000) }, 'm'));
    expect(JSON.parse(line)).not.toHaveProperty('truncated');
    expect(boundLine(line)).toBe(line);
  });

  it('says what it cut', () => {
    const { body } = JSON.parse(boundLine(`${JSON.stringify({ body: 'x'.repeat(20_000) })}\n`)) as {
      body: string;
    };
    expect(body).toMatch(/^x{2000}… \(20000 characters\)$/);
  });

  it('keeps what a line is found by when nothing else fits', () => {
    const fields = Object.fromEntries(Array.from({ length: 60 }, (_, index) => [`n${index}`, deep(6)]));
    const line = boundLine(
      `${JSON.stringify({ level: 'error', time: 't', orderId: 'o1', ...fields, msg: 'm' })}\n`,
    );
    expect(Buffer.byteLength(line)).toBeLessThanOrEqual(LINE_BYTES_MAX);
    expect(JSON.parse(line)).toMatchObject({ level: 'error', time: 't', orderId: 'o1', truncated: true });
  });
});
