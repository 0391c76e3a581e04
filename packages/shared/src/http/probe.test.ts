import { describe, expect, it } from 'vitest';
import { probe } from './index.ts';

describe('probe', () => {
  it('says up with the time it took', async () => {
    expect(await probe('redis', async () => 'PONG')).toEqual({
      name: 'redis',
      status: 'up',
      latencyMs: expect.any(Number),
    });
  });

  it.each([
    [
      'an answer that fails',
      () => Promise.reject(new Error('redis://:hunter2@h is away')),
      'redis://[redacted]@h is away',
    ],
    ['an answer that never comes', () => new Promise(() => undefined), 'no answer after 5 ms'],
    [
      'a question that throws',
      () => {
        throw new Error('no client');
      },
      'no client',
    ],
  ])('says down on %s', async (_name, ask: () => Promise<unknown>, detail) => {
    expect(await probe('redis', ask, 5)).toMatchObject({ status: 'down', detail });
  });
});
