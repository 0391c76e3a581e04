import { createHash, createHmac, timingSafeEqual } from 'node:crypto';
import { SIGNATURE_WINDOW_MS } from '../incidents/limits.ts';
import { SlackRequestTooOld, SlackSignatureWrong } from './errors.ts';

export interface SignedRequest {
  /** The bytes as they came: another order of the form's fields would be another text. */
  readonly body: Buffer;
  readonly timestamp: string | undefined;
  readonly signature: string | undefined;
}

const DIGITS = /^\d{1,12}$/;
const SIGNATURE = /^v0=[0-9a-f]{64}$/;

/**
 * Slack's signature: https://docs.slack.dev/authentication/verifying-requests-from-slack
 * The time is looked at only after the signature, so that a clock that is off is told from a stranger.
 * Returns the name of the request, by which a repetition is known.
 * @throws SLACK_SIGNATURE_WRONG, SLACK_TIMESTAMP_OUT_OF_WINDOW
 */
export function verifySignature(secret: string, request: SignedRequest, nowMs: number): string {
  const { body, timestamp, signature } = request;
  if (timestamp === undefined || !DIGITS.test(timestamp) || signature === undefined)
    throw new SlackSignatureWrong('X-Slack-Request-Timestamp or X-Slack-Signature is missing or malformed');
  const expected = Buffer.from(signatureOf(secret, timestamp, body));
  const given = Buffer.from(signature);
  // timingSafeEqual throws on different lengths; the length of a signature is no secret.
  if (given.length !== expected.length || !SIGNATURE.test(signature) || !timingSafeEqual(given, expected))
    throw new SlackSignatureWrong('the signature is not that of the body and the signing secret');
  const offMs = nowMs - Number(timestamp) * 1_000;
  if (Math.abs(offMs) > SIGNATURE_WINDOW_MS) {
    const seconds = Math.round(Math.abs(offMs) / 1_000);
    throw new SlackRequestTooOld(
      `signed ${seconds} s ${offMs > 0 ? 'before' : 'after'} the time of this clock`,
    );
  }
  return createHash('sha256').update(expected).digest('hex');
}

/** `v0=` and the HMAC-SHA256 of `v0:<timestamp>:<raw body>`. */
export function signatureOf(secret: string, timestamp: string, body: Buffer): string {
  return `v0=${createHmac('sha256', secret).update(`v0:${timestamp}:`).update(body).digest('hex')}`;
}
