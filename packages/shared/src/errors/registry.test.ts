import { describe, expect, it } from 'vitest';
import { allErrors, defineError, errorDefinition, FleetError, isFleetError } from './index.ts';

const definition = {
  code: 'TEST_LAMP_BROKEN',
  title: 'The lamp is broken',
  status: 503,
  retry: 'retry',
  action: 'Change the bulb.',
} as const;

describe('defineError', () => {
  const LampBroken = defineError(definition);

  it('makes errors that carry code, retry, action, status, context and cause', () => {
    const cause = new Error('glass');
    const error = new LampBroken('lamp 3 is dark', { context: { lamp: 3 }, cause });
    expect(error).toBeInstanceOf(FleetError);
    const { code, status, retry, action } = definition;
    expect(error).toMatchObject({
      code,
      status,
      retry,
      action,
      message: 'lamp 3 is dark',
      context: { lamp: 3 },
    });
    expect(error.cause).toBe(cause);
    expect(error.name).toBe('TEST_LAMP_BROKEN');
  });

  it('takes the title as the message, and an action of the single case', () => {
    const error = new LampBroken(undefined, { action: 'Wait for daylight.' });
    expect(error.message).toBe('The lamp is broken');
    expect(error.action).toBe('Wait for daylight.');
  });

  it('lists definitions by code', () => {
    expect(errorDefinition('TEST_LAMP_BROKEN')).toEqual(definition);
    const codes = allErrors().map(({ code }) => code);
    expect(codes).toContain('TEST_LAMP_BROKEN');
    expect(codes).toEqual([...codes].sort());
  });

  it.each([
    ['a code in lower case', { ...definition, code: 'lamp' }, /use 3 to 64/],
    [
      'a status that is no error',
      { ...definition, code: 'TEST_LAMP_ON', status: 200 },
      /not an HTTP error status/,
    ],
    ['a code with other words', { ...definition, action: 'Sit in the dark.' }, /defined twice/],
  ])('refuses %s', (_name, wrong, words) => {
    expect(() => defineError(wrong)).toThrow(words);
  });

  it('takes the same definition twice, as a module loaded twice gives it', () => {
    expect(() => defineError({ ...definition })).not.toThrow();
  });
});

describe('isFleetError', () => {
  it('knows its own, others that say code, retry and action, and nothing else', () => {
    const foreign = Object.assign(new Error('x'), { code: 'A', action: 'b', retry: 'park' });
    expect([new FleetError('x', { code: 'A' }), foreign].map((error) => isFleetError(error))).toEqual([
      true,
      true,
    ]);
    const others = [new Error('x'), { code: 'A', action: 'b', retry: 'park' }, null, 'x'];
    expect(others.map((error) => isFleetError(error))).toEqual([false, false, false, false]);
  });
});
