import { describe, expect, it } from 'vitest';
import { childTraceparent, formatTraceparent, newTraceparent, parseTraceparent } from './index.ts';

// The example of https://www.w3.org/TR/trace-context/#examples-of-http-traceparent-headers
const EXAMPLE = '00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01';

describe('traceparent', () => {
  it('parses and formats the example of the specification', () => {
    const trace = parseTraceparent(EXAMPLE);
    expect(trace).toEqual({
      traceId: '4bf92f3577b34da6a3ce929d0e0e4736',
      spanId: '00f067aa0ba902b7',
      sampled: true,
    });
    expect(trace && formatTraceparent(trace)).toBe(EXAMPLE);
    expect(parseTraceparent(`${EXAMPLE.slice(0, -2)}00`)?.sampled).toBe(false);
  });

  it('takes a later version with further fields', () => {
    expect(parseTraceparent(`01${EXAMPLE.slice(2)}-what-comes`)?.traceId).toBe(
      '4bf92f3577b34da6a3ce929d0e0e4736',
    );
  });

  it.each([
    ['nothing', undefined],
    ['words', 'hello'],
    ['version ff', `ff${EXAMPLE.slice(2)}`],
    ['upper case', EXAMPLE.toUpperCase()],
    ['a zero trace id', `00-${'0'.repeat(32)}-00f067aa0ba902b7-01`],
    ['a zero span id', `00-4bf92f3577b34da6a3ce929d0e0e4736-${'0'.repeat(16)}-01`],
    ['version 00 with further fields', `${EXAMPLE}-x`],
  ])('refuses %s', (_name, header) => {
    expect(parseTraceparent(header)).toBeUndefined();
  });

  it('makes children of the same trace, and fresh traces without a valid parent', () => {
    const child = parseTraceparent(childTraceparent(EXAMPLE));
    expect(child).toMatchObject({ traceId: '4bf92f3577b34da6a3ce929d0e0e4736', sampled: true });
    expect(child?.spanId).not.toBe('00f067aa0ba902b7');
    expect(parseTraceparent(childTraceparent('junk'))).toBeDefined();
    expect(newTraceparent()).not.toBe(newTraceparent());
  });
});
