import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { delivery } from '../../test/builders.ts';
import { type Answer, type FakeSlack, fakeSlack } from '../../test/fake-slack.ts';
import { slackPoster } from './slack-poster.ts';

const token = 'xoxb-0123456789-secret';
let slack: FakeSlack;
beforeAll(async () => {
  slack = await fakeSlack();
});
afterEach(() => slack.always('accept'));
afterAll(() => slack.close());

const post = (timeoutMs = 5_000) => slackPoster({ token, apiUrl: slack.url, timeoutMs })(delivery(), null);

test('posts text, blocks and the delivery id with the token', async () => {
  expect(await post()).toMatchObject({ kind: 'sent', ts: expect.stringMatching(/^1700000000/) });
  const [posted] = slack.accepted;
  expect(posted).toMatchObject({
    channel: '#alerts',
    text: 'WARNING: No bars for 90 s',
    deliveryId: 'n1:1',
    authorization: `Bearer ${token}`,
  });
  expect(JSON.stringify(posted?.blocks)).toContain('BTCUSDT is silent.');
});

describe('answers of Slack', () => {
  const retry = { kind: 'retry', afterMs: null, needsPerson: false };
  test.each<[string, Answer, object]>([
    [
      '429 with Retry-After',
      { status: 429, retryAfter: 7 },
      { ...retry, error: 'ratelimited', afterMs: 7_000 },
    ],
    ['429 without it', { status: 429 }, { ...retry, error: expect.stringContaining('Retry header') }],
    [
      'a day of Retry-After is cut to an hour',
      { status: 429, retryAfter: 86_400 },
      { ...retry, afterMs: 3_600_000 },
    ],
    ['500', { status: 500, body: 'oops' }, { ...retry, error: 'HTTP 500' }],
    ['503', { status: 503, body: '' }, { ...retry, error: 'HTTP 503' }],
    ['a proxy that answers 200 with HTML', { status: 200, body: '<html>login</html>' }, { kind: 'retry' }],
    ['internal_error', { error: 'internal_error' }, { ...retry, error: 'internal_error' }],
    ['invalid_auth', { error: 'invalid_auth' }, { ...retry, error: 'invalid_auth', needsPerson: true }],
    ['not_in_channel', { error: 'not_in_channel' }, { ...retry, error: 'not_in_channel', needsPerson: true }],
    [
      'an error that nobody knows',
      { error: 'brand_new' },
      { ...retry, error: 'brand_new', needsPerson: true },
    ],
    ['msg_too_long', { error: 'msg_too_long' }, { kind: 'refused', error: 'msg_too_long' }],
    ['invalid_blocks', { error: 'invalid_blocks' }, { kind: 'refused', error: 'invalid_blocks' }],
  ])('%s', async (_name, answer, result) => {
    slack.script(answer);
    const before = slack.requests.length;
    expect(await post()).toMatchObject(result);
    expect(slack.requests.length - before).toBe(1); // the SDK repeats nothing by itself
  });

  test('no answer in time', async () => {
    slack.script('silent');
    expect(await post(50)).toMatchObject({ ...retry, error: expect.stringContaining('timeout') });
  });

  test('nobody listens', async () => {
    const away = slackPoster({ token, apiUrl: 'http://127.0.0.1:9/api' });
    const result = await away(delivery(), null);
    expect(result).toMatchObject(retry);
    expect(JSON.stringify(result)).not.toContain(token);
  });
});
