// A service for the test of its life, started as a process of its own: `node run-service.fixture.ts MODE`.
import { setTimeout as sleep } from 'node:timers/promises';
import { z } from 'zod';
import { loadConfig } from '../config/index.ts';
import { FleetError } from '../errors/index.ts';
import { type Compose, requestExit, runService } from './index.ts';

const say = (word: string): void => void process.stdout.write(`said:${word}\n`);
const forever = (): Promise<never> => new Promise(() => undefined);

const MODES: Readonly<Record<string, Compose>> = {
  ok: async (resources) => {
    resources.add('pool', () => say('closed pool'));
    resources.add('http', () => say('closed http'));
    say('started');
    return { stopping: async () => say('draining') };
  },
  stuck: async (resources) => {
    resources.add('pool', () => say('closed pool'));
    resources.add('stuck', forever);
    say('started');
    return { stopping: forever };
  },
  'failed-start': async (resources) => {
    resources.add('pool', () => say('closed pool'));
    throw new FleetError('the key is upside down', { code: 'KEY_UPSIDE_DOWN', action: 'Turn the key.' });
  },
  config: async () => {
    loadConfig(z.object({ NEEDED: z.string() }), { env: {} });
    return {};
  },
  'slow-start': async (resources, signal) => {
    resources.add('pool', () => say('closed pool'));
    say('started');
    await sleep(600_000, undefined, { signal });
    return {};
  },
  'deaf-start': async (resources) => {
    resources.add('pool', () => say('closed pool'));
    say('started');
    return forever();
  },
  rejection: async (resources) => {
    resources.add('pool', () => say('closed pool'));
    setTimeout(() => void Promise.reject(new Error('nobody caught token=hunter2-top-secret')), 1);
    return { stopping: async () => say('draining') };
  },
  exception: async (resources) => {
    resources.add('pool', () => say('closed pool'));
    setTimeout(() => {
      throw new Error('thrown in a timer');
    }, 1);
    return { stopping: async () => say('draining') };
  },
  request: async (resources) => {
    resources.add('pool', () => say('closed pool'));
    setTimeout(() => requestExit('the run changed', 3), 1);
    return {};
  },
  'failed-close': async (resources) => {
    resources.add('pool', () => say('closed pool'));
    resources.add('http', () => Promise.reject(new Error('http broke')));
    say('started');
    return {};
  },
};

const mode = process.argv[2] ?? 'ok';
const compose = MODES[mode];
if (compose === undefined) throw new Error(`unknown mode ${mode}`);
// Something that keeps the process alive, as a server would.
setInterval(() => undefined, 60_000);
await runService('fixture', compose);
