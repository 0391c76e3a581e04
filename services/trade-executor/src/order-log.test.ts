import { createLogger } from '@fleet/shared/telemetry';
import { describe, expect, it } from 'vitest';
import { logAnswer } from './order-log.ts';
import type { Answer } from './venue/port.ts';

const ORDER = 'a1b2c3d4e5f60718293a4b5c6d7e8f90';
const intent = {
  kind: 'place',
  symbol: 'BTCUSDT',
  clientOrderId: ORDER,
  cancelClientOrderId: null,
  attempt: 1,
} as const;
const trace = { traceparent: '00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01', requestId: 'r-1' };

function lineOf(answer: Answer, traces = new Map([[ORDER, trace]])): Record<string, unknown> {
  const lines: string[] = [];
  const logger = createLogger({
    service: 'trade-executor',
    destination: { write: (line: string) => lines.push(line) },
  });
  logAnswer(logger, { traces }, intent, answer);
  expect(lines).toHaveLength(1);
  return JSON.parse(lines[0] ?? '') as Record<string, unknown>;
}

describe('the line of an answer', () => {
  it.each([
    [{ kind: 'rejected', code: 'ORDER_REJECTED', reason: 'too small' } as const, 'ORDER_REJECTED'],
    [{ kind: 'ambiguous', reason: 'no answer' } as const, undefined],
  ])('warns of what was not done: %j', (answer, code) => {
    const line = lineOf(answer);
    expect(line).toMatchObject({
      level: 'warn',
      orderId: ORDER,
      symbol: 'BTCUSDT',
      asked: 'place',
      reason: answer.reason,
    });
    expect(line['code']).toBe(code);
  });

  it('is found by order, request and trace', () => {
    const done = { kind: 'done', order: {} as never, canceled: null } as const;
    expect(lineOf(done)).toMatchObject({
      level: 'info',
      orderId: ORDER,
      requestId: 'r-1',
      traceId: '4bf92f3577b34da6a3ce929d0e0e4736',
    });
    expect(lineOf(done, new Map())).not.toHaveProperty('traceId');
  });
});
