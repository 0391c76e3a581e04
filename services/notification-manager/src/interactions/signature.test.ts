import { describe, expect, test } from 'vitest';
import { type SignedRequest, signatureOf, verifySignature } from './signature.ts';

// The example of https://docs.slack.dev/authentication/verifying-requests-from-slack
const secret = '8f742231b10e8888abcd99yyyzzz85a5';
const timestamp = '1531420618';
const body = Buffer.from(
  'token=xyzz0WbapA4vBCDEFasx0q6G&team_id=T1DC2JH3J&team_domain=testteamnow&channel_id=G8PSS9T3V&channel_name=foobar&user_id=U2CERLKJA&user_name=roadrunner&command=%2Fwebhook-collect&text=&response_url=https%3A%2F%2Fhooks.slack.com%2Fcommands%2FT1DC2JH3J%2F397700885554%2F96rGlfmibIGlgcZRskXaIFfN&trigger_id=398738663015.47445629121.803a0bc887a14d10d2c447fce8b6703c',
);
const signature = 'v0=a2114d57b48eac39b9ad189dd8316235a7b4a8d21a10bd27519666489c69b503';
const nowMs = Number(timestamp) * 1_000;
const request: SignedRequest = { body, timestamp, signature };
const verify = (over: Partial<SignedRequest> = {}, now = nowMs) =>
  verifySignature(secret, { ...request, ...over }, now);

test("Slack's own example passes, and names the request the same each time", () => {
  expect(signatureOf(secret, timestamp, body)).toBe(signature);
  expect(verify()).toMatch(/^[0-9a-f]{64}$/);
  expect(verify()).toBe(verify({}, nowMs + 299_000));
});

describe('refused', () => {
  test.each<[string, Partial<SignedRequest>]>([
    ['no signature', { signature: undefined }],
    ['no time', { timestamp: undefined }],
    ['another time under the signature', { timestamp: '1531420619' }],
    ['a time that is no number', { timestamp: '1531420618.0' }],
    ['a byte more', { body: Buffer.concat([body, Buffer.from('&')]) }],
    ['a shorter signature', { signature: signature.slice(0, -1) }],
    ['a longer signature', { signature: `${signature}0` }],
    ['another version', { signature: signature.replace('v0', 'v1') }],
    ['capital letters', { signature: signature.toUpperCase().replace('V0', 'v0') }],
    ['as many bytes that are no text', { signature: `v0=${'é'.repeat(32)}` }],
  ])('%s', (_name, over) => {
    expect(() => verify(over)).toThrow(expect.objectContaining({ code: 'SLACK_SIGNATURE_WRONG' }));
  });

  test.each([
    [300_000, true],
    [300_001, false],
    [-300_000, true],
    [-300_001, false],
  ])('a clock that is %i ms off passes: %s', (offMs, passes) => {
    const attempt = () => verify({}, nowMs + offMs);
    if (passes) expect(attempt()).toHaveLength(64);
    else
      expect(attempt).toThrow(
        expect.objectContaining({
          code: 'SLACK_TIMESTAMP_OUT_OF_WINDOW',
          message: expect.stringContaining(`300 s ${offMs > 0 ? 'before' : 'after'}`),
        }),
      );
  });
});
