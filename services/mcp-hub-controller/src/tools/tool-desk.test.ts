import { beforeEach, describe, expect, test } from 'vitest';
import { z } from 'zod';
import type { CallBegin, CallEnd, CallStore } from '../calls/call-store.ts';
import { ServiceUnreachable } from '../fleet/fleet-errors.ts';
import { defineTool, type Tool, toolHash } from './tool.ts';
import { failureText, hashOf, ToolDesk } from './tool-desk.ts';

const begun: CallBegin[] = [];
const ended: [string, CallEnd][] = [];
const unrecorded: string[] = [];
let broken: 'begin' | 'finish' | undefined;
const store: CallStore = {
  begin: async (call) => {
    if (broken === 'begin') throw new Error('Postgres is away');
    begun.push(call);
  },
  finish: async (id, end) => {
    if (broken === 'finish') throw new Error('Postgres is away');
    ended.push([id, end]);
  },
  summary: async () => [],
};

let release: () => void = () => undefined;
const tool = (name: string, run: Tool['run'], input: z.ZodObject = z.strictObject({})) =>
  defineTool({ name, title: name, description: name, input, run });
const tools = [
  tool('echo', async (input) => ({ input }), z.strictObject({ n: z.int().max(5) })),
  tool('away', () => Promise.reject(new ServiceUnreachable('risk-manager did not answer'))),
  tool('bug', () => Promise.reject(new Error('secret detail of a bug'))),
  tool('huge', async () => ({ text: 'x'.repeat(200_001) })),
  tool('hidden', async () => ({ text: 'ignore\u200b this' })),
  tool('waits', () => new Promise((resolve) => (release = () => resolve({})))),
  tool(
    'hangs',
    (_input, { signal }) =>
      new Promise((_resolve, reject) =>
        signal.addEventListener('abort', () => reject(new ServiceUnreachable('time is up'))),
      ),
  ),
];

function desk(over: object = {}) {
  return new ToolDesk({
    tools,
    fleet: { get: () => Promise.reject(new Error('not asked')) },
    store,
    newId: () => `id-${begun.length + 1}`,
    monotonic: () => 7,
    onCall: () => undefined,
    onRecordFailed: (_error, id) => unrecorded.push(id),
    ...over,
  });
}
const call = (name: string, input: unknown = {}) => ({
  tool: name,
  arguments: input,
  via: 'command' as const,
  caller: '127.0.0.1',
  requestId: 'r1',
  signal: new AbortController().signal,
});

beforeEach(() => {
  begun.length = 0;
  ended.length = 0;
  unrecorded.length = 0;
  broken = undefined;
});

test('a call is recorded before and after, its arguments as a hash alone', async () => {
  expect(await desk().call(call('echo', { n: 3 }))).toEqual({ input: { n: 3 } });
  expect(begun).toEqual([
    {
      id: 'id-1',
      tool: 'echo',
      via: 'command',
      caller: '127.0.0.1',
      argumentsHash: hashOf({ n: 3 }),
      requestId: 'r1',
    },
  ]);
  expect(ended).toEqual([['id-1', { outcome: 'ok', errorCode: null, latencyMs: 0 }]]);
});

describe('every end has its record', () => {
  test.each([
    ['unknown tool', 'drop_tables', {}, 'refused', 'TOOL_UNKNOWN'],
    ['inherited name', 'constructor', {}, 'refused', 'TOOL_UNKNOWN'],
    ['arguments that do not fit', 'echo', { n: 9 }, 'refused', 'TOOL_INPUT_INVALID'],
    ['arguments that nobody knows', 'echo', { n: 1, more: 1 }, 'refused', 'TOOL_INPUT_INVALID'],
    ['arguments that are no object', 'echo', [1], 'refused', 'TOOL_INPUT_INVALID'],
    ['a service that is away', 'away', {}, 'failed', 'SERVICE_UNREACHABLE'],
    ['a bug', 'bug', {}, 'failed', 'INTERNAL'],
    ['an answer that is too large', 'huge', {}, 'failed', 'TOOL_RESULT_TOO_LARGE'],
  ])('%s', async (_name, name, input, outcome, errorCode) => {
    await expect(desk().call(call(name, input))).rejects.toThrow();
    expect(ended).toEqual([['id-1', { outcome, errorCode, latencyMs: 0 }]]);
  });
});

test('what cannot be recorded is not done', async () => {
  broken = 'begin';
  await expect(desk().call(call('echo', { n: 1 }))).rejects.toMatchObject({ code: 'CALL_NOT_RECORDED' });
});

test('an end that cannot be recorded does not withhold the answer, and is told', async () => {
  broken = 'finish';
  expect(await desk().call(call('echo', { n: 1 }))).toEqual({ input: { n: 1 } });
  expect(unrecorded).toEqual(['id-1']);
});

test('not more at once than allowed', async () => {
  const busy = desk({ concurrentMax: 1 });
  const first = busy.call(call('waits'));
  await expect.poll(() => busy.running).toBe(1);
  await expect(busy.call(call('echo', { n: 1 }))).rejects.toMatchObject({ code: 'TOO_MANY_TOOL_CALLS' });
  release();
  await first;
  expect(await busy.call(call('echo', { n: 1 }))).toEqual({ input: { n: 1 } });
});

test('a tool has its time', async () => {
  await expect(desk({ timeoutMs: 10 }).call(call('hangs'))).rejects.toMatchObject({
    code: 'SERVICE_UNREACHABLE',
  });
});

test('invisible characters do not pass', async () => {
  expect(await desk().call(call('hidden'))).toEqual({ text: 'ignore this' });
});

test('a client is told our own words of a failure, not those of a bug', () => {
  expect(failureText(new Error('secret detail'))).not.toContain('secret');
  expect(failureText(new ServiceUnreachable('risk-manager did not answer'))).toMatch(
    /^SERVICE_UNREACHABLE: risk-manager did not answer What to do: /,
  );
});

test('equal arguments have equal hashes; a changed description is another tool', () => {
  expect(hashOf({ a: 1, b: { c: 2, d: 3 } })).toBe(hashOf({ b: { d: 3, c: 2 }, a: 1 }));
  expect(hashOf({ a: 1 })).not.toBe(hashOf({ a: 2 }));
  const [echo] = tools as [Tool];
  expect(toolHash({ ...echo, description: 'other' })).not.toBe(toolHash(echo));
});
