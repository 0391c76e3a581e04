import { describe, expect, it } from 'vitest';
import { Resources } from './index.ts';

describe('Resources', () => {
  it('closes in reverse order, once', async () => {
    const closed: string[] = [];
    const resources = new Resources();
    for (const name of ['first', 'second', 'third']) resources.add(name, () => closed.push(name));
    await Promise.all([resources.close(), resources.close()]);
    await resources.close();
    expect(closed).toEqual(['third', 'second', 'first']);
  });

  it('waits for each step before the next', async () => {
    const events: string[] = [];
    const resources = new Resources();
    resources.add('pool', () => events.push('pool'));
    resources.add('consumer', async () => {
      await new Promise(setImmediate);
      events.push('consumer');
    });
    await resources.close();
    expect(events).toEqual(['consumer', 'pool']);
  });

  it('survives failing steps and reports all of them', async () => {
    const closed: string[] = [];
    const resources = new Resources();
    resources.add('a', () => closed.push('a'));
    resources.add('b', () => Promise.reject(new Error('b broke')));
    resources.add('c', () => {
      throw new Error('c broke');
    });
    await expect(resources.close()).rejects.toMatchObject({
      code: 'CLOSE_FAILED',
      message: 'closing c: c broke; closing b: b broke',
    });
    expect(closed).toEqual(['a']);
  });

  it('leaves a step behind that does not end', async () => {
    const closed: string[] = [];
    const resources = new Resources();
    resources.add('a', () => closed.push('a'));
    resources.add('stuck', () => new Promise(() => undefined), { timeoutMs: 5 });
    await expect(resources.close()).rejects.toThrow('closing stuck: not closed after 5 ms');
    expect(closed).toEqual(['a']);
  });

  it('closes at once what is opened after closing began', async () => {
    const closed: string[] = [];
    const resources = new Resources();
    await resources.close();
    resources.add('late', () => closed.push('late'));
    await resources.close();
    expect(closed).toEqual(['late']);
  });

  it('keeps what closes itself', async () => {
    const closable = {
      open: true,
      close() {
        this.open = false;
      },
    };
    const resources = new Resources();
    expect(resources.use('it', closable)).toBe(closable);
    await resources.close();
    expect(closable.open).toBe(false);
  });
});
