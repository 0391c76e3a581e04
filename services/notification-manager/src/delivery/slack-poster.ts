import { safeError } from '@fleet/shared/errors';
import {
  type ChatPostMessageArguments,
  LogLevel,
  WebAPIHTTPError,
  WebAPIPlatformError,
  WebAPIRateLimitedError,
  WebClient,
} from '@slack/web-api';
import type { Delivery } from '../notifying/notify-state.ts';
import { slackMessage } from './slack-message.ts';

export type PostResult =
  | { readonly kind: 'sent'; readonly ts: string }
  /** `afterMs`: what Slack asked for. `needsPerson`: repeating alone will not help (token, channel). */
  | {
      readonly kind: 'retry';
      readonly error: string;
      readonly afterMs: number | null;
      readonly needsPerson: boolean;
    }
  /** This message will never be taken. */
  | { readonly kind: 'refused'; readonly error: string };

export type SlackPoster = (delivery: Delivery) => Promise<PostResult>;

export interface SlackOptions {
  readonly token: string;
  /** Slack's own when absent. */
  readonly apiUrl?: string | undefined;
  readonly timeoutMs?: number;
}

const ANSWER_MS_MAX = 10_000;
const RETRY_AFTER_MS_MAX = 3_600_000;

/** https://docs.slack.dev/reference/methods/chat.postMessage#errors: faults of the message itself. */
const REFUSES_MESSAGE = new Set([
  'invalid_arguments',
  'invalid_blocks',
  'invalid_blocks_format',
  'invalid_metadata_format',
  'invalid_metadata_schema',
  'metadata_too_large',
  'msg_blocks_too_long',
  'msg_too_long',
  'no_text',
]);
/** Faults of Slack's own that pass. All others are the token's or the channel's: a person has to act. */
const PASSES = new Set([
  'fatal_error',
  'internal_error',
  'message_limit_exceeded',
  'rate_limited',
  'ratelimited',
  'request_timeout',
  'service_unavailable',
  'team_added_to_org',
]);

/** Posts by Slack's own SDK, whose repetitions are off: waiting, order and giving up are decided by the dispatcher. */
export function slackPoster(options: SlackOptions): SlackPoster {
  const client = new WebClient(options.token, {
    ...(options.apiUrl === undefined ? {} : { slackApiUrl: withSlash(options.apiUrl) }),
    retryConfig: { retries: 0 },
    rejectRateLimitedCalls: true,
    allowAbsoluteUrls: false,
    timeout: options.timeoutMs ?? ANSWER_MS_MAX,
    logger: silent,
  });
  return async (delivery) => {
    try {
      const { ts } = await client.chat.postMessage(slackMessage(delivery) as ChatPostMessageArguments);
      return { kind: 'sent', ts: ts ?? '' };
    } catch (error) {
      return postResultOf(error);
    }
  };
}

export function postResultOf(error: unknown): PostResult {
  if (error instanceof WebAPIRateLimitedError) {
    const afterMs = Math.min(Math.max(error.retryAfter, 0) * 1_000, RETRY_AFTER_MS_MAX);
    return { kind: 'retry', error: 'ratelimited', afterMs, needsPerson: false };
  }
  if (error instanceof WebAPIPlatformError) return platformResult(error.data.error);
  const passing = { kind: 'retry', afterMs: null, needsPerson: false } as const;
  if (error instanceof WebAPIHTTPError) return { ...passing, error: `HTTP ${error.statusCode}` };
  return { ...passing, error: safeError(error).message.slice(0, 200) };
}

function platformResult(code: string): PostResult {
  if (REFUSES_MESSAGE.has(code)) return { kind: 'refused', error: code };
  return { kind: 'retry', error: code, afterMs: null, needsPerson: !PASSES.has(code) };
}

function withSlash(url: string): string {
  return url.endsWith('/') ? url : `${url}/`;
}

/** The SDK's lines may hold messages and headers; what matters of them comes back as the result. */
const silent = {
  debug() {},
  info() {},
  warn() {},
  error() {},
  setLevel() {},
  getLevel: () => LogLevel.ERROR,
  setName() {},
};
